// Package transport is the ways for bytes to travel between a program and a process that
// it starts. Each is a private duplex channel: what one end writes, the other reads, in
// order. Frames, tasks and pools are not known here.
//
//   - pipe: two pipes. Exists everywhere and is quick for small tasks; the default.
//   - socketpair: a Unix stream socket. One descriptor for both directions, and a peer
//     that dies shows at once; large transfers need fewer wake-ups than over pipes.
//   - shm: two rings in shared memory. The shortest round trip while a core is spare for
//     looking, and the most bytes a second; without a spare core a wake-up costs what it
//     costs elsewhere. Linux only.
//   - unix: a listening socket in a private folder. For a worker that is not the child of
//     the process it works for.
//   - tcp: a port on the loopback interface. As unix, for where there are no folders to
//     share; the slowest, and what a network would add is on top.
//
// # Opening
//
// The program opens a [Transport] and gets an [Offer]: the descriptors that the child is
// to inherit. It starts the child and accepts. The child calls [Adopt] with the number of
// the first of them, which is a socket that holds a ticket: which transport, its options
// and, for the ones that listen, the address and a secret. So nothing of it is in
// arguments, environment or a file. Over a listening transport each side proves that it
// has the secret before a byte is looked at otherwise; see auth.go.
//
// # Using
//
// A [Conn] is used in one of two ways. A worker, which has nothing else to do, calls Read
// and Write, which wait. A pool, whose goroutine waits for several things, calls TryRead
// and TryWrite and polls the descriptors of Poll together with its own; before it polls
// it calls Arm and after it Disarm, which is where shared memory gets a descriptor to
// wake it by:
//
//	if !c.Arm(want, spin) {
//		poll(c.Poll(), others...)
//		c.Disarm()
//	}
package transport

import (
	"strings"
	"time"
)

// A Transport is one way to connect two processes.
type Transport struct {
	Name string
	Doc  string // one line

	open func() (*Offer, error)
	spin func(time.Duration) Transport // nil: nothing to look at
}

// All returns the transports, each as it is without options. Those that this system lacks are
// among them, and refuse to open.
func All() []Transport {
	return []Transport{Pipe(), SocketPair(), SHM(SHMOptions{}), Unix(""), TCP()}
}

// Pipe returns the transport over two pipes.
func Pipe() Transport {
	return Transport{Name: "pipe", Doc: "two pipes", open: openPipe}
}

// SocketPair returns the transport over a pair of connected Unix stream sockets.
func SocketPair() Transport {
	return Transport{Name: "socketpair", Doc: "a pair of Unix stream sockets", open: openSocketPair}
}

// Unix returns the transport over a listening Unix socket, which is in a new folder in dir
// that no other user may enter; empty means the system's folder for temporary files. The
// folder is gone when the channel is open. Opening fails by an [AddressError] where the name
// of dir is too long for a socket.
func Unix(dir string) Transport {
	return Transport{
		Name: "unix", Doc: "a listening Unix socket in a private folder",
		open: func() (*Offer, error) { return openUnix(dir) },
	}
}

// TCP returns the transport over a port of the loopback interface.
func TCP() Transport {
	return Transport{Name: "tcp", Doc: "a port on the loopback interface", open: openTCP}
}

// Named returns the transport of that name, as it is without options: a [RefusedError] if
// there is none.
func Named(name string) (Transport, error) {
	var names []string
	for _, t := range All() {
		if t.Name == name {
			return t, nil
		}
		names = append(names, t.Name)
	}
	return Transport{}, &RefusedError{Transport: name, Reason: "there is no such; there are " + strings.Join(names, ", ")}
}

// Open prepares a channel to a process that is to be started. A [RefusedError] is a
// transport that cannot reach one here; other errors are of the system.
func (t Transport) Open() (*Offer, error) {
	o, err := t.open()
	if err != nil {
		return nil, wrap(t.Name, "open", err)
	}
	return o, nil
}

// Spin returns t with a child that looks for room for up to d before it sleeps, where t can
// and does not say for how long; see [SHMOptions].
func (t Transport) Spin(d time.Duration) Transport {
	if t.spin == nil {
		return t
	}
	return t.spin(d)
}

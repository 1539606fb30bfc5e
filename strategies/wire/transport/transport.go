// Package transport carries bytes between a program and a process that it starts. Each
// transport is a private duplex channel: one end reads the bytes of the other, in order. The
// package knows nothing of frames, tasks and pools.
//
//   - pipe: two pipes. It exists on every Unix and is quick for small tasks; the default.
//   - socketpair: a Unix stream socket. It takes one descriptor for both directions, shows at
//     once that a peer has died, and needs fewer wake-ups than pipes for large transfers.
//   - shm: two rings in shared memory, on Linux. It has the shortest round trip while a spare core
//     can poll for bytes, and moves the most bytes a second. Without a spare core a wake-up costs
//     as much as over a pipe.
//   - unix: a listening socket in a private folder, for a worker that is not a child of the process
//     that uses it.
//   - tcp: a port on the loopback interface, for processes that share no folder. It is the slowest,
//     and a network would be slower.
//
// On a system other than Unix every transport refuses to open, with a [RefusedError].
//
// # Opening
//
// The program opens a [Transport] and gets an [Offer]: the descriptors for the child to
// inherit. It starts the child and calls Accept. The child calls [Adopt] with the number of the
// first descriptor. That is a socket that holds a ticket: the name of the transport, its options
// and, for unix and tcp, the address and a secret. So none of these are in arguments, the
// environment or a file. Over unix and tcp each side proves that it has the secret before the other
// looks at any other byte; see auth.go.
//
// # Using
//
// A worker, which waits for its channel only, calls Read and Write of its [Conn], which wait. A pool,
// whose goroutine waits for several events, calls TryRead and TryWrite, and polls the descriptors of
// Poll together with its own. It calls Arm before the poll and Disarm after it, so that over shared
// memory the peer wakes it through a descriptor:
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
	spin func(time.Duration) Transport // nil if the ends never spin
}

// All returns the transports, each without options. It includes those that this system does not
// support, which refuse to open.
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

// Unix returns the transport over a listening Unix socket. The socket is in a new folder in dir that
// no other user may enter; an empty dir means the system's folder for temporary files. The folder is
// removed when the channel is open. Open returns an [AddressError] if the path is too long for a
// socket.
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

// Named returns the transport with that name, without options, or a [RefusedError] if there is none.
func Named(name string) (Transport, error) {
	var names []string
	for _, t := range All() {
		if t.Name == name {
			return t, nil
		}
		names = append(names, t.Name)
	}
	return Transport{}, &RefusedError{Transport: name, Reason: "unknown transport; choose one of " + strings.Join(names, ", ")}
}

// Open prepares a channel to a process that is about to be started. A [RefusedError] is a transport
// that this system does not support; other errors are errors of the system.
func (t Transport) Open() (*Offer, error) {
	o, err := t.open()
	return o, wrap(t.Name, "open", err)
}

// Spin returns t with an end that polls for room for up to d before it sleeps, if t can poll and has
// no Spin option of its own; see [SHMOptions].
func (t Transport) Spin(d time.Duration) Transport {
	if t.spin == nil {
		return t
	}
	return t.spin(d)
}

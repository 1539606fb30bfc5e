// Package transport carries bytes between a program and a process that the program starts. Each
// transport is a private channel in both directions: each end reads the bytes that the other end
// writes, in order. The package does not depend on frames, tasks and pools.
//
//   - pipe: two pipes. It exists on every Unix and is fast for small tasks; the default.
//   - socketpair: a Unix stream socket. It takes one descriptor for both directions, signals at
//     once that a peer has died, and needs fewer wake-ups than pipes for large transfers.
//   - shm: two rings in shared memory, on Linux. It has the shortest round trip if a core is free
//     to poll for bytes, and moves the most bytes per second. If no core is free, a wake-up costs
//     as much as over a pipe.
//   - unix: a listening socket in a private folder, for a worker that is not a child of the process
//     that uses it.
//   - tcp: a port on the loopback interface, for processes that share no folder. It is the slowest
//     transport; a real network would be slower still.
//
// On a system other than Unix every transport refuses to open, with a [RefusedError].
//
// # Opening
//
// The program opens a [Transport] and receives an [Offer], with the descriptors that the child
// inherits. It starts the child and calls Accept. The child calls [Adopt] with the number of the
// first descriptor. This descriptor is a socket that holds a ticket: the name of the transport, its
// options and, for unix and tcp, the address and a secret. Thus none of these are in arguments, the
// environment or a file. Over unix and tcp each side proves that it has the secret before the other
// side reads any further bytes; see auth.go.
//
// # Using
//
// A worker waits for its channel only. It calls Read and Write of its [Conn], which wait. A pool,
// in which one goroutine waits for several events, calls TryRead and TryWrite, and polls the
// descriptors of Poll together with others. It calls Arm before the poll and Disarm after it, so
// that over shared memory the peer wakes it through a descriptor:
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

// A Transport is a method to connect two processes by a channel, such as pipes or shared memory.
type Transport struct {
	Name string
	Doc  string // one line

	open func() (*Offer, error)
	spin func(time.Duration) Transport // nil if the transport never polls for room
}

// All returns all transports, without options. It includes transports that this system does not
// support; their method Open returns an error.
func All() []Transport {
	return []Transport{Pipe(), SocketPair(), SHM(SHMOptions{}), Unix(""), TCP()}
}

// Pipe returns the transport that uses two pipes.
func Pipe() Transport {
	return Transport{Name: "pipe", Doc: "two pipes", open: openPipe}
}

// SocketPair returns the transport that uses a pair of connected Unix stream sockets.
func SocketPair() Transport {
	return Transport{Name: "socketpair", Doc: "a pair of Unix stream sockets", open: openSocketPair}
}

// Unix returns the transport that uses a listening Unix socket. The socket is in a new folder that
// no other user may enter. The folder is in dir or, if dir is empty, in the system's folder for
// temporary files. It is removed once the channel is open. If the path is too long for a socket,
// Open returns an [AddressError].
func Unix(dir string) Transport {
	return Transport{
		Name: "unix", Doc: "a listening Unix socket in a private folder",
		open: func() (*Offer, error) { return openUnix(dir) },
	}
}

// TCP returns the transport that uses a port on the loopback interface.
func TCP() Transport {
	return Transport{Name: "tcp", Doc: "a port on the loopback interface", open: openTCP}
}

// Named returns the transport with the given name, without options. For an unknown name it returns
// a [RefusedError].
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

// Open prepares a channel to a process that the caller starts afterwards. The error is a
// [RefusedError] if t has an invalid option or this system does not support t. Otherwise it is an
// [OpenError] or an [AddressError].
func (t Transport) Open() (*Offer, error) {
	o, err := t.open()
	return o, wrap(t.Name, "open", err)
}

// Spin returns a copy of t whose Write polls for room for at most the time d before it sleeps; see
// [SHMOptions]. It returns t unchanged if Write of this transport cannot poll, or if t already has
// a polling time.
func (t Transport) Spin(d time.Duration) Transport {
	if t.spin == nil {
		return t
	}
	return t.spin(d)
}

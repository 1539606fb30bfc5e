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
//   - unix: a listening socket in a private folder. What a worker uses that is not the
//     child of who it works for.
//   - tcp: a port on the loopback interface. As unix, for where there are no folders to
//     share; the slowest, and what a network would add is on top.
//   - loopback: memory of one process. It reaches no other process: it is what codecs and
//     frames cost alone.
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

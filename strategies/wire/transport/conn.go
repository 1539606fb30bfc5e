package transport

import (
	"io"
	"time"
)

// A Want is what an end waits for.
type Want uint8

const (
	WantRead  Want = 1 << iota // bytes, or their end
	WantWrite                  // room
)

// A Conn is one end of a channel. One goroutine uses it at a time. After an error other
// than io.EOF it is of no use; both ends are told when the other is gone.
type Conn interface {
	// Read waits until there are bytes and reads them. io.EOF is the end, whether the
	// peer said so or died.
	io.Reader
	// Write waits until all of p is written. An error that is EPIPE is a peer that is
	// gone.
	io.Writer
	// TryRead is Read that does not wait: it reads nothing if there is nothing. Over shared
	// memory the death of a peer is noticed in Read and Disarm alone; who knows by other
	// means that the peer has ended reads until there is nothing.
	TryRead(p []byte) (int, error)
	// TryWrite is Write that does not wait: it writes what there is room for.
	TryWrite(p []byte) (int, error)
	// CloseWrite says that this end writes no more. The peer reads what there is and then
	// io.EOF.
	CloseWrite() error
	// Close gives everything back. It may be called again.
	Close() error

	// Poll returns the descriptors to wait for: read is readable when TryRead may say
	// something, write writable when TryWrite may have room. Where write is -1, read is
	// readable then too. They stay the same and belong to the
	// Conn.
	Poll() (read, write int)
	// Arm is called before waiting for what Poll returned. It looks for up to spin (which
	// makes sense only while a core is spare) and reports whether there is already
	// something, so that there is no need to wait.
	Arm(want Want, spin time.Duration) (ready bool)
	// Disarm is called after waiting.
	Disarm()
	// Await is TryRead that looks for up to limit. It yields its core to whoever else wants
	// it, the peer above all, between two looks; but it does not sleep, since to be woken takes
	// longer than a small task, and it keeps its thread and its place in Go's scheduler: a limit
	// is 200 µs at most. It looks less often after it did so in vain. Where a system or a
	// transport cannot do it, it is TryRead. Arm need not be called.
	Await(p []byte, limit time.Duration) (int, error)
}

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
// than io.EOF it is of no use. Each end notices when the other is gone.
type Conn interface {
	// Read waits until there are bytes and reads them. It returns io.EOF once the peer has
	// closed its end or died.
	io.Reader
	// Write waits until all of p is written. It returns EPIPE if the peer is gone.
	io.Writer
	// TryRead is Read that does not wait: it reads nothing if there is nothing. Over shared
	// memory only Read and Disarm notice the death of a peer. A caller that learns of it by
	// other means reads until there is nothing.
	TryRead(p []byte) (int, error)
	// TryWrite is Write that does not wait: it writes what there is room for.
	TryWrite(p []byte) (int, error)
	// CloseWrite says that this end writes no more. The peer reads what there is and then
	// io.EOF.
	CloseWrite() error
	// Close gives everything back. It may be called again.
	Close() error

	// Poll returns the descriptors to wait for. TryRead may have a result once read is
	// readable, and TryWrite may have room once write is writable, or read readable where
	// write is -1. The descriptors stay the same and belong to the Conn.
	Poll() (read, write int)
	// Arm is called before a wait for the descriptors of Poll. It looks for up to spin, which
	// makes sense only while a core is spare, and reports whether the caller need not wait.
	Arm(want Want, spin time.Duration) (ready bool)
	// Disarm is called after the wait.
	Disarm()
	// Await is TryRead that looks for up to limit and yields its core between two looks, to
	// the peer above all. It does not sleep, since a wake-up takes longer than a small task,
	// and keeps its thread and its place in Go's scheduler; so limit is 200 µs at most. It
	// looks less often after it looked in vain. Where a system or a transport cannot look,
	// Await is TryRead. Arm need not be called.
	Await(p []byte, limit time.Duration) (int, error)
}

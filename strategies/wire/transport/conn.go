package transport

import (
	"io"
	"time"
)

// A Want says which events an end waits for.
type Want uint8

const (
	WantRead  Want = 1 << iota // bytes, or the end of the data
	WantWrite                  // room
)

// A Conn is one end of a channel. One goroutine uses it at a time. After an error other than io.EOF
// it cannot be used any more. Each end detects when the other is gone.
type Conn interface {
	// Read waits for bytes and reads them. It returns io.EOF once the peer has closed its end or
	// died.
	io.Reader
	// Write waits until all of p is written. It returns EPIPE if the peer is gone.
	io.Writer
	// TryRead is Read without waiting: it returns 0 if there are no bytes. Over shared memory only
	// Read and Disarm detect the death of a peer. A caller that learns of it in another way calls
	// TryRead until it returns 0.
	TryRead(p []byte) (int, error)
	// TryWrite is Write without waiting: it writes as much as there is room for.
	TryWrite(p []byte) (int, error)
	// CloseWrite marks the end of the data of this end. The peer reads the rest and then io.EOF.
	CloseWrite() error
	// Close releases all resources. It may be called again.
	Close() error

	// Poll returns the descriptors to wait for. TryRead may return bytes once read is readable.
	// TryWrite may have room once write is writable or, if write is -1, once read is readable.
	// The descriptors do not change and belong to the Conn.
	Poll() (read, write int)
	// Arm must be called before a wait for the descriptors of Poll. It polls the channel for up to
	// spin, which is useful only with a spare core, and reports whether the wait is unnecessary.
	Arm(want Want, spin time.Duration) (ready bool)
	// Disarm must be called after the wait.
	Disarm()
	// Await is TryRead that polls the channel for up to limit, and yields the CPU between polls,
	// mainly to the peer. It does not sleep, since a wake-up takes longer than a small task, and
	// keeps its thread and its place in Go's scheduler; so limit should be at most 200 µs. It polls
	// less often after it has polled in vain. If the system or the transport cannot poll, Await is
	// TryRead. Arm need not be called.
	Await(p []byte, limit time.Duration) (int, error)
}

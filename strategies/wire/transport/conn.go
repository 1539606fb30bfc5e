package transport

import (
	"io"
	"time"
)

// A Want is a set of events that one end of a channel waits for: bytes to read, or room to write.
type Want uint8

const (
	WantRead  Want = 1 << iota // bytes to read, or the end of the data
	WantWrite                  // room to write
)

// A Conn is one end of a channel. Only one goroutine at a time may use it. After an error other
// than io.EOF, it cannot be used any more. It detects when the process at the other end is gone.
type Conn interface {
	// Read waits for bytes and reads them. It returns io.EOF once the peer has closed its end or
	// its process has ended.
	io.Reader
	// Write waits until all of p is written. It returns EPIPE if the peer is gone.
	io.Writer
	// TryRead is Read without waiting: it returns 0 if there are no bytes. Over shared memory only
	// Read and Disarm detect that the peer has died. A caller that learns of the death in another
	// way calls TryRead until it returns 0.
	TryRead(p []byte) (int, error)
	// TryWrite is Write without waiting: it writes as many bytes as there is room for.
	TryWrite(p []byte) (int, error)
	// CloseWrite ends the data in the direction from this end. The peer reads what was written
	// before and then io.EOF.
	CloseWrite() error
	// Close releases all resources. It is idempotent.
	Close() error

	// Poll returns the descriptors to wait for. When read is readable, TryRead may return bytes.
	// When write is writable, TryWrite may have room; if write is -1, the descriptor read signals
	// room too. The descriptors do not change and belong to the Conn.
	Poll() (read, write int)
	// Arm must be called before a wait for the descriptors of Poll. It first polls the channel for
	// up to spin, which is useful only if a core is free, and reports whether the wait is
	// unnecessary.
	Arm(want Want, spin time.Duration) (ready bool)
	// Disarm must be called after the wait for the descriptors of Poll.
	Disarm()
	// Await is TryRead, but polls the channel for up to limit until there are bytes. Between polls
	// it yields the CPU, mainly to the peer. It does not sleep, since a wake-up takes longer than a
	// small task. Its thread stays busy for Go's scheduler, so limit should be at most 200 µs.
	// After polls without success it polls less often. If the system or the transport cannot poll,
	// Await is TryRead. Arm need not be called.
	Await(p []byte, limit time.Duration) (int, error)
}

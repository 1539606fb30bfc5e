package transport

import (
	"io"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Loopback returns the transport in the memory of this process. It reaches no other
// process, so Open is refused; Pair is what it is for.
func Loopback() Transport {
	return Transport{
		Name: "loopback", Doc: "memory of one process",
		open: func() (*Offer, error) {
			return nil, &RefusedError{Transport: "loopback", Reason: "it reaches no other process; choose another transport for worker processes"}
		},
		pair: func() (Conn, Conn, error) {
			to, fro := newQueue(), newQueue()
			return &loop{in: fro, out: to}, &loop{in: to, out: fro}, nil
		},
	}
}

// A loop is one end of a loopback.
type loop struct{ in, out *queue }

func (l *loop) Read(p []byte) (int, error)                   { return l.in.read(p, true) }
func (l *loop) TryRead(p []byte) (int, error)                { return l.in.read(p, false) }
func (l *loop) TryWrite(p []byte) (int, error)               { return l.out.write(p, false) }
func (l *loop) CloseWrite() error                            { l.out.close(false); return nil }
func (l *loop) Poll() (read, write int)                      { return -1, -1 }
func (l *loop) Arm(Want, time.Duration) bool                 { return false }
func (l *loop) Disarm()                                      {}
func (l *loop) Await(p []byte, _ time.Duration) (int, error) { return l.TryRead(p) }

func (l *loop) Write(p []byte) (sent int, err error) {
	for sent < len(p) && err == nil {
		var n int
		n, err = l.out.write(p[sent:], true)
		sent += n
	}
	return sent, err
}

func (l *loop) Close() error {
	l.in.close(true)
	l.out.close(false)
	return nil
}

// A queue is one direction.
type queue struct {
	mu      sync.Mutex
	changed sync.Cond
	data    [bufferSize]byte
	r, n    int  // data from r on, n bytes, around the end
	closed  bool // nobody writes any more
	gone    bool // nobody reads any more
}

func newQueue() *queue {
	q := new(queue)
	q.changed.L = &q.mu
	return q
}

func (q *queue) read(p []byte, waits bool) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for waits && q.n == 0 && !q.closed && !q.gone && len(p) > 0 {
		q.changed.Wait()
	}
	if q.n == 0 && (q.closed || q.gone) {
		return 0, io.EOF
	}
	n := min(len(p), q.n)
	first := copy(p[:n], q.data[q.r:])
	copy(p[first:n], q.data[:])
	q.r = (q.r + n) % len(q.data)
	q.n -= n
	q.changed.Signal()
	return n, nil
}

func (q *queue) write(p []byte, waits bool) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for waits && q.n == len(q.data) && !q.closed && !q.gone {
		q.changed.Wait()
	}
	if q.closed || q.gone {
		return 0, unix.EPIPE
	}
	n := min(len(p), len(q.data)-q.n)
	w := (q.r + q.n) % len(q.data)
	first := copy(q.data[w:], p[:n])
	copy(q.data[:], p[first:n])
	q.n += n
	q.changed.Signal()
	return n, nil
}

func (q *queue) close(reader bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if reader {
		q.gone = true
	} else {
		q.closed = true
	}
	q.changed.Broadcast()
}

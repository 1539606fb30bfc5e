package procs

import (
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sys/unix"
)

// write writes what the channel takes.
func (l *lane) write() {
	if l.unsent() && !l.p.ended {
		n, err := l.p.conn.TryWrite(l.out[l.sent:])
		l.sent += n
		if l.sent == len(l.out) && err == nil {
			n, err = l.p.conn.TryWrite(l.lent)
			l.lent = l.lent[n:]
		}
		switch {
		case errors.Is(err, unix.EPIPE):
			l.lose(io.EOF)
		case err != nil:
			l.lose(fmt.Errorf("write: %w", err))
		case l.unsent():
			return
		}
	}
	l.drop()
}

// unsent reports whether there is something to be written.
func (l *lane) unsent() bool { return l.sent < len(l.out) || len(l.lent) > 0 }

// drop forgets what was to be written. A buffer that a large task has grown goes too.
func (l *lane) drop() {
	l.out, l.sent, l.lent = l.out[:0], 0, nil
	if cap(l.out) > keepBytes {
		l.out = nil
	}
}

// read takes in what the worker has sent, and reports whether there was anything,
// its end included.
func (l *lane) read() (heard bool) { return l.readFor(0) }

// readFor is read that waits for up to limit; see transport.Conn.Await.
func (l *lane) readFor(limit time.Duration) (heard bool) {
	if l.interrupted {
		if err := l.dispatch(); err != nil {
			l.p.spoilt = true
			l.lose(err)
			return true
		}
	}
	n, err := l.p.receive(limit)
	if err == nil && n > 0 {
		err = l.dispatch()
	}
	if err != nil {
		l.p.spoilt = err != io.EOF
		l.lose(err)
	}
	return n > 0 || err != nil
}

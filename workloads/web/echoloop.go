package web

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
)

// A socket is a non-blocking connection that only the poller of an event loop watches, not Go's own
// poller. If both pollers watched it, every byte would wake both.
type socket int

func (s socket) Close() error { return unix.Close(int(s)) }

// connect returns a socket connected to the server at the given address.
func connect(ctx context.Context, address string) (s socket, err error) {
	c, err := dial(ctx, address)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	raw, err := c.(*net.TCPConn).SyscallConn()
	if err != nil {
		return 0, err
	}
	refused := raw.Control(func(fd uintptr) {
		var own int
		own, err = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) // the copy of the descriptor is non-blocking too
		s = socket(own)
	})
	return s, errors.Join(refused, err)
}

// begin does on an event loop what call does on a goroutine: it sends the message of v and passes
// the answer to done. If it needs a new connection, it connects on another goroutine, since
// connecting blocks. It keeps that connection for other tasks even if this task has ended by then.
func begin(ctx context.Context, pool *kept[socket], v visit, ev strategies.Events, done func([]byte, error)) {
	s, ok := pool.take(v.Server)
	if !ok {
		go func() {
			s, err := connect(ctx, v.Server)
			if err != nil {
				done(nil, err)
				return
			}
			pool.give(v.Server, s)
			ev.Post(func() { begin(ctx, pool, v, ev, done) })
		}()
		return
	}
	x := &exchange{socket: s, ev: ev, sending: true, left: message(v)}
	x.answer = x.left[:v.Size+1]
	x.end = func(err error) {
		if err != nil {
			s.Close()
			done(nil, err)
			return
		}
		pool.give(v.Server, s)
		done(x.answer[:v.Size], nil)
	}
	x.goOn(nil)
}

// An exchange is a call in progress on an event loop. Each step sends or receives as many bytes as
// the system can transfer without blocking.
type exchange struct {
	socket  socket
	ev      strategies.Events
	sending bool
	answer  []byte
	left    []byte // rest of the message to send; later the rest of the answer to receive
	end     func(error)
}

// goOn continues the exchange: it sends and receives until the next operation would block. err is
// the error of the wait that has just ended.
func (x *exchange) goOn(err error) {
	for err == nil && len(x.left) > 0 {
		var n int
		if x.sending {
			n, err = unix.Write(int(x.socket), x.left)
		} else {
			n, err = unix.Read(int(x.socket), x.left)
		}
		switch {
		case n > 0:
			x.left = x.left[n:]
		case err == nil:
			err = io.ErrUnexpectedEOF
		case err == syscall.EINTR:
			err = nil
		case err == syscall.EAGAIN && x.sending:
			x.ev.Writable(int(x.socket), x.goOn)
			return
		case err == syscall.EAGAIN:
			x.ev.Readable(int(x.socket), x.goOn)
			return
		}
	}
	if err == nil && x.sending {
		x.sending, x.left = false, x.answer
		x.ev.Readable(int(x.socket), x.goOn) // the server waits before it answers, so there is nothing to read yet
		return
	}
	x.end(err)
}

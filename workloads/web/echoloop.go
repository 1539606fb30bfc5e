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

// A socket is the descriptor of a non-blocking connection. Only the poller of an event loop watches
// it. If Go's own poller watched it too, every byte would wake both pollers.
type socket int

func (s socket) Close() error { return unix.Close(int(s)) }

// connect returns a socket that is connected to the server at the given address. The caller must
// close the socket.
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
		own, err = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) // like the original, the copy of the descriptor is non-blocking
		s = socket(own)
	})
	return s, errors.Join(refused, err)
}

// begin does the same as [call], but on an event loop. It sends the message of the task v and
// passes the payload of the answer to done. If there is no open connection, begin makes one on
// another goroutine, because connecting blocks. If the task has ended before the connection is
// made, begin keeps the connection for other tasks.
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
	left    []byte // while sending, the rest of the message; afterwards the part of answer to receive
	end     func(error)
}

// goOn continues the exchange after a wait: it sends and receives until an operation would block.
// The argument err is the error of the wait.
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
		x.ev.Readable(int(x.socket), x.goOn) // wait before the first read, because the server does not answer at once
		return
	}
	x.end(err)
}

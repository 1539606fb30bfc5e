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

// A socket is a connection that does not wait and that Go's own poller knows nothing of: who
// uses it is told by an event loop's poller, and every byte would wake the other too.
type socket int

func (s socket) Close() error { return unix.Close(int(s)) }

// connect makes a socket.
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
		own, err = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) // it stays non-blocking
		s = socket(own)
	})
	return s, errors.Join(refused, err)
}

// begin is call for an event loop. A connection that is missing is made on a goroutine, since
// that waits; it is kept whatever becomes of the task.
func begin(ctx context.Context, pool *kept[socket], v visit, ev *strategies.Events, done func([]byte, error)) {
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
	x := &exchange{socket: s, ev: ev, left: message(v)}
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
	x.send(nil)
}

// An exchange is a call under way on an event loop: sent and received in as many pieces as the
// system takes and has.
type exchange struct {
	socket socket
	ev     *strategies.Events
	answer []byte
	left   []byte // of the message, and then of the answer
	end    func(error)
}

// send goes on sending, unless err says that waiting to do so has ended.
func (x *exchange) send(err error) {
	for err == nil && len(x.left) > 0 {
		var n int
		switch n, err = unix.Write(int(x.socket), x.left); err {
		case nil:
			x.left = x.left[n:]
		case syscall.EINTR:
			err = nil
		case syscall.EAGAIN:
			x.ev.Writable(int(x.socket), x.send)
			return
		}
	}
	if err != nil {
		x.end(err)
		return
	}
	x.left = x.answer
	x.ev.Readable(int(x.socket), x.receive) // the server has yet to wait
}

// receive goes on receiving, unless err says that waiting to do so has ended.
func (x *exchange) receive(err error) {
	for err == nil && len(x.left) > 0 {
		var n int
		switch n, err = unix.Read(int(x.socket), x.left); {
		case n > 0:
			x.left = x.left[n:]
		case err == nil:
			err = io.ErrUnexpectedEOF
		case err == syscall.EINTR:
			err = nil
		case err == syscall.EAGAIN:
			x.ev.Readable(int(x.socket), x.receive)
			return
		}
	}
	x.end(err)
}

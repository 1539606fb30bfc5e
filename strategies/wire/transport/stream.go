//go:build unix

package transport

import (
	"io"
	"time"

	"golang.org/x/sys/unix"
)

// A stream is one end of a channel over non-blocking descriptors.
type stream struct {
	in, out int // different numbers even if both are one socket, since pollers need that
	socket  bool
	lookout lookout
}

// newStream returns an end of a channel that reads from the descriptor in and writes to the
// descriptor out. If out is -1, the descriptor in must be a stream socket, and the end uses it for
// both directions.
func newStream(in, out int) (*stream, error) {
	s := &stream{in: in, out: out, socket: out < 0}
	if s.socket {
		var err error
		if s.out, err = unix.FcntlInt(uintptr(in), unix.F_DUPFD_CLOEXEC, 0); err != nil {
			return nil, err
		}
	}
	for _, fd := range []int{s.in, s.out} {
		if err := unix.SetNonblock(fd, true); err != nil {
			if s.socket {
				closeAll(s.out)
			}
			return nil, err
		}
	}
	return s, nil
}

func openPipe() (*Offer, error) {
	theirIn, out, err := pipe()
	in, theirOut := -1, -1
	if err == nil {
		in, theirOut, err = pipe()
	}
	widenPipe(in)
	widenPipe(out)
	return offerStream("pipe", in, out, []int{theirIn, theirOut}, err)
}

func openSocketPair() (*Offer, error) {
	a, b, err := socketPair()
	widenSocket(a)
	widenSocket(b)
	return offerStream("socketpair", a, -1, []int{b}, err)
}

// offerStream returns the Offer of a channel. The end in this process has the descriptors in and
// out, and the child inherits the descriptors in theirs. If err is not nil, or if offerStream
// itself fails, it closes all of these descriptors and returns the error.
func offerStream(transport string, in, out int, theirs []int, err error) (*Offer, error) {
	here, there := -1, -1
	if err == nil {
		here, there, err = ticket{Transport: transport}.issue()
		closeAll(here) // this process receives nothing from it
	}
	var s *stream
	if err == nil {
		s, err = newStream(in, out)
	}
	if err != nil {
		closeAll(append(theirs, in, out, there)...)
		return nil, err
	}
	return &Offer{Files: append([]int{there}, theirs...), conn: s}, nil
}

// bufferSize is the size of a transport's buffer in each direction, on transports that allow to set
// it.
const bufferSize = 256 << 10

// widenSocket asks the system for larger buffers of the socket fd. If the system refuses, the
// buffers stay as they are.
func widenSocket(fd int) {
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, bufferSize)
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, bufferSize)
}

func (s *stream) Read(p []byte) (int, error) {
	for {
		n, err := s.Await(p, lookFor)
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
		if err := s.await(s.in, unix.POLLIN); err != nil {
			return 0, err
		}
	}
}

func (s *stream) TryRead(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for {
		n, err := read(s.in, p)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			return 0, nil
		case err == unix.ECONNRESET, err == nil && n == 0:
			return 0, io.EOF
		}
		return max(n, 0), err
	}
}

func (s *stream) Write(p []byte) (sent int, err error) {
	for sent < len(p) && err == nil {
		var n int
		n, err = s.TryWrite(p[sent:])
		sent += n
		if err == nil && sent < len(p) {
			err = s.await(s.out, unix.POLLOUT)
		}
	}
	return sent, err
}

func (s *stream) TryWrite(p []byte) (sent int, err error) {
	for sent < len(p) {
		n, err := write(s.out, p[sent:])
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			return sent, nil
		case err == unix.ECONNRESET:
			err = unix.EPIPE
		}
		if err != nil {
			return sent, err
		}
		sent += n
	}
	return sent, nil
}

// await waits until one of the given poll events occurs on the descriptor fd, or until fd has an
// error. It has no time limit.
func (s *stream) await(fd int, events int16) error {
	if briefly(fd, events, brief) {
		return nil
	}
	_, err := wait(fd, events, -1)
	return err
}

func (s *stream) CloseWrite() error {
	if s.out < 0 {
		return nil
	}
	if s.socket {
		if err := unix.Shutdown(s.out, unix.SHUT_WR); err != nil && err != unix.ENOTCONN {
			return err
		}
	}
	closeAll(s.out)
	s.out = -1
	return nil
}

func (s *stream) Close() error {
	closeAll(s.in, s.out)
	s.in, s.out = -1, -1
	return nil
}

func (s *stream) Poll() (read, write int)      { return s.in, s.out }
func (s *stream) Arm(Want, time.Duration) bool { return false }
func (s *stream) Disarm()                      {}

func (s *stream) Await(p []byte, limit time.Duration) (n int, err error) {
	if n, err = s.TryRead(p); n > 0 || err != nil || len(p) == 0 {
		return n, err
	}
	s.lookout.look(limit, 1, func() bool {
		n, err = s.TryRead(p)
		return n > 0 || err != nil
	})
	return n, err
}

// wait waits until one of the given poll events occurs on the descriptor fd, until fd has an error,
// or until the timeout has passed. The result ready is true in the first two cases. A negative
// timeout means no timeout. If a signal interrupts wait, it returns early.
func wait(fd int, events int16, timeout time.Duration) (ready bool, err error) {
	ms := -1
	if timeout >= 0 {
		ms = int((timeout + time.Millisecond - 1) / time.Millisecond)
	}
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: events}}, ms)
	if err == unix.EINTR {
		return false, nil
	}
	return n > 0, err
}

func closeAll(fds ...int) {
	for _, fd := range fds {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
}

package transport

import (
	"io"
	"time"

	"golang.org/x/sys/unix"
)

// A stream is an end that is descriptors, which do not block.
type stream struct {
	in, out int // different numbers even where they are one socket, for pollers' sake
	socket  bool
	lookout lookout
}

// newStream returns the end that is two descriptors.
func newStream(in, out int) (*stream, error) {
	for _, fd := range []int{in, out} {
		if err := unix.SetNonblock(fd, true); err != nil {
			return nil, err
		}
	}
	return &stream{in: in, out: out}, nil
}

// newSocket returns the end that is the stream socket fd.
func newSocket(fd int) (*stream, error) {
	out, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	s, err := newStream(fd, out)
	if err != nil {
		closeAll(out)
		return nil, err
	}
	s.socket = true
	return s, nil
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

func (s *stream) Write(p []byte) (int, error) {
	sent := 0
	for sent < len(p) {
		n, err := s.TryWrite(p[sent:])
		sent += n
		if err == nil && sent < len(p) {
			err = s.await(s.out, unix.POLLOUT)
		}
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
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

// await waits until fd is ready for events, an error included.
func (s *stream) await(fd int, events int16) error {
	if briefly(fd, events, brief) {
		return nil
	}
	return wait(fd, events, -1)
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
	s.lookout.look(limit, func() bool {
		n, err = s.TryRead(p)
		return n > 0 || err != nil
	})
	return n, err
}

// wait waits until fd is ready for events, an error included, for at most timeout unless
// that is negative. It returns nil at any time.
func wait(fd int, events int16, timeout time.Duration) error {
	ms := -1
	if timeout >= 0 {
		ms = int((timeout + time.Millisecond - 1) / time.Millisecond)
	}
	fds := []unix.PollFd{{Fd: int32(fd), Events: events}}
	if _, err := unix.Poll(fds, ms); err != nil && err != unix.EINTR {
		return err
	}
	return nil
}

func closeAll(fds ...int) {
	for _, fd := range fds {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
}

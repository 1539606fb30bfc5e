package transport

import (
	"io"
	"time"

	"golang.org/x/sys/unix"
)

// A stream is an end that is descriptors. They block until the first Try, so that a
// worker that only waits makes one system call for a read.
type stream struct {
	in, out int // different numbers even where they are one socket, for pollers' sake
	socket  bool
	tries   bool // they do not block
}

// newSocket returns the end that is the stream socket fd.
func newSocket(fd int) (*stream, error) {
	out, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return &stream{in: fd, out: out, socket: true}, nil
}

func (s *stream) Read(p []byte) (int, error) {
	for {
		n, err := s.read(p)
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
		if err := wait(s.in, unix.POLLIN, -1); err != nil {
			return 0, err
		}
	}
}

func (s *stream) TryRead(p []byte) (int, error) {
	if err := s.try(); err != nil {
		return 0, err
	}
	return s.read(p)
}

// read reads once: nothing if that would block a descriptor that does not block.
func (s *stream) read(p []byte) (int, error) {
	for {
		n, err := unix.Read(s.in, p)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			return 0, nil
		case err == unix.ECONNRESET, err == nil && n == 0 && len(p) > 0:
			return 0, io.EOF
		}
		return max(n, 0), err
	}
}

func (s *stream) Write(p []byte) (int, error) {
	sent := 0
	for sent < len(p) {
		n, err := s.write(p[sent:])
		sent += n
		if err == nil && n == 0 {
			err = wait(s.out, unix.POLLOUT, -1)
		}
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}

func (s *stream) TryWrite(p []byte) (sent int, err error) {
	if err := s.try(); err != nil {
		return 0, err
	}
	for sent < len(p) && err == nil {
		var n int
		if n, err = s.write(p[sent:]); n == 0 {
			break
		}
		sent += n
	}
	return sent, err
}

func (s *stream) write(p []byte) (int, error) {
	for {
		n, err := unix.Write(s.out, p)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			return 0, nil
		case err == unix.ECONNRESET:
			return 0, unix.EPIPE
		}
		return max(n, 0), err
	}
}

func (s *stream) try() error {
	if s.tries {
		return nil
	}
	s.tries = true
	for _, fd := range []int{s.in, s.out} {
		if fd < 0 {
			continue
		}
		if err := unix.SetNonblock(fd, true); err != nil {
			return err
		}
	}
	return nil
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

func (s *stream) Poll() (read, write int)      { s.try(); return s.in, s.out }
func (s *stream) Arm(Want, time.Duration) bool { return false }
func (s *stream) Disarm()                      {}

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

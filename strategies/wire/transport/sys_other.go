//go:build unix && !linux

package transport

import (
	"errors"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// closedOnExec calls the function open, and sets close-on-exec for the two descriptors that it
// returns. On these systems this is possible only after the descriptors exist, so closedOnExec lets
// no process start in between.
func closedOnExec(open func() ([2]int, error)) (a, b int, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	p, err := open()
	if err != nil {
		return -1, -1, err
	}
	unix.CloseOnExec(p[0])
	unix.CloseOnExec(p[1])
	return p[0], p[1], nil
}

// pipe returns the read end and the write end of a new pipe. The system closes both in a process
// that executes another program.
func pipe() (r, w int, err error) {
	return closedOnExec(func() (p [2]int, err error) {
		err = unix.Pipe(p[:])
		return p, err
	})
}

// widenPipe does nothing. On these systems, either pipes grow by themselves or their size cannot be
// changed.
func widenPipe(int) {}

// socketPair returns two connected sockets, closed on exec.
func socketPair() (a, b int, err error) {
	return closedOnExec(func() ([2]int, error) { return unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0) })
}

// socket returns a new stream socket, non-blocking and closed on exec.
func socket(domain int) (int, error) {
	return adapted(func() (int, error) { return unix.Socket(domain, unix.SOCK_STREAM, 0) })
}

// acceptSocket accepts a connection and returns its socket, non-blocking and closed on exec.
func acceptSocket(fd int) (int, error) {
	return adapted(func() (int, error) {
		c, _, err := unix.Accept(fd)
		return c, err
	})
}

// adapted calls the function open, and makes the returned socket non-blocking and closed on exec.
func adapted(open func() (int, error)) (int, error) {
	fd, _, err := closedOnExec(func() ([2]int, error) {
		fd, err := open()
		return [2]int{fd, fd}, err
	})
	if err != nil {
		return -1, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

func read(fd int, p []byte) (int, error)  { return unix.Read(fd, p) }
func write(fd int, p []byte) (int, error) { return unix.Write(fd, p) }

// brief is 0, since on this system Go's scheduler is notified of every wait.
const brief = 0

// briefly returns false at once. On this system, waits of any length notify Go's scheduler.
func briefly(int, int16, time.Duration) bool { return false }

// A lookout makes an end of a channel poll for bytes before the end sleeps. On this system it never
// polls; look_linux.go has the lookout that does.
type lookout struct{}

const (
	lookFor = 0
	blind   = 1
)

func (*lookout) look(time.Duration, int, func() bool) bool { return false }

func openSHM(SHMOptions) (*Offer, error) {
	return nil, &RefusedError{"shm", runtime.GOOS + " has no futex; choose socketpair or pipe", errors.ErrUnsupported}
}

func (t ticket) takeSHM(int, int) (Conn, error) {
	_, err := openSHM(SHMOptions{})
	return nil, err
}

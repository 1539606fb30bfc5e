package procs

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A poller waits for the descriptors of one lane together. It is an epoll descriptor
// that Go's own poller watches, so a lane that waits holds no thread: threads that
// come and go in system calls cost more than the tasks do.
type poller struct {
	fd   int
	file *os.File
	raw  syscall.RawConn
	try  func(uintptr) bool

	events   [4]unix.EpollEvent
	n        int
	deadline time.Time // of file; it may be earlier than a wait needs
	in, err  int       // watched, or -1
	out      int
	writing  bool // room in in is waited for
}

// newPoller returns one that a waker interrupts, unless that is negative.
func newPoller(waker int) (*poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	p := &poller{fd: fd, in: -1, out: -1, err: -1}
	p.try = func(uintptr) bool {
		p.n = poll(p.fd, p.events[:])
		return p.n > 0
	}
	if err = unix.SetNonblock(fd, true); err == nil && waker >= 0 {
		err = p.control(unix.EPOLL_CTL_ADD, waker, readyWoken, unix.EPOLLIN)
	}
	p.file = os.NewFile(uintptr(fd), "epoll")
	if err == nil {
		p.raw, err = p.file.SyscallConn()
	}
	if err == nil {
		err = p.file.SetReadDeadline(time.Time{}) // says whether Go's poller has it
	}
	if err != nil {
		p.file.Close()
		return nil, fmt.Errorf("epoll: %w", err)
	}
	return p, nil
}

func (p *poller) control(op, fd int, what sign, events uint32) error {
	return unix.EpollCtl(p.fd, op, fd, &unix.EpollEvent{Events: events, Fd: int32(what)})
}

// watch adds the descriptors of a process.
func (p *poller) watch(in, out, stderr int) error {
	p.in, p.out, p.err, p.writing = in, out, stderr, false
	return errors.Join(
		p.control(unix.EPOLL_CTL_ADD, out, readyOut, unix.EPOLLIN),
		p.control(unix.EPOLL_CTL_ADD, stderr, readyStderr, unix.EPOLLIN),
		p.watchIn(),
	)
}

// watchIn adds what says that there is room, which not every channel has on its own.
func (p *poller) watchIn() error {
	if p.in < 0 {
		return nil
	}
	return p.control(unix.EPOLL_CTL_ADD, p.in, readyIn, 0)
}

// drop forgets a descriptor before it is closed.
func (p *poller) drop(fd *int) {
	if *fd >= 0 {
		p.control(unix.EPOLL_CTL_DEL, *fd, 0, 0)
		*fd = -1
	}
}

func (p *poller) dropIn()     { p.drop(&p.in) }
func (p *poller) dropStderr() { p.drop(&p.err) }
func (p *poller) dropAll()    { p.drop(&p.in); p.drop(&p.out); p.drop(&p.err) }

// wait waits for the descriptors, with writing also for room in the input, for at most
// timeout unless that is negative.
func (p *poller) wait(timeout time.Duration, writing bool) (r sign) {
	if writing != p.writing && p.in >= 0 {
		p.writing = writing
		events := uint32(0)
		if writing {
			events = unix.EPOLLOUT
		}
		p.control(unix.EPOLL_CTL_MOD, p.in, readyIn, events)
	}
	var until time.Time
	if timeout >= 0 {
		until = time.Now().Add(timeout)
		if p.deadline.IsZero() || p.deadline.After(until) {
			p.setDeadline(until)
		}
	}
	for p.raw.Read(p.try) != nil {
		if !until.IsZero() && !time.Now().Before(until) {
			p.setDeadline(time.Time{})
			return 0
		}
		p.setDeadline(until)
	}
	for _, e := range p.events[:p.n] {
		r |= sign(e.Fd)
	}
	return r
}

func (p *poller) setDeadline(t time.Time) {
	p.deadline = t
	p.file.SetReadDeadline(t)
}

func (p *poller) close() { p.file.Close() }

// poll is unix.EpollWait that does not wait, and is no matter for Go's scheduler.
func poll(fd int, events []unix.EpollEvent) int {
	n, _, err := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(fd), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), 0, 0, 0)
	if err != 0 {
		return 0
	}
	return int(n)
}

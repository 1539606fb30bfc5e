package procs

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
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
	bell     bool // out is heard only when its end was asked to ring it
	reading  bool // bytes from out are waited for
	writing  bool // room in in is waited for

	awake atomic.Bool // wake was called
}

// newPoller returns one that watches nothing yet.
func newPoller() (*poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	p := &poller{fd: fd, in: -1, out: -1, err: -1}
	p.try = func(uintptr) bool {
		p.n = poll(p.fd, p.events[:])
		return p.n > 0
	}
	err = unix.SetNonblock(fd, true)
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
	p.in, p.out, p.err, p.bell, p.reading, p.writing = in, out, stderr, in < 0, true, false
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

// expect sets what the next waits, and one that is at work, wait for beside the worker's end
// and its standard error: bytes from it, room in its input.
func (p *poller) expect(reading, writing bool) {
	if reading != p.reading && p.out >= 0 && !p.bell {
		p.reading = reading
		events := uint32(unix.EPOLLRDHUP)
		if reading {
			events = unix.EPOLLIN
		}
		p.control(unix.EPOLL_CTL_MOD, p.out, readyOut, events)
	}
	if writing != p.writing && p.in >= 0 {
		p.writing = writing
		events := uint32(0)
		if writing {
			events = unix.EPOLLOUT
		}
		p.control(unix.EPOLL_CTL_MOD, p.in, readyIn, events)
	}
}

// wait waits for the descriptors, for at most timeout unless that is negative.
func (p *poller) wait(timeout time.Duration) (r sign) {
	var until time.Time
	if timeout >= 0 {
		until = time.Now().Add(timeout)
		if p.deadline.IsZero() || p.deadline.After(until) {
			p.setDeadline(until)
		}
	}
	for p.n = 0; !p.awake.Load() && p.raw.Read(p.try) != nil && !p.awake.Load(); {
		if !until.IsZero() && !time.Now().Before(until) {
			p.setDeadline(time.Time{})
			return 0
		}
		p.setDeadline(until)
	}
	if p.awake.Load() {
		p.awake.Store(false) // what was to be seen is looked at after it
		p.setDeadline(time.Time{})
		p.n = poll(p.fd, p.events[:])
		r = readyWoken
	}
	for _, e := range p.events[:p.n] {
		r |= sign(e.Fd)
	}
	return r
}

// wake makes the wait that is at work, or the next one, return. Anybody may call it, after
// close too.
//
// It goes through Go's scheduler alone, as a deadline that has passed: the goroutine that
// waits is then the next to run on the caller's processor. A descriptor that is written to
// would be found by some other thread of Go's, which has to be woken for it, and the two
// threads cost a round trip more than the task and its way to the worker.
//
// The waiter looks at awake after each deadline that it sets itself, so that none of them
// makes this one forgotten.
func (p *poller) wake() {
	if !p.awake.Swap(true) {
		p.file.SetReadDeadline(passed)
	}
}

var passed = time.Unix(1, 0)

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

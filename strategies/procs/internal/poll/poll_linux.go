package poll

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

// A Poller waits for the descriptors of one worker. It is an epoll descriptor that Go's own
// poller watches, so a goroutine that waits holds no thread: threads that come and go in
// system calls cost more than small tasks do.
type Poller struct {
	fd   int
	file *os.File
	raw  syscall.RawConn
	try  func(uintptr) bool

	events   [4]unix.EpollEvent
	n        int
	deadline time.Time       // of file; it may be earlier than a wait needs
	watched  [In + 1]watched // by sign
	bell     bool            // out is heard only when its end was asked to ring it

	awake atomic.Bool // Wake was called
}

// A watched is a descriptor, or -1, and what of it is waited for.
type watched struct {
	fd     int
	events uint32
}

// New returns a Poller that watches nothing yet.
func New() (*Poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	p := &Poller{fd: fd}
	for s := range p.watched {
		p.watched[s].fd = -1
	}
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
		err = p.file.SetReadDeadline(time.Time{}) // fails if Go's poller has not taken it
	}
	if err != nil {
		p.file.Close()
		return nil, fmt.Errorf("epoll: %w", err)
	}
	return p, nil
}

// watch adds a descriptor.
func (p *Poller) watch(s Sign, fd int, events uint32) error {
	p.watched[s] = watched{fd, events}
	if fd < 0 {
		return nil
	}
	return unix.EpollCtl(p.fd, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: events, Fd: int32(s)})
}

// change changes what of a descriptor is waited for.
func (p *Poller) change(s Sign, events uint32) {
	if w := &p.watched[s]; w.fd >= 0 && w.events != events {
		w.events = events
		unix.EpollCtl(p.fd, unix.EPOLL_CTL_MOD, w.fd, &unix.EpollEvent{Events: events, Fd: int32(s)})
	}
}

// Watch adds the descriptors of a worker. In is -1 where a channel has none of its own for
// room.
func (p *Poller) Watch(in, out, stderr int) error {
	p.bell = in < 0
	return errors.Join(p.watch(Out, out, unix.EPOLLIN), p.watch(Stderr, stderr, unix.EPOLLIN), p.watch(In, in, 0))
}

// WatchEnd makes Wait report Woken when a child has ended, and reports whether this system can.
func (p *Poller) WatchEnd(pid int) bool {
	fd, err := unix.PidfdOpen(pid, 0)
	return err == nil && p.watch(Woken, fd, unix.EPOLLIN) == nil
}

// Drop forgets the descriptors of these signs before they are closed.
func (p *Poller) Drop(signs ...Sign) {
	for _, s := range signs {
		if w := &p.watched[s]; w.fd >= 0 {
			unix.EpollCtl(p.fd, unix.EPOLL_CTL_DEL, w.fd, nil)
			w.fd = -1
		}
	}
}

// ExpectOut sets whether Wait, also one at work, waits for bytes from the worker. It always
// waits for the worker's end and its standard error.
func (p *Poller) ExpectOut(on bool) {
	switch {
	case p.bell:
	case on:
		p.change(Out, unix.EPOLLIN)
	default:
		p.change(Out, unix.EPOLLRDHUP)
	}
}

// ExpectIn sets whether Wait, also one at work, waits for room in the worker's input.
func (p *Poller) ExpectIn(on bool) {
	if on {
		p.change(In, unix.EPOLLOUT)
	} else {
		p.change(In, 0)
	}
}

// Wait waits for the descriptors, for at most timeout unless that is negative.
func (p *Poller) Wait(timeout time.Duration) (r Sign) {
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
		p.awake.Store(false) // what a caller of Wake published is looked at after this
		p.setDeadline(time.Time{})
		p.n = poll(p.fd, p.events[:])
		r = Woken
	}
	for _, e := range p.events[:p.n] {
		r |= Sign(e.Fd)
	}
	return r
}

// Wake makes the Wait that is at work, or the next one, return. Any goroutine may call it,
// also after Close.
//
// It goes through Go's scheduler alone, as a deadline that has passed: the goroutine that
// waits is then the next to run on the caller's processor. A descriptor that is written to
// would be found by another thread of Go's, which has to be woken for it, and the two threads
// cost a round trip more than the task and its way to the worker.
//
// Wait looks at awake after each deadline that it sets, so that none of them hides this one.
func (p *Poller) Wake() {
	if !p.awake.Swap(true) {
		p.file.SetReadDeadline(passed)
	}
}

var passed = time.Unix(1, 0)

func (p *Poller) setDeadline(t time.Time) {
	p.deadline = t
	p.file.SetReadDeadline(t)
}

// Close frees the Poller.
func (p *Poller) Close() {
	p.file.Close()
	if w := p.watched[Woken]; w.fd >= 0 {
		unix.Close(w.fd)
	}
}

// poll is unix.EpollWait that does not wait and that Go's scheduler does not notice.
func poll(fd int, events []unix.EpollEvent) int {
	n, _, err := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(fd), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), 0, 0, 0)
	if err != 0 {
		return 0
	}
	return int(n)
}

// Pipe returns the ends of a pipe, closed on exec.
func Pipe() (r, w int, err error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return -1, -1, err
	}
	return p[0], p[1], nil
}

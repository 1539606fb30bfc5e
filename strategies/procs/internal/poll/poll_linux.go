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
// poller watches, so a waiting goroutine holds no thread. Threads that block and unblock in
// system calls cost more than small tasks take.
type Poller struct {
	fd   int
	file *os.File
	raw  syscall.RawConn
	try  func(uintptr) bool

	events   [4]unix.EpollEvent
	n        int
	deadline time.Time       // of file; may be earlier than the current wait needs
	watched  [In + 1]watched // by sign
	bell     bool            // out is a bell: readable only after the peer was asked to ring it

	awake atomic.Bool // Wake was called
}

// A watched is a descriptor, or -1, and the events to wait for on it.
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
		err = p.file.SetReadDeadline(time.Time{}) // fails if Go's poller does not watch fd
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

// change sets the events to wait for on a descriptor.
func (p *Poller) change(s Sign, events uint32) {
	if w := &p.watched[s]; w.fd >= 0 && w.events != events {
		w.events = events
		unix.EpollCtl(p.fd, unix.EPOLL_CTL_MOD, w.fd, &unix.EpollEvent{Events: events, Fd: int32(s)})
	}
}

// Watch adds the descriptors of a worker. In is -1 if no descriptor of the channel signals
// room.
func (p *Poller) Watch(in, out, stderr int) error {
	p.bell = in < 0
	return errors.Join(p.watch(Out, out, unix.EPOLLIN), p.watch(Stderr, stderr, unix.EPOLLIN), p.watch(In, in, 0))
}

// WatchEnd makes Wait report Woken when a child has ended. It returns false if it cannot.
func (p *Poller) WatchEnd(pid int) bool {
	fd, err := unix.PidfdOpen(pid, 0)
	return err == nil && p.watch(Woken, fd, unix.EPOLLIN) == nil
}

// Drop stops watching the descriptors of these signs. Call it before they are closed.
func (p *Poller) Drop(signs ...Sign) {
	for _, s := range signs {
		if w := &p.watched[s]; w.fd >= 0 {
			unix.EpollCtl(p.fd, unix.EPOLL_CTL_DEL, w.fd, nil)
			w.fd = -1
		}
	}
}

// ExpectOut sets whether Wait, even one in progress, waits for data from the worker. Wait always
// reports the worker's end and its standard error.
func (p *Poller) ExpectOut(on bool) {
	switch {
	case p.bell:
	case on:
		p.change(Out, unix.EPOLLIN)
	default:
		p.change(Out, unix.EPOLLRDHUP)
	}
}

// ExpectIn sets whether Wait, even one in progress, waits for room in the worker's input.
func (p *Poller) ExpectIn(on bool) {
	if on {
		p.change(In, unix.EPOLLOUT)
	} else {
		p.change(In, 0)
	}
}

// Wait waits for an event. A negative timeout means no timeout.
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
		p.awake.Store(false) // the caller then sees all data published before Wake
		p.setDeadline(time.Time{})
		p.n = poll(p.fd, p.events[:])
		r = Woken
	}
	for _, e := range p.events[:p.n] {
		r |= Sign(e.Fd)
	}
	return r
}

// Wake makes the current or the next Wait return. Any goroutine may call it, also after Close.
//
// Wake sets a deadline in the past, so only Go's scheduler is involved: the waiting goroutine
// runs next on the caller's processor. A byte written to a descriptor would be found by another
// thread of the Go runtime, which has to be woken first. Those two thread switches cost a round
// trip more than the task and its way to the worker.
//
// Wait checks awake after each deadline that it sets, so it cannot miss this one.
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

// poll is unix.EpollWait without waiting, hidden from Go's scheduler.
func poll(fd int, events []unix.EpollEvent) int {
	n, _, err := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(fd), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), 0, 0, 0)
	if err != 0 {
		return 0
	}
	return int(n)
}

// Pipe returns the ends of a new pipe, closed on exec.
func Pipe() (r, w int, err error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return -1, -1, err
	}
	return p[0], p[1], nil
}

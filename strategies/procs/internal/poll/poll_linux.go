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

	events       [4]unix.EpollEvent
	n            int
	deadline     time.Time // of file; it may be earlier than a wait needs
	in, out, err int       // watched, or -1
	child        int       // a descriptor that stands for a process, or -1
	bell         bool      // out is heard only when its end was asked to ring it
	reading      bool      // bytes from out are waited for
	writing      bool      // room in in is waited for

	awake atomic.Bool // Wake was called
}

// New returns a Poller that watches nothing yet.
func New() (*Poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	p := &Poller{fd: fd, in: -1, out: -1, err: -1, child: -1}
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

func (p *Poller) control(op, fd int, what Sign, events uint32) error {
	return unix.EpollCtl(p.fd, op, fd, &unix.EpollEvent{Events: events, Fd: int32(what)})
}

// Watch adds the descriptors of a worker. In is -1 where a channel has none of its own for
// room.
func (p *Poller) Watch(in, out, stderr int) error {
	p.in, p.out, p.err, p.bell, p.reading, p.writing = in, out, stderr, in < 0, true, false
	err := errors.Join(
		p.control(unix.EPOLL_CTL_ADD, out, Out, unix.EPOLLIN),
		p.control(unix.EPOLL_CTL_ADD, stderr, Stderr, unix.EPOLLIN),
	)
	if in >= 0 {
		err = errors.Join(err, p.control(unix.EPOLL_CTL_ADD, in, In, 0))
	}
	return err
}

// WatchEnd makes Wait report Out when a child has ended, and reports whether this system can.
func (p *Poller) WatchEnd(pid int) bool {
	var err error
	if p.child, err = unix.PidfdOpen(pid, 0); err != nil {
		return false
	}
	return p.control(unix.EPOLL_CTL_ADD, p.child, Out, unix.EPOLLIN) == nil
}

// drop forgets a descriptor before it is closed.
func (p *Poller) drop(fd *int) {
	if *fd >= 0 {
		p.control(unix.EPOLL_CTL_DEL, *fd, 0, 0)
		*fd = -1
	}
}

// DropIn forgets the worker's input before it is closed.
func (p *Poller) DropIn() { p.drop(&p.in) }

// DropStderr forgets the worker's standard error before it is closed.
func (p *Poller) DropStderr() { p.drop(&p.err) }

// DropAll forgets all descriptors of the worker before they are closed.
func (p *Poller) DropAll() { p.drop(&p.in); p.drop(&p.out); p.drop(&p.err) }

// ExpectOut sets whether Wait, also one at work, waits for bytes from the worker. It always
// waits for the worker's end and its standard error.
func (p *Poller) ExpectOut(on bool) {
	if on != p.reading && p.out >= 0 && !p.bell {
		p.reading = on
		p.control(unix.EPOLL_CTL_MOD, p.out, Out, events(on, unix.EPOLLIN, unix.EPOLLRDHUP))
	}
}

// ExpectIn sets whether Wait, also one at work, waits for room in the worker's input.
func (p *Poller) ExpectIn(on bool) {
	if on != p.writing && p.in >= 0 {
		p.writing = on
		p.control(unix.EPOLL_CTL_MOD, p.in, In, events(on, unix.EPOLLOUT, 0))
	}
}

func events(on bool, yes, no uint32) uint32 {
	if on {
		return yes
	}
	return no
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
	if p.child >= 0 {
		unix.Close(p.child)
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

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

// A Poller waits for events on the descriptors of one worker. It is an epoll descriptor that the
// poller of the Go runtime watches, so a waiting goroutine holds no thread. Threads that block and
// unblock in system calls would cost more time than small tasks take.
type Poller struct {
	fd   int
	file *os.File
	raw  syscall.RawConn
	try  func(uintptr) bool

	events   [4]unix.EpollEvent
	n        int
	deadline time.Time       // read deadline of file; may be earlier than the current wait needs
	watched  [In + 1]watched // indexed by sign
	bell     bool            // whether out is a bell: a descriptor that is readable only after the peer was asked to write to it

	awake atomic.Bool // whether Wake was called
}

// A watched holds a descriptor and the system events to wait for on it. A descriptor of -1 means
// that there is none.
type watched struct {
	fd     int
	events uint32
}

// New returns a Poller without descriptors.
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
		err = p.file.SetReadDeadline(time.Time{}) // fails if the Go runtime's poller does not watch fd
	}
	if err != nil {
		p.file.Close()
		return nil, fmt.Errorf("epoll: %w", err)
	}
	return p, nil
}

// watch adds the descriptor fd to the Poller. When one of the given system events occurs on it,
// Wait reports s.
func (p *Poller) watch(s Sign, fd int, events uint32) error {
	p.watched[s] = watched{fd, events}
	if fd < 0 {
		return nil
	}
	return unix.EpollCtl(p.fd, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: events, Fd: int32(s)})
}

// change sets the system events for which the Poller waits on the descriptor that belongs to s.
func (p *Poller) change(s Sign, events uint32) {
	if w := &p.watched[s]; w.fd >= 0 && w.events != events {
		w.events = events
		unix.EpollCtl(p.fd, unix.EPOLL_CTL_MOD, w.fd, &unix.EpollEvent{Events: events, Fd: int32(s)})
	}
}

// Watch adds three descriptors of a worker to the Poller: in becomes ready when the worker has room
// for input, out when the worker has sent data, and stderr when there is data on the worker's
// standard error. The argument in is -1 if the channel has no descriptor that signals room.
func (p *Poller) Watch(in, out, stderr int) error {
	p.bell = in < 0
	return errors.Join(p.watch(Out, out, unix.EPOLLIN), p.watch(Stderr, stderr, unix.EPOLLIN), p.watch(In, in, 0))
}

// WatchEnd makes Wait report Woken when the child process pid has ended. It returns false if the
// system cannot watch the end of a process.
func (p *Poller) WatchEnd(pid int) bool {
	fd, err := unix.PidfdOpen(pid, 0)
	return err == nil && p.watch(Woken, fd, unix.EPOLLIN) == nil
}

// Drop stops watching the descriptors that belong to the given events. It must be called before the
// descriptors are closed.
func (p *Poller) Drop(signs ...Sign) {
	for _, s := range signs {
		if w := &p.watched[s]; w.fd >= 0 {
			unix.EpollCtl(p.fd, unix.EPOLL_CTL_DEL, w.fd, nil)
			w.fd = -1
		}
	}
}

// ExpectOut sets whether Wait waits for data from the worker. The setting applies at once, even to
// a running Wait. Wait always reports the end of the worker and data on its standard error.
func (p *Poller) ExpectOut(on bool) {
	switch {
	case p.bell:
	case on:
		p.change(Out, unix.EPOLLIN)
	default:
		p.change(Out, unix.EPOLLRDHUP)
	}
}

// ExpectIn sets whether Wait waits for room in the worker's input. The setting applies at once,
// even to a running Wait.
func (p *Poller) ExpectIn(on bool) {
	if on {
		p.change(In, unix.EPOLLOUT)
	} else {
		p.change(In, 0)
	}
}

// Wait waits until at least one event has occurred or the timeout has passed, and returns the
// events that it has found. A negative timeout means no timeout.
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
		p.awake.Store(false) // cleared first, so that the caller sees all data published before Wake
		p.setDeadline(time.Time{})
		p.n = poll(p.fd, p.events[:])
		r = Woken
	}
	for _, e := range p.events[:p.n] {
		r |= Sign(e.Fd)
	}
	return r
}

// Wake makes the current or the next call of Wait return. Any goroutine may call Wake, even after
// Close.
//
// Wake sets a read deadline in the past, so only Go's scheduler is involved: the waiting goroutine
// runs next on the caller's processor. If Wake instead wrote a byte to a descriptor, the Go runtime
// would have to wake another thread to find it. These two thread switches per round trip would take
// longer than the task and its transfer.
//
// Wait sets deadlines too, and may overwrite the deadline of Wake. It notices this because it
// checks the flag awake after each deadline that it sets.
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

// poll returns the number of events that have occurred on the epoll descriptor fd, and stores them
// in events. It does not wait. It is a raw system call that does not notify Go's scheduler, which
// saves time.
func poll(fd int, events []unix.EpollEvent) int {
	n, _, err := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(fd), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), 0, 0, 0)
	if err != 0 {
		return 0
	}
	return int(n)
}

// Pipe returns the read end and the write end of a new pipe. The system closes both in a process
// that executes another program.
func Pipe() (r, w int, err error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return -1, -1, err
	}
	return p[0], p[1], nil
}

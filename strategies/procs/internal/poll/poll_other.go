//go:build !linux

package poll

import (
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A Poller waits for the descriptors of one worker.
type Poller struct {
	in, out, err     int
	reading, writing bool

	r, w   int         // of a pipe that interrupts it
	awake  atomic.Bool // something was written to the pipe
	mu     sync.Mutex
	closed bool
}

// New returns a Poller that watches nothing yet.
func New() (*Poller, error) {
	r, w, err := Pipe()
	if err != nil {
		return nil, err
	}
	unix.SetNonblock(r, true)
	unix.SetNonblock(w, true)
	return &Poller{in: -1, out: -1, err: -1, r: r, w: w}, nil
}

// Watch adds the descriptors of a worker.
func (p *Poller) Watch(in, out, stderr int) error {
	p.in, p.out, p.err, p.reading, p.writing = in, out, stderr, true, false
	return nil
}

// WatchEnd reports that no descriptor stands for a process on this system.
func (p *Poller) WatchEnd(int) bool { return false }

// DropIn forgets the worker's input.
func (p *Poller) DropIn() { p.in = -1 }

// DropStderr forgets the worker's standard error.
func (p *Poller) DropStderr() { p.err = -1 }

// DropAll forgets all descriptors of the worker.
func (p *Poller) DropAll() { p.in, p.out, p.err = -1, -1, -1 }

// ExpectOut sets whether the next Wait waits for bytes from the worker. It always waits for
// the worker's standard error.
func (p *Poller) ExpectOut(on bool) { p.reading = on }

// ExpectIn sets whether the next Wait waits for room in the worker's input.
func (p *Poller) ExpectIn(on bool) { p.writing = on }

// Wait waits for the descriptors, for at most timeout unless that is negative.
func (p *Poller) Wait(timeout time.Duration) (r Sign) {
	fds := [...]unix.PollFd{
		{Fd: int32(p.r), Events: unix.POLLIN},
		{Fd: int32(p.out), Events: unix.POLLIN},
		{Fd: int32(p.err), Events: unix.POLLIN},
		{Fd: -1, Events: unix.POLLOUT},
	}
	if !p.reading {
		fds[1].Events = 0
	}
	if p.writing {
		fds[3].Fd = int32(p.in)
	}
	ms := -1
	if timeout >= 0 {
		ms = int((timeout + time.Millisecond - 1) / time.Millisecond)
	}
	if _, err := unix.Poll(fds[:], ms); err != nil {
		return Out // interrupted: look at everything
	}
	for i := range fds {
		if fds[i].Revents != 0 {
			r |= Woken << i // in the order of the signs
		}
	}
	if r&Woken != 0 {
		var b [64]byte
		unix.Read(p.r, b[:])
		p.awake.Store(false) // what a caller of Wake published is looked at after this
	}
	return r
}

// Wake makes the Wait that is at work, or the next one, return. Any goroutine may call it,
// also after Close.
func (p *Poller) Wake() {
	if p.awake.Swap(true) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		unix.Write(p.w, []byte{1}) // a full pipe makes Wait return as well
	}
}

// Close frees the Poller.
func (p *Poller) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	unix.Close(p.r)
	unix.Close(p.w)
}

// Pipe returns the ends of a pipe, closed on exec.
func Pipe() (r, w int, err error) {
	var p [2]int
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := unix.Pipe(p[:]); err != nil {
		return -1, -1, err
	}
	unix.CloseOnExec(p[0])
	unix.CloseOnExec(p[1])
	return p[0], p[1], nil
}

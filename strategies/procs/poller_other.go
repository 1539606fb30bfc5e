//go:build !linux

package procs

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// A poller waits for the descriptors of one lane together.
type poller struct {
	in, out, err     int
	reading, writing bool

	r, w   int         // of a pipe that interrupts it
	awake  atomic.Bool // something was written to it
	mu     sync.Mutex
	closed bool
}

// newPoller returns one that watches nothing yet.
func newPoller() (*poller, error) {
	r, w, err := pipe()
	if err != nil {
		return nil, err
	}
	unix.SetNonblock(r, true)
	unix.SetNonblock(w, true)
	return &poller{in: -1, out: -1, err: -1, r: r, w: w}, nil
}

// watch adds the descriptors of a process.
func (p *poller) watch(in, out, stderr int) error {
	p.in, p.out, p.err, p.reading, p.writing = in, out, stderr, true, false
	return nil
}

func (p *poller) dropIn()     { p.in = -1 }
func (p *poller) dropStderr() { p.err = -1 }
func (p *poller) dropAll()    { p.in, p.out, p.err = -1, -1, -1 }

// expect sets what the next waits wait for beside the worker's end and its standard error:
// bytes from it, room in its input.
func (p *poller) expect(reading, writing bool) { p.reading, p.writing = reading, writing }

// wait waits for the descriptors, for at most timeout unless that is negative.
func (p *poller) wait(timeout time.Duration) (r sign) {
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
		return readyOut // interrupted: look at everything
	}
	for i, what := range []sign{readyWoken, readyOut, readyStderr, readyIn} {
		if fds[i].Revents != 0 {
			r |= what
		}
	}
	if r&readyWoken != 0 {
		var b [64]byte
		unix.Read(p.r, b[:])
		p.awake.Store(false) // what was to be seen is looked at after it
	}
	return r
}

// wake makes the wait that is at work, or the next one, return. Anybody may call it, after
// close too.
func (p *poller) wake() {
	if p.awake.Swap(true) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		unix.Write(p.w, []byte{1}) // full means that it will return anyway
	}
}

func (p *poller) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	closeAll(p.r, p.w)
}

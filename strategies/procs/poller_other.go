//go:build !linux

package procs

import (
	"time"

	"golang.org/x/sys/unix"
)

// A poller waits for the descriptors of one lane together.
type poller struct{ waker, in, out, err int }

// newPoller returns one that a waker interrupts, unless that is negative.
func newPoller(waker int) (*poller, error) {
	return &poller{waker: waker, in: -1, out: -1, err: -1}, nil
}

// watch adds the descriptors of a process.
func (p *poller) watch(in, out, stderr int) error {
	p.in, p.out, p.err = in, out, stderr
	return nil
}

func (p *poller) dropIn()     { p.in = -1 }
func (p *poller) dropStderr() { p.err = -1 }
func (p *poller) dropAll()    { p.in, p.out, p.err = -1, -1, -1 }

// wait waits for the descriptors, with writing also for room in the input, for at most
// timeout unless that is negative.
func (p *poller) wait(timeout time.Duration, writing bool) (r sign) {
	fds := [...]unix.PollFd{
		{Fd: int32(p.waker), Events: unix.POLLIN},
		{Fd: int32(p.out), Events: unix.POLLIN},
		{Fd: int32(p.err), Events: unix.POLLIN},
		{Fd: -1, Events: unix.POLLOUT},
	}
	if writing {
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
	return r
}

func (p *poller) close() {}

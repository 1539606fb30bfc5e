//go:build unix && !linux

package poll

import (
	"math/bits"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A Poller waits for events on the descriptors of one worker.
type Poller struct {
	fds [4]unix.PollFd // in the order of the signs; the first is the read end of a pipe that ends a Wait
	in  int            // descriptor of the worker's input, or -1

	w      int         // write end of this pipe
	awake  atomic.Bool // whether a byte was written to the pipe
	mu     sync.Mutex
	closed bool
}

// New returns a Poller without descriptors.
func New() (*Poller, error) {
	r, w, err := Pipe()
	if err != nil {
		return nil, err
	}
	unix.SetNonblock(r, true)
	unix.SetNonblock(w, true)
	p := &Poller{fds: [4]unix.PollFd{{Fd: int32(r), Events: unix.POLLIN}}, w: w}
	p.Drop(Out, Stderr, In)
	return p, nil
}

// Watch adds three descriptors of a worker to the Poller: in becomes ready when the worker has room
// for input, out when the worker has sent data, and stderr when there is data on the worker's
// standard error. The argument in is -1 if the channel has no descriptor that signals room.
func (p *Poller) Watch(in, out, stderr int) error {
	p.fds[1] = unix.PollFd{Fd: int32(out), Events: unix.POLLIN}
	p.fds[2] = unix.PollFd{Fd: int32(stderr), Events: unix.POLLIN}
	p.fds[3] = unix.PollFd{Fd: -1, Events: unix.POLLOUT}
	p.in = in
	return nil
}

// WatchEnd returns false, since on this system no descriptor represents a process.
func (p *Poller) WatchEnd(int) bool { return false }

// Drop stops watching the descriptors that belong to the given events. It must be called before the
// descriptors are closed.
func (p *Poller) Drop(signs ...Sign) {
	for _, s := range signs {
		p.fds[bits.TrailingZeros8(uint8(s))].Fd = -1
		if s == In {
			p.in = -1
		}
	}
}

// ExpectOut sets whether the next Wait waits for data from the worker. Wait always reports the end
// of the worker and data on its standard error.
func (p *Poller) ExpectOut(on bool) {
	p.fds[1].Events = 0
	if on {
		p.fds[1].Events = unix.POLLIN
	}
}

// ExpectIn sets whether the next Wait waits for room in the worker's input.
func (p *Poller) ExpectIn(on bool) {
	p.fds[3].Fd = -1
	if on {
		p.fds[3].Fd = int32(p.in)
	}
}

// Wait waits until at least one event has occurred or the timeout has passed, and returns the
// events that it has found. A negative timeout means no timeout.
func (p *Poller) Wait(timeout time.Duration) (r Sign) {
	ms := -1
	if timeout >= 0 {
		ms = int((timeout + time.Millisecond - 1) / time.Millisecond)
	}
	if _, err := unix.Poll(p.fds[:], ms); err != nil {
		return Out // the wait was interrupted, so the caller checks for data
	}
	for i := range p.fds {
		if p.fds[i].Revents != 0 {
			r |= 1 << i
		}
	}
	if r&Woken != 0 {
		var b [64]byte
		unix.Read(int(p.fds[0].Fd), b[:])
		p.awake.Store(false) // cleared here, so that the caller sees all data published before Wake
	}
	return r
}

// Wake makes the current or the next call of Wait return. Any goroutine may call Wake, even after
// Close.
func (p *Poller) Wake() {
	if p.awake.Swap(true) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		unix.Write(p.w, []byte{1}) // if the pipe is full, Wait returns anyway
	}
}

// Close frees the Poller.
func (p *Poller) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	unix.Close(int(p.fds[0].Fd))
	unix.Close(p.w)
}

// Pipe returns the read end and the write end of a new pipe. The system closes both in a process
// that executes another program.
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

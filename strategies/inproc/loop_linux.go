package inproc

import (
	"errors"
	"sync"
	"syscall"
)

// A poller waits for descriptors with epoll, on its own goroutine. When a descriptor is ready, it
// queues the function that a task has registered for it; the loop's goroutine calls this function.
type poller struct {
	loop   *loop
	epoll  int
	signal [2]int // a pipe; the goroutine of the poller ends when the pipe is readable
	ended  chan struct{}

	mu    sync.Mutex
	waits map[int]*wait // by descriptor
}

var errTwoWaits = errors.New("another call already waits for this descriptor")

// poll makes the loop call the function of w when descriptor fd is ready for reading or, if write
// is set, for writing. It does not block. Only the loop's goroutine calls poll.
func (l *loop) poll(w *wait, fd int, write bool) error {
	if l.poller == nil {
		p, err := newPoller(l)
		if err != nil {
			return err
		}
		l.poller = p
	}
	return l.poller.add(w, fd, write)
}

func newPoller(l *loop) (*poller, error) {
	p := &poller{loop: l, waits: map[int]*wait{}, ended: make(chan struct{})}
	var err error
	if p.epoll, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC); err != nil {
		return nil, err
	}
	if err = syscall.Pipe2(p.signal[:], syscall.O_CLOEXEC|syscall.O_NONBLOCK); err != nil {
		syscall.Close(p.epoll)
		return nil, err
	}
	if err = p.control(syscall.EPOLL_CTL_ADD, p.signal[0], syscall.EPOLLIN); err != nil {
		p.free()
		return nil, err
	}
	go p.work()
	return p, nil
}

func (p *poller) control(op, fd int, events uint32) error {
	return syscall.EpollCtl(p.epoll, op, fd, &syscall.EpollEvent{Events: events, Fd: int32(fd)})
}

func (p *poller) add(w *wait, fd int, write bool) error {
	events := uint32(syscall.EPOLLIN | syscall.EPOLLRDHUP | syscall.EPOLLONESHOT)
	if write {
		events = syscall.EPOLLOUT | syscall.EPOLLONESHOT
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waits[fd] != nil {
		return errTwoWaits
	}
	if err := p.control(syscall.EPOLL_CTL_ADD, fd, events); err != nil {
		return err
	}
	w.fd = fd
	p.waits[fd] = w
	return nil
}

// take removes the wait for descriptor fd and returns it, or returns nil if there is none. A caller
// that wants one particular wait passes it as the last argument; if the descriptor then has another
// wait, take removes nothing and returns nil.
func (p *poller) take(fd int, only *wait) *wait {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.waits[fd]
	if w == nil || only != nil && only != w {
		return nil
	}
	delete(p.waits, fd)
	p.control(syscall.EPOLL_CTL_DEL, fd, 0)
	return w
}

// work is the main function of the poller's goroutine.
func (p *poller) work() {
	defer close(p.ended)
	events := make([]syscall.EpollEvent, 128)
	for {
		n, err := syscall.EpollWait(p.epoll, events, -1)
		if err != nil && err != syscall.EINTR {
			panic("strategies: epoll_wait of the event loop: " + err.Error()) // a bug in the poller
		}
		for _, e := range events[:max(n, 0)] {
			fd := int(e.Fd)
			if fd == p.signal[0] {
				return
			}
			if w := p.take(fd, nil); w != nil {
				p.loop.post(call{w.ev, func() {
					if w.parked {
						w.fd = -1
						w.ev.forget(w)
						w.f(nil)
					}
				}})
			}
		}
	}
}

// close ends the goroutine of the poller and closes its descriptors.
func (p *poller) close() {
	syscall.Write(p.signal[1], []byte{0})
	<-p.ended
	p.free()
}

func (p *poller) free() {
	syscall.Close(p.signal[0])
	syscall.Close(p.signal[1])
	syscall.Close(p.epoll)
}

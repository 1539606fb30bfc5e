package procs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// begin starts a worker process, whose owner hears of it. Its supervisor is a goroutine
// on a thread of its own: it starts the process, shakes hands with it, prepares it, and
// alone waits for it, so that the death of a worker is known at once even if something
// that it started keeps its channel open.
//
// The thread is the worker's parent as far as the system is concerned: the worker is
// killed when it ends, and inherits its nice value and its CPU mask.
func (x *Executor) begin(owner *poller) *process {
	p := &process{in: -1, out: -1, stderr: -1, revived: x.revived.Load()}
	p.owner.Store(owner)
	x.running.Add(1)
	go func() {
		defer x.running.Done()
		p.supervise(x)
	}()
	return p
}

func (p *process) supervise(x *Executor) {
	runtime.LockOSThread()
	if !x.config.Process.altersThread() {
		defer runtime.UnlockOSThread()
	}
	defer p.tell(newsEnded)
	q, err := newPoller()
	if err != nil {
		p.err = err
		return
	}
	defer q.close()
	offer, err := x.config.Transport.Open()
	if err != nil {
		p.err = err
		return
	}
	defer offer.Close()
	pidfd, err := p.launch(&x.config, offer.Files)
	if err != nil {
		p.err = err
		return
	}
	defer closeAll(pidfd)
	if err = p.connect(offer, x.config.StartTimeout); err == nil {
		err = p.prepare(x, q)
	}
	q.dropAll()
	if err == nil {
		p.tell(newsAnswered)
	} else {
		p.err = err
		p.kill(unix.SIGKILL)
	}
	p.attend(q, pidfd)
	x.config.helper.reaped(p.pid)
	if errors.Is(err, io.EOF) || errors.Is(err, transport.ErrGone) {
		p.listen()
		p.err = fmt.Errorf("ended before it answered: %s", p.cause())
	}
}

// launch starts the process with the descriptors of its end of the channel, and returns
// one that stands for it, or -1. It has not said anything yet.
func (p *process) launch(c *Config, channel []int) (pidfd int, err error) {
	theirs := []int{-1, -1} // null, standard error; the page is added
	defer func() { closeAll(theirs...) }()
	if theirs[0], err = unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0); err != nil {
		return -1, fmt.Errorf("open /dev/null: %w", err)
	}
	if p.stderr, theirs[1], err = pipe(); err == nil {
		err = unix.SetNonblock(p.stderr, true)
	}
	if err != nil {
		return -1, fmt.Errorf("pipe: %w", err)
	}
	page, fd, memory, err := wire.CreatePage()
	if err != nil {
		return -1, err
	}
	theirs = append(theirs, fd)
	p.page, p.memory = page, memory
	if err := c.Process.alterThread(); err != nil {
		return -1, err
	}
	null, stderr := uintptr(theirs[0]), uintptr(theirs[1])
	files := []uintptr{null, stderr, stderr, wire.FDPage: uintptr(fd)}
	for _, fd := range channel {
		files = append(files, uintptr(fd))
	}
	pid, pidfd, err := c.exec(files)
	if err != nil {
		if bad := c.Process.folder(); bad != nil {
			return -1, bad
		}
		return -1, fmt.Errorf("start: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pid, p.alive = pid, true
	if p.doomed {
		unix.Kill(-pid, unix.SIGKILL)
	}
	return pidfd, nil
}

// connect takes this end of the channel. Where the process has to call for that, its death
// ends the waiting too.
func (p *process) connect(o *transport.Offer, limit time.Duration) (err error) {
	ctx, cancel := context.WithTimeoutCause(context.Background(), limit, fmt.Errorf("no answer within %v", limit))
	defer cancel()
	if p.conn, err = o.Accept(ctx); err != nil {
		p.conn = nil
		return err
	}
	p.out, p.in = p.conn.Poll()
	return nil
}

// prepare shakes hands with the process, sets its limits and runs its initialiser. Limits
// come when the Go runtime has what it needs to begin, or it would say at random that it has
// not.
func (p *process) prepare(x *Executor, q *poller) error {
	c := &x.config
	if err := q.watch(p.in, p.out, p.stderr); err != nil {
		return err
	}
	here := wire.Here()
	hello := wire.AppendHello(nil, wire.Hello{Side: here, Depth: worker.Depth() + 1})
	if err := p.ask(q, hello, "no answer", c.StartTimeout, wire.KindReady); err != nil {
		return err
	}
	ready, err := wire.ParseReady(p.decoder.Payload)
	if err != nil {
		return err
	}
	if err := wire.Compare(here, ready.Side); err != nil {
		return err
	}
	if !x.sameKernels(ready.Kernels) {
		return fmt.Errorf("serves other kernels than the first worker did: %q", ready.Kernels)
	}
	if err := c.Process.limit(p.pid); err != nil {
		return err
	}
	return c.Init.run(p, q, ready.Kernels)
}

// ask sends one frame and waits for the answer, a frame of one of the kinds.
func (p *process) ask(q *poller, frame []byte, otherwise string, limit time.Duration, kinds ...wire.Kind) error {
	deadline := time.Now().Add(limit)
	for {
		if len(frame) > 0 {
			n, err := p.conn.TryWrite(frame)
			frame = frame[n:]
			switch {
			case errors.Is(err, unix.EPIPE):
				frame = nil // its output will end
			case err != nil:
				return fmt.Errorf("write: %w", err)
			}
		}
		ok, err := p.decoder.Next()
		h := &p.decoder.Header
		switch {
		case err != nil:
			return err
		case ok:
			for _, k := range kinds {
				if h.Kind == k {
					return nil
				}
			}
			return &wire.FrameError{Header: *h, Reason: fmt.Sprintf("not %v", kinds[0])}
		}
		left := time.Until(deadline)
		if left <= 0 {
			return fmt.Errorf("%s within %v", otherwise, limit)
		}
		if !p.arm(len(frame) > 0, 0) {
			q.expect(true, len(frame) > 0)
			r := q.wait(left)
			p.conn.Disarm()
			if r&readyStderr != 0 && !p.listen() {
				q.dropStderr()
			}
		}
		if _, err := p.receive(0); err != nil {
			return err
		}
	}
}

// attend waits until the process has ended, kills what is left of its group, and reaps it
// last, so that its number stays its own until then. A thread that waits in the system
// would keep a processor from other goroutines for up to 10 ms; one whose goroutine waits
// for a descriptor does not.
func (p *process) attend(q *poller, pidfd int) {
	ended := q.expectEnd(pidfd)
	if ended {
		q.wait(-1)
	}
	var status unix.WaitStatus
	wait := func() {
		for {
			if _, err := unix.Wait4(p.pid, &status, 0, nil); err != unix.EINTR {
				return
			}
		}
	}
	if !ended {
		wait()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	unix.Kill(-p.pid, unix.SIGKILL)
	if ended {
		wait()
	}
	p.status, p.alive = status, false
}

// identity is the process as worker w of that generation.
func (p *process) identity(w, generation int) *strategies.Worker {
	return &strategies.Worker{Name: fmt.Sprintf("w%d", w), PID: p.pid, Generation: generation}
}

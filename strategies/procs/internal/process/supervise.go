//go:build unix

package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/procs/internal/poll"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// supervise is the main function of the supervisor, the only goroutine that waits for the end of
// the process. It notices this end at once, even if a process that a kernel started keeps the
// channel open.
//
// The system treats the supervisor's thread as the parent of the worker. The worker inherits the
// nice value and CPU mask of the thread, and is killed when the thread ends.
func (p *Process) supervise(s *Starter) {
	runtime.LockOSThread()
	if !s.config.Attributes.alters() {
		defer runtime.UnlockOSThread()
	}
	p.err = p.live(s)
	p.report(&p.ended)
}

// live starts and prepares the process, and returns when the process has ended. The error is the
// reason why the process could not be started or prepared, or nil.
func (p *Process) live(s *Starter) error {
	q, err := poll.New()
	if err != nil {
		return err
	}
	defer q.Close()
	offer, err := s.config.Transport.Open()
	if err != nil {
		return err
	}
	defer offer.Close()
	if err := p.launch(s, offer.Files); err != nil {
		return err
	}
	limit := s.config.Timeout
	ctx, cancel := context.WithTimeoutCause(context.Background(), limit, fmt.Errorf("no answer within %v", limit))
	if p.Conn, err = offer.Accept(ctx); err == nil {
		err = p.prepare(s, q)
	}
	cancel()
	q.DropAll()
	if err == nil {
		p.report(&p.answered)
	} else {
		p.Kill(unix.SIGKILL)
	}
	p.await(q)
	s.helper.reaped(p.pid)
	if errors.Is(err, io.EOF) || errors.Is(err, transport.ErrGone) {
		var fault *Fault
		if errors.As(err, &fault) {
			fault.Err = fmt.Errorf("ended the process: %s", p.Loss().Cause)
		} else {
			err = fmt.Errorf("ended before it answered: %s", p.Loss().Cause)
		}
	}
	return err
}

// launch starts the process and does not wait for its answer. The argument channel holds the
// descriptors of the process's end of the channel, which the process inherits.
func (p *Process) launch(s *Starter, channel []int) (err error) {
	null, stderr, page := -1, -1, -1 // descriptors of the process
	defer func() { closeAll(null, stderr, page) }()
	if null, err = openNull(); err != nil {
		return err
	}
	if p.stderr, stderr, err = poll.Pipe(); err == nil {
		err = unix.SetNonblock(p.stderr, true)
	}
	if err != nil {
		return fmt.Errorf("pipe: %w", err)
	}
	if p.Page, page, p.memory, err = wire.CreatePage(); err != nil {
		return err
	}
	arena := s.config.Arena.FD()
	if arena < 0 {
		arena = null
	}
	files := append([]int{null, stderr, stderr, wire.FDPage: page, wire.FDArena: arena}, channel...)
	pid, err := s.spawn(files)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pid, p.alive = pid, true
	if p.doomed {
		unix.Kill(-pid, unix.SIGKILL)
	}
	return nil
}

// await waits until the process has ended, then kills the rest of its process group, and then reaps
// the process. Because of this order, the system cannot give the process id to another process
// before the kill.
//
// If possible, await polls a descriptor that becomes readable when the process ends. The system
// call wait would block a processor of Go's scheduler for up to 10 ms.
func (p *Process) await(q *poll.Poller) {
	watched := q.WatchEnd(p.pid)
	var status unix.WaitStatus
	if watched {
		q.Wait(-1)
	} else {
		status = reap(p.pid)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	unix.Kill(-p.pid, unix.SIGKILL)
	if watched {
		status = reap(p.pid)
	}
	p.status, p.alive = status, false
}

// prepare performs the handshake, sets the memory limit and runs the initialiser, in this order. A
// Go runtime that starts under a memory limit sometimes fails. Therefore prepare sets the limit
// only after the handshake, when the runtime of the process has started.
func (p *Process) prepare(s *Starter, q *poll.Poller) error {
	c := &s.config
	if err := p.Watch(q); err != nil {
		return err
	}
	here := wire.Here()
	hello := wire.AppendHello(nil, wire.Hello{Side: here, Depth: c.Depth, Arena: c.Arena.ID()})
	if err := p.ask(q, hello, "no answer", c.Timeout, wire.KindReady); err != nil {
		return err
	}
	ready, err := wire.ParseReady(p.Decoder.Payload)
	if err != nil {
		return err
	}
	if err := wire.Compare(here, ready.Side); err != nil {
		return err
	}
	if !s.sameKernels(ready.Kernels) {
		return fmt.Errorf("the worker's kernels differ from those of the first worker: %q; all workers must run the same program", ready.Kernels)
	}
	if err := c.Attributes.limit(p.pid); err != nil {
		return err
	}
	if c.Init.Kernel == "" {
		return nil
	}
	if err := p.initialise(q, &c.Init, ready.Kernels); err != nil {
		return &Fault{"initialiser", c.Init.Kernel, err}
	}
	return nil
}

// initialise runs the initialiser i in the process. The argument kernels lists the names of the
// kernels in the process.
func (p *Process) initialise(q *poll.Poller, i *Init, kernels []string) error {
	at := slices.Index(kernels, i.Kernel)
	if at < 0 {
		return fmt.Errorf("the worker program has no such kernel; it has: %s", strings.Join(kernels, ", "))
	}
	err := p.ask(q, wire.AppendInit(nil, at, i.Input), "not finished", i.Limit, wire.KindOutputs, wire.KindError)
	if err != nil || p.Decoder.Header.Kind != wire.KindError {
		return err
	}
	failure, err := wire.ParseError(i.Kernel, p.Decoder.Payload)
	if err != nil {
		return err
	}
	return failure
}

// ask sends one frame to the process and waits for an answer of one of the given kinds. If no
// answer arrives within the time limit, ask returns an error that consists of the text failure and
// the limit, such as "no answer within 10s".
func (p *Process) ask(q *poll.Poller, frame []byte, failure string, limit time.Duration, kinds ...wire.Kind) error {
	deadline := time.Now().Add(limit)
	for {
		if len(frame) > 0 {
			n, err := p.Conn.TryWrite(frame)
			frame = frame[n:]
			switch {
			case errors.Is(err, unix.EPIPE):
				frame = nil // the end of the process's output will follow
			case err != nil:
				return fmt.Errorf("write: %w", err)
			}
		}
		ok, err := p.Decoder.Next()
		if err != nil {
			return err
		}
		if h := p.Decoder.Header; ok && slices.Contains(kinds, h.Kind) {
			return nil
		} else if ok {
			return &wire.FrameError{Header: h, Reason: fmt.Sprintf("not %v", kinds[0])}
		}
		left := time.Until(deadline)
		if left <= 0 {
			return fmt.Errorf("%s within %v", failure, limit)
		}
		if !p.Arm(len(frame) > 0, 0) {
			q.ExpectOut(true)
			q.ExpectIn(len(frame) > 0)
			r := q.Wait(left)
			p.Conn.Disarm()
			if r&poll.Stderr != 0 && !p.Listen() {
				q.Drop(poll.Stderr)
			}
		}
		if _, err := p.Receive(0); err != nil {
			return err
		}
	}
}

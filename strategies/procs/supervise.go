package procs

import (
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire"
)

const (
	mostFailures = 3                     // worker processes in a row that start no task, before the executor gives up
	firstRetry   = 10 * time.Millisecond // between two of them; it doubles
)

// start starts a worker process and shakes hands with it.
func (l *lane) start() error {
	c := &l.x.config
	p, err := launch(c, fmt.Sprintf("w%d", l.w), l.generation)
	if err == nil {
		if err = l.poller.watch(p.in, p.out, p.stderr); err == nil {
			err = l.greet(p)
		}
		if err == nil {
			l.p = p
			l.ending = 0
			l.pid.Store(int32(p.worker.PID))
			return nil
		}
		l.poller.dropAll()
		p.reap()
		if errors.Is(err, io.EOF) {
			err = fmt.Errorf("ended before it answered: %s", p.cause())
		}
		defer p.close()
	}
	e := &StartError{Path: c.Worker[0], Err: err}
	if p != nil {
		e.Stderr = p.last.String()
	}
	l.fruitless(e)
	return e
}

// greet sends the Hello and waits for the Ready.
func (l *lane) greet(p *process) error {
	here := wire.Here()
	if _, err := unix.Write(p.in, wire.AppendHello(nil, here)); err != nil && err != unix.EPIPE {
		return fmt.Errorf("write: %w", err)
	}
	deadline := time.Now().Add(l.x.config.StartTimeout)
	for {
		ok, err := p.decoder.Next()
		h := &p.decoder.Header
		switch {
		case err != nil:
			return err
		case ok && h.Kind != wire.KindReady:
			return &wire.FrameError{Header: *h, Reason: "not an answer to hello"}
		case ok:
			ready, err := wire.ParseReady(p.decoder.Payload)
			if err != nil {
				return err
			}
			if err := wire.Compare(here, ready.Side); err != nil {
				return err
			}
			if !l.x.sameKernels(ready.Kernels) {
				return fmt.Errorf("serves other kernels than the first worker did: %q", ready.Kernels)
			}
			return nil
		}
		left := time.Until(deadline)
		switch {
		case l.x.stopped.Load():
			return strategies.ErrClosed
		case left <= 0:
			return fmt.Errorf("no answer within %v", l.x.config.StartTimeout)
		}
		r := l.poller.wait(left, false)
		if r&readyWoken != 0 {
			l.waker.drain()
		}
		if r&readyStderr != 0 {
			l.listen(p)
		}
		if _, err := p.receive(); err != nil {
			return err
		}
	}
}

// fruitless counts a worker process that has started no task.
func (l *lane) fruitless(cause error) {
	l.retryAt = time.Now().Add(firstRetry << l.failures)
	if l.failures++; l.failures >= mostFailures {
		l.x.fail(cause)
	}
}

// read takes in what the worker has sent, and reports whether there was anything,
// its end included.
func (l *lane) read() (heard bool) {
	if l.interrupted {
		if err := l.dispatch(); err != nil {
			l.lost(err)
			return true
		}
	}
	n, err := l.p.receive()
	if err == nil && n > 0 {
		err = l.dispatch()
	}
	switch {
	case err == io.EOF:
		l.lost(nil)
	case err != nil:
		l.lost(err)
	}
	return n > 0 || err != nil
}

// lost is called when the worker's output has ended, or makes no sense because of
// broken. Results that the worker had not sent come from the page; the task that was
// running fails; those behind it run elsewhere.
func (l *lane) lost(broken error) {
	p := l.p
	l.pid.Store(0)
	l.poller.dropAll()
	p.reap()
	state := p.page.State()
	l.salvage(p.page.Buffer[:state.Filled])
	failure := error(&strategies.LostError{Cause: p.cause(), Stderr: p.last.String()})
	if broken != nil {
		failure = &strategies.LostError{Cause: broken.Error(), Stderr: p.last.String()}
	}
	outcome := failure
	if l.x.stopped.Load() {
		outcome = strategies.ErrClosed
	}
	for n := since(p.finished, state.Started); n > 0 && l.flight.tasks > 0; n-- {
		r := l.flight.first()
		l.failed(r, outcome)
		l.next(r)
		if r.lo < r.next {
			l.publish(r)
		}
	}
	l.drop()
	l.cut(p.finished)
	p.close()
	l.p = nil
	l.generation++
	switch {
	case l.ending > 0:
	case state.Started == 0 && p.outcomes == 0:
		l.fruitless(failure)
	default:
		l.failures = 0
	}
}

// salvage passes on the outcomes in b that had not come through the pipe.
func (l *lane) salvage(b []byte) {
	l.p.decoder = wire.Decoder{}
	for len(b) > 0 {
		n := copy(l.p.decoder.Space(), b)
		l.p.decoder.Wrote(n)
		b = b[n:]
	}
	l.salvaging = true
	l.dispatch() // what makes no sense there is lost
	l.salvaging = false
}

// end ends the worker: end of input, then SIGTERM, then SIGKILL. What it has not
// started it need not.
func (l *lane) end() {
	now := time.Now()
	switch {
	case l.ending == 0:
		l.recall()
		l.drop()
		l.poller.dropIn()
		l.p.endInput()
		l.ending = 1
	case l.ending < 3 && l.x.killing.Load():
		l.p.kill(unix.SIGKILL)
		l.ending = 3
	case l.ending == 3 || now.Before(l.endAt):
		return
	case l.ending == 1:
		l.p.kill(unix.SIGTERM)
		l.ending = 2
	case l.ending == 2:
		l.p.kill(unix.SIGKILL)
		l.ending = 3
	}
	l.endAt = now.Add(l.x.config.Grace)
}

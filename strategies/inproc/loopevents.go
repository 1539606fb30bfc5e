package inproc

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// events implements [work.Events] for one task of a loop.
type events struct {
	lease *loopLease
	slot  int
	ended atomic.Bool // the task has its outcome
	waits []*wait
	at    int // its place in lease.running
}

// After implements [work.Events].
func (e *events) After(d time.Duration, f func(error)) {
	w := e.wait(f)
	if w != nil {
		e.lease.loop.timers.add(w, time.Now().Add(d))
	}
}

// Readable implements [work.Events].
func (e *events) Readable(fd int, f func(error)) { e.ready(fd, false, f) }

// Writable implements [work.Events].
func (e *events) Writable(fd int, f func(error)) { e.ready(fd, true, f) }

func (e *events) ready(fd int, write bool, f func(error)) {
	w := e.wait(f)
	if w == nil {
		return
	}
	if err := e.lease.loop.poll(w, fd, write); err != nil {
		e.forget(w)
		e.Post(func() { f(&work.PollError{FD: fd, Err: err}) })
	}
}

// Post implements [work.Events].
func (e *events) Post(f func()) { e.lease.loop.post(call{e, f}) }

// A wait is one call of f that a task waits for.
type wait struct {
	ev     *events
	f      func(error)
	at     time.Time // of the timer, if it waits for one
	index  int       // in the heap of timers, -1 if it is not there
	fd     int       // that it waits for, else -1
	parked bool      // f has not been called
}

// wait returns a new wait, or nil if the context has ended and f is called soon.
func (e *events) wait(f func(error)) *wait {
	if ctx := e.lease.ctx; ctx.Err() != nil {
		e.Post(func() { f(context.Cause(ctx)) })
		return nil
	}
	w := &wait{ev: e, f: f, index: -1, fd: -1, parked: true}
	e.waits = append(e.waits, w)
	return w
}

// forget makes sure that w is not called any more.
func (e *events) forget(w *wait) {
	w.parked = false
	w.leave()
	for i, x := range e.waits {
		if x == w {
			e.waits[i] = e.waits[len(e.waits)-1]
			e.waits[len(e.waits)-1] = nil
			e.waits = e.waits[:len(e.waits)-1]
			return
		}
	}
}

// leave takes w from the timers or the poller.
func (w *wait) leave() {
	l := w.ev.lease.loop
	if w.index >= 0 {
		l.timers.remove(w)
	}
	if w.fd >= 0 {
		l.poller.remove(w.fd, w)
		w.fd = -1
	}
}

// interrupt calls every function that waits with cause.
func (e *events) interrupt(cause error) {
	waits := e.waits
	e.waits = nil
	for _, w := range waits {
		w.parked = false
		w.leave()
		e.Post(func() { w.f(cause) })
	}
}

// settle ends the task; the first call counts. The loop then calls record, which publishes the
// outcome, on its goroutine.
func (e *events) settle(record func()) {
	if e.ended.Swap(true) {
		return
	}
	e.lease.loop.settle(func() {
		record()
		e.finish()
	})
}

// fail ends the task with err, unless it has ended; on the loop's goroutine.
func (e *events) fail(err error) {
	if e.ended.Swap(true) {
		return
	}
	e.lease.job.Fail(e.slot, work.By{}, err)
	e.lease.job.Finish(work.Span{Lo: e.slot, Hi: e.slot + 1}, work.By{})
	e.finish()
}

// finish forgets a task that has its outcome.
func (e *events) finish() {
	for _, w := range e.waits {
		w.parked = false
		w.leave()
	}
	e.waits = nil
	l := e.lease
	last := len(l.running) - 1
	l.running[e.at] = l.running[last]
	l.running[e.at].at = e.at
	l.running[last] = nil
	l.running = l.running[:last]
	l.leave()
}

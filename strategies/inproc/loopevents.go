package inproc

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// events implements [work.Events] for one task of a loop.
type events struct {
	lease *loopLease
	slot  int
	ended atomic.Bool // whether the task has its outcome
	waits []*wait
	at    int // index in lease.running
}

// After implements [work.Events].
func (e *events) After(d time.Duration, f func(error)) {
	if w := e.wait(f); w != nil {
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
func (e *events) Post(f func()) {
	if !e.ended.Load() {
		e.lease.loop.post(call{e, f})
	}
}

// A wait records that a task waits for a timer or a descriptor. It holds the function f of the
// task, which the loop calls when the timer fires or the descriptor is ready.
type wait struct {
	ev     *events
	f      func(error)
	at     time.Time // time at which the timer fires, if there is one
	index  int       // index in the heap of timers; -1 if not in the heap
	fd     int       // descriptor to wait for, or -1
	parked bool      // whether f has yet to be called
}

// wait registers f, a function of the task, and returns the new wait. It returns nil in two cases:
//
//   - The context of the task has ended: wait queues a call of f with the cause at once.
//   - The task itself has ended: the loop never calls f.
func (e *events) wait(f func(error)) *wait {
	if e.ended.Load() {
		return nil
	}
	if ctx := e.lease.ctx; ctx.Err() != nil {
		e.Post(func() { f(context.Cause(ctx)) })
		return nil
	}
	w := &wait{ev: e, f: f, index: -1, fd: -1, parked: true}
	e.waits = append(e.waits, w)
	return w
}

// forget removes the wait w from the task, the timers and the poller.
func (e *events) forget(w *wait) {
	w.leave()
	if i := slices.Index(e.waits, w); i >= 0 {
		e.waits = slices.Delete(e.waits, i, i+1)
	}
}

// leave removes w from the timers and the poller, so that neither makes the loop call its function.
func (w *wait) leave() {
	w.parked = false
	l := w.ev.lease.loop
	if w.index >= 0 {
		l.timers.remove(w)
	}
	if w.fd >= 0 {
		l.poller.take(w.fd, w)
		w.fd = -1
	}
}

// interrupt removes all waits of the task. For each wait it queues a call of the wait's function
// with the error cause.
func (e *events) interrupt(cause error) {
	waits := e.waits
	e.waits = nil
	for _, w := range waits {
		w.leave()
		e.Post(func() { w.f(cause) })
	}
}

// settle marks the task as ended. It queues a call of the function record, which publishes the
// outcome of the task on the loop's goroutine. Only the first call of settle has an effect.
func (e *events) settle(record func()) {
	if e.ended.Swap(true) {
		return
	}
	e.lease.loop.settle(func() {
		record()
		e.finish()
	})
}

// fail records that the task has failed with err, unless the task has ended. Only the loop's
// goroutine calls fail.
func (e *events) fail(err error) {
	if e.ended.Swap(true) {
		return
	}
	e.lease.job.Fail(e.slot, work.By{}, err)
	e.lease.job.Finish(work.Span{Lo: e.slot, Hi: e.slot + 1}, work.By{})
	e.finish()
}

// finish is called when the task has its outcome. It removes the task from its lease, and drops the
// waits of the task.
func (e *events) finish() {
	for _, w := range e.waits {
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

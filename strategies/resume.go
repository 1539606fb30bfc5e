package strategies

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// Events is what a task of an event loop waits for. Its methods return at once; what they
// are given is called later on the loop's goroutine, one call at a time, and never once
// the task has ended. Only Post and the task's done may be called on other goroutines.
//
// When the task's context ends, whatever the task waits for is called at once with the
// context's cause, so that no task needs a goroutine to see that. A task that waits only
// for a Post of somebody else does not: it can post by [context.AfterFunc].
//
// A call that panics or ends its goroutine fails the task, unless it is done. A call that
// waits by itself holds up every other task of the loop.
type Events struct {
	lease *loopLease
	slot  int
	ended atomic.Bool // the task has its outcome
	waits []*wait
	at    int // its place in lease.running
}

// After calls f with nil when d has passed, or with the cause of the task's context when
// that ends first.
func (e *Events) After(d time.Duration, f func(error)) {
	w := e.wait(f)
	if w != nil {
		e.lease.loop.timers.add(w, time.Now().Add(d))
	}
}

// Readable calls f with nil when descriptor fd, of a pipe, a socket or a terminal, can be
// read or has come to its end, or with the cause of the task's context when that ends
// first. A descriptor that cannot be waited for is a [PollError]. One call at a time may
// wait for a descriptor, and it stays open until then.
//
// It works on Linux; elsewhere the error is [ErrNoPoller].
func (e *Events) Readable(fd int, f func(error)) { e.ready(fd, false, f) }

// Writable is Readable for writing.
func (e *Events) Writable(fd int, f func(error)) { e.ready(fd, true, f) }

func (e *Events) ready(fd int, write bool, f func(error)) {
	w := e.wait(f)
	if w == nil {
		return
	}
	if err := e.lease.loop.poll(w, fd, write); err != nil {
		e.forget(w)
		e.Post(func() { f(&PollError{fd, err}) })
	}
}

// Post calls f soon. It is safe on any goroutine, and does nothing once the task has ended.
func (e *Events) Post(f func()) { e.lease.loop.post(call{e, f}) }

// A PollError is a descriptor that cannot be waited for.
type PollError struct {
	FD  int
	Err error
}

func (e *PollError) Error() string { return fmt.Sprintf("wait for descriptor %d: %v", e.FD, e.Err) }
func (e *PollError) Unwrap() error { return e.Err }

// ErrNoPoller is waiting for a descriptor where the system has no poller that is known.
var ErrNoPoller = errors.New("descriptors can be waited for on Linux only")

// A wait is what a task waits for: one call of f.
type wait struct {
	ev     *Events
	f      func(error)
	at     time.Time // where it waits for a timer
	index  int       // in the heap of timers, -1 if it is not there
	fd     int       // where it waits for a descriptor, else -1
	parked bool      // f has not been called
}

// wait returns a new wait, or nil if the context has ended and f is called soon.
func (e *Events) wait(f func(error)) *wait {
	if ctx := e.lease.ctx; ctx.Err() != nil {
		e.Post(func() { f(context.Cause(ctx)) })
		return nil
	}
	w := &wait{ev: e, f: f, index: -1, fd: -1, parked: true}
	e.waits = append(e.waits, w)
	return w
}

// forget makes sure that w is not called any more.
func (e *Events) forget(w *wait) {
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

// interrupt calls what the task waits for with cause.
func (e *Events) interrupt(cause error) {
	waits := e.waits
	e.waits = nil
	for _, w := range waits {
		w.parked = false
		w.leave()
		e.Post(func() { w.f(cause) })
	}
}

// settle ends the task; the first call counts. Then record publishes its outcome on the
// loop's goroutine.
func (e *Events) settle(record func()) {
	if e.ended.Swap(true) {
		return
	}
	e.lease.loop.settle(func() {
		record()
		e.finish()
	})
}

// fail ends the task with err, unless it has ended; on the loop's goroutine.
func (e *Events) fail(err error) {
	if e.ended.Swap(true) {
		return
	}
	e.lease.job.Fail(e.slot, err)
	e.lease.job.Finish(Span{e.slot, e.slot + 1}, 0)
	e.finish()
}

// finish forgets a task that has its outcome.
func (e *Events) finish() {
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

// Resumes implements [Job].
func (j *mapJob[In, Out]) Resumes() bool { return j.kernel.Begin != nil }

// Resumes implements [Job].
func (j *streamJob[In, Out]) Resumes() bool { return j.kernel.Begin != nil }

// Resumes implements [Job].
func (j *futureJob[In, Out]) Resumes() bool { return j.remote.Begin != nil }

// Begin implements [Job].
func (j *mapJob[In, Out]) Begin(ctx context.Context, i int, ev *Events) {
	begin(ctx, j, &j.kernel, j.in, j.out, i, ev)
}

// Begin implements [Job].
func (j *streamJob[In, Out]) Begin(ctx context.Context, i int, ev *Events) {
	begin(ctx, j, &j.kernel, j.in, j.out, i, ev)
}

// begin begins the task in slot i of a job whose inputs and outputs lie in slices.
func begin[In, Out any](ctx context.Context, j Job, k *Kernel[In, Out], in []In, out []Out, i int, ev *Events) {
	k.Begin(ctx, in[i], ev, func(v Out, err error) {
		ev.settle(func() {
			if err != nil {
				j.Fail(i, err)
			} else {
				out[i] = v
			}
			j.Finish(Span{i, i + 1}, 0)
		})
	})
}

// Begin implements [Job].
func (j *futureJob[In, Out]) Begin(ctx context.Context, _ int, ev *Events) {
	end := func(v Out, err error) {
		ev.settle(func() {
			j.ctx.finish(nil)
			j.settle(v, err, 0)
		})
	}
	if j.ctx.Context.Err() != nil {
		ev.settle(func() {
			j.ctx.finish(nil)
			j.skip(context.Cause(j.ctx.Context))
		})
		return
	}
	j.remote.Begin(ctx, j.in, ev, end)
}

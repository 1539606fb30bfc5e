package strategies

import (
	"context"
	"errors"
	"sync"
)

// ErrCancelled is the outcome of a future that was cancelled before its task started, and
// the cause of the task's context if it had.
var ErrCancelled = errors.New("the future was cancelled")

// Go submits one task and returns at once. The context is the task's: when it ends
// before the task starts, the task never does; when it ends later, the task sees it.
// How long a caller waits is up to the context of [Future.Wait]. An executor that
// refuses the task gives a future that has failed already.
//
// Submitting never blocks and is not bounded; a [Stream] has back-pressure.
func Go[In, Out any](ctx context.Context, ex Executor, k Kernel[In, Out], in In) *Future[Out] {
	j := &futureJob[In, Out]{apply: k.Func, in: in}
	j.ctx.Context = ctx
	j.self = j
	j.pending.Add(1)
	err := needed(ctx, ex, k)
	switch c, ok := ex.(*crew); {
	case err != nil:
	case ok && c.flat && placeOf(ctx, c) != nil:
		err = c.refuseNested(ctx)
	case ok:
		j.ctx.owner = c
		c.futures.submitted.Add(1)
		if c.lock != nil {
			j.apply, j.ctx.Context = underLock(c.lock, k.Func, ctx)
		}
		if c.keyed == nil {
			err = c.submit(j)
		} else if w, e := route(c, k, in); e != nil {
			err = e
		} else {
			err = c.post(j, w)
		}
		if err != nil {
			c.futures.submitted.Add(-1)
		}
	default:
		j.remote = &remote[In, Out]{Kernel: k, tally: tallyOf(ex)} // a copy here, so that k itself stays on the stack otherwise
		if j.remote.tally != nil {
			j.remote.tally.futures.submitted.Add(1)
		}
		if j.remote.lease, err = ex.Start(&j.ctx, j); err == nil && ctx.Done() != nil {
			stop := context.AfterFunc(ctx, func() {
				j.Cancel(context.Cause(ctx))
				j.letGo()
			})
			j.then(func() { stop() })
		}
		if err != nil && j.remote.tally != nil {
			j.remote.tally.futures.submitted.Add(-1)
		}
	}
	if err != nil {
		j.resolve(j.value, err)
	}
	return &j.Future
}

// A Future is the outcome of one task, some day. Its methods may be called by many.
type Future[Out any] struct {
	self interface { // the job that the future is part of
		Cancel(cause error)
		help(ctx context.Context)
		refuses(ctx context.Context) error
		letGo()
	}
	waiters waiters
	err     error
	value   Out
	pending sync.WaitGroup // the task's outcome: waiting for it allocates nothing, where a channel would
}

// Wait returns the task's output, or its [*TaskError], as soon as it has one, and the
// context's cause if that ends first; the task is not disturbed then. A task may wait for
// a future of its own executor if ctx is its own; where the strategy cannot run the one
// while the other waits, the error is [ErrNested], unless the future has resolved before.
func (f *Future[Out]) Wait(ctx context.Context) (Out, error) {
	if !f.waiters.told() {
		if ctx == nil {
			var none Out
			return none, errNoContext()
		}
		if err := f.stuck(ctx); err != nil {
			var none Out
			return none, err
		}
		f.self.help(ctx)
	}
	if !f.waiters.told() {
		if over := ctx.Done(); over == nil {
			f.pending.Wait()
		} else {
			select {
			case <-f.Done():
			case <-over:
				if !f.waiters.told() {
					var none Out
					return none, context.Cause(ctx)
				}
			}
		}
	}
	return f.value, f.err
}

// Done returns a channel that is closed when the future resolves.
func (f *Future[Out]) Done() <-chan struct{} { return f.waiters.closed() }

// Cancel makes the task fail with [ErrCancelled] if it has not started, and ends its
// context if it has.
func (f *Future[Out]) Cancel() {
	f.self.Cancel(ErrCancelled)
	f.self.letGo()
}

// then calls call when the future has resolved: at once if it has, else by whoever
// resolves it.
func (f *Future[Out]) then(call func()) { f.waiters.add(&waiter{call: call}) }

// resolve makes the outcome known. It is called once.
func (f *Future[Out]) resolve(v Out, err error) {
	f.value, f.err = v, err
	told := f.waiters.close()
	f.pending.Done()
	told.tellAll()
}

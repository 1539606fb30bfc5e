package strategies

import (
	"context"
	"sync"
)

// Go submits one task and returns at once. The context is the task's: when it ends before the
// task starts, the task never does; when it ends later, the task sees it. The context of
// [Future.Wait] bounds the wait of a caller. An executor that refuses the task gives a future
// that has failed already.
//
// Submitting never blocks and is not bounded; [Kernel.Stream] has back-pressure. The options may
// set a limit, retries and hooks.
func (k Kernel[In, Out]) Go(ctx context.Context, ex Executor, in In, o Options) *Future[Out] {
	j := &futureJob[In, Out]{apply: k.Func, in: in}
	j.ctx.Context = ctx
	j.self = j
	j.pending.Add(1)
	err := k.needed(ctx, ex)
	if err == nil {
		core := ex.Core()
		j.ctx.core = core
		core.SingleSubmitted(1)
		if core.Queues && o.plain() {
			_, err = ex.Submit(ctx, j)
		} else {
			err = j.start(ctx, ex, k, o) // a copy there, so that k itself stays on the stack here
		}
		if err != nil {
			core.SingleSubmitted(-1)
		}
	}
	if err != nil {
		j.resolve(j.value, err)
	}
	return &j.Future
}

// A Future is the outcome of one task, in time. Its methods may be called by many goroutines.
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
// context's cause if that ends first; the task goes on then. A task may wait for a future of
// its own executor if it passes its own context; where the strategy cannot run the one while
// the other waits, the error is [ErrNested], unless the future has resolved before.
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

// then calls call when the future has resolved: at once if it has, else on the goroutine that
// resolves it.
func (f *Future[Out]) then(call func()) { f.waiters.add(&waiter{call: call}) }

// resolve publishes the outcome. It is called once.
func (f *Future[Out]) resolve(v Out, err error) {
	f.value, f.err = v, err
	told := f.waiters.close()
	f.pending.Done()
	told.tellAll()
}

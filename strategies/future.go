package strategies

import (
	"context"
	"sync"

	"github.com/payoff-bench/payoff/strategies/work"
)

// Go submits one task and returns at once. ctx is the context of the task: if ctx ends before the
// task starts, the task never starts; if ctx ends later, the running task sees that its context has
// ended. The context of [Future.Wait] bounds only the wait. If the executor refuses the task, Go
// returns a future that has failed already.
//
// A task can call Go on its own executor in two ways:
//
//   - It passes its own context. If the strategy cannot run a task within another task, the future
//     fails with [ErrNested].
//   - It passes another context. The new task is then queued like any other. [Future.Wait] says
//     when the calling task can wait for it.
//
// Go never blocks, and the number of submitted tasks is unbounded; for back-pressure use
// [Kernel.Stream]. The options may set a limit, retries and hooks.
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
		submitted := false
		defer func() {
			if !submitted { // a method of ctx panicked
				j.Cancel(ErrCancelled)
			}
		}()
		late := ctx.Err() != nil && j.ctx.claim(work.Outside) // the executor then finds the task already claimed
		if core.Queues && o.plain() {
			_, err = ex.Submit(ctx, j)
		} else {
			err = j.start(ctx, ex, k, o) // start copies k, so that k stays on the stack here
		}
		submitted = true
		switch {
		case err != nil:
			core.SingleSubmitted(-1)
		case late:
			j.skip(context.Cause(ctx))
		}
	}
	if err != nil {
		j.err = err
		j.resolve()
	}
	return &j.Future
}

// A Future is the future outcome of one task. Its methods are safe for concurrent use.
type Future[Out any] struct {
	self interface { // the job that contains the future
		Cancel(cause error)
		help(ctx context.Context)
		refuses(ctx context.Context) error
		await() (end func(), err error)
		stuckIf(held work.Held) bool
		executor() *work.Core
		letGo()
	}
	waiters waiters
	err     error
	value   Out
	pending sync.WaitGroup // done when the future resolves; needs no allocation, unlike a channel
}

// Wait waits until the future resolves, and returns the output of the task or its [*TaskError]. If
// ctx ends first, Wait returns the cause of ctx and the task continues.
//
// A task can wait for an unresolved future of its own executor in two ways:
//
//   - It passes its own context. If the strategy cannot run a task within another task, Wait
//     returns [ErrNested].
//   - It passes another context. If no worker is left that could run the task of the future, since
//     all would wait for each other, Wait returns ErrNested. [Kernel.Map] describes this.
//
// A task that waits for its own future gets ErrNested. If tasks wait for each other's futures in a
// circle, the task that closes the circle gets ErrNested.
func (f *Future[Out]) Wait(ctx context.Context) (out Out, err error) {
	if !f.waiters.resolved() {
		if err := f.stuck(ctx); err != nil {
			return out, err
		}
		f.self.help(ctx)
	}
	if !f.waiters.resolved() {
		end, err := f.self.await()
		if err != nil && !f.waiters.resolved() {
			return out, err
		}
		if end != nil {
			defer end()
		}
		if over := ctx.Done(); over == nil {
			f.pending.Wait()
		} else {
			select {
			case <-f.Done():
			case <-over:
				if !f.waiters.resolved() {
					return out, context.Cause(ctx)
				}
			}
		}
	}
	return f.value, f.err
}

// Done returns a channel that is closed when the future resolves.
func (f *Future[Out]) Done() <-chan struct{} { return f.waiters.closed() }

// Cancel makes the task of the future fail with [ErrCancelled] if the task has not started. If the
// task is running, Cancel ends its context. Cancel has no effect once the future has resolved.
func (f *Future[Out]) Cancel() {
	if f.waiters.resolved() {
		return
	}
	f.self.Cancel(ErrCancelled)
	f.self.letGo()
}

// then registers the function call, which runs when the future resolves, on the goroutine that
// resolves it. For a future that has already resolved, the function runs at once, on the calling
// goroutine.
func (f *Future[Out]) then(call func()) { f.waiters.add(&waiter{call: call}) }

// resolve marks the future as resolved with f.value and f.err. It is called once.
func (f *Future[Out]) resolve() {
	waiting := f.waiters.close()
	f.pending.Done()
	waiting.tellAll()
}

package strategies

import (
	"context"
	"iter"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// The functions that wait for many futures share these rules. When ctx ends first they return
// its cause; no task is affected, since only [Future.Cancel] cancels. A task of the futures' own
// executor may call them with its own context: it then runs unstarted tasks itself, one after
// the other; where the strategy cannot do that, they return [ErrNested].

// WaitAll waits until every future has resolved and returns their outputs in the same
// places. The error is nil, ctx's cause, or a [*JobError] whose task numbers are places in
// futures.
func WaitAll[Out any](ctx context.Context, futures []*Future[Out]) ([]Out, error) {
	out := make([]Out, len(futures))
	var failed []*TaskError
	for i, f := range futures {
		if _, err := f.Wait(ctx); !f.waiters.told() {
			return out, err
		}
		if f.err != nil {
			failed = append(failed, f.failure(i))
		}
		out[i] = f.value
	}
	if len(failed) > 0 {
		return out, &JobError{Succeeded: len(out) - len(failed), Failed: len(failed), failed: failed}
	}
	return out, nil
}

// WaitAny waits until some future has resolved, with an output or an error, and returns
// its place. The error is nil, ctx's cause, or an [OptionError] if there are no futures;
// the place is then -1.
func WaitAny[Out any](ctx context.Context, futures []*Future[Out]) (int, error) {
	if len(futures) == 0 {
		return -1, &OptionError{Option: "futures", Value: 0, Reason: "waiting for any of none would never end"}
	}
	for i, f := range AsCompleted(ctx, futures) {
		if err := f.stuck(ctx); err != nil {
			return -1, err
		}
		return i, nil
	}
	return -1, context.Cause(ctx)
}

// WaitFirstError waits until some future has failed, or all have resolved. The error is
// nil if all have outputs, ctx's cause, or the [*TaskError] of the first that failed, with
// its place in futures as the task's number. The others go on.
func WaitFirstError[Out any](ctx context.Context, futures []*Future[Out]) error {
	n := 0
	for i, f := range AsCompleted(ctx, futures) {
		if err := f.stuck(ctx); err != nil {
			return err
		}
		if f.err != nil {
			return f.failure(i)
		}
		n++
	}
	if n < len(futures) {
		return context.Cause(ctx)
	}
	return nil
}

// AsCompleted yields each future with its place as soon as it has resolved: those that
// have already in the order of their places, then the others in the order in which they
// resolve. The sequence ends early when ctx does. A consumer that stops leaves nothing behind,
// however long the futures live.
//
// Futures of a task's own executor that cannot run while the task waits come last, unresolved:
// [Future.Wait] then returns [ErrNested].
func AsCompleted[Out any](ctx context.Context, futures []*Future[Out]) iter.Seq2[int, *Future[Out]] {
	return func(yield func(int, *Future[Out]) bool) {
		var left atomic.Bool
		defer left.Store(true)
		done := make(chan int, len(futures)) // has room for all, so that resolving a future never blocks
		nested := work.InTask(ctx)
		var stuck []int
		for i, f := range futures {
			if nested && f.stuck(ctx) != nil {
				stuck = append(stuck, i)
				continue
			}
			f.waiters.add(&waiter{call: func() { done <- i }, left: &left})
		}
		unstarted := futures
		for range len(futures) - len(stuck) {
			for nested && len(done) == 0 && len(unstarted) > 0 {
				unstarted[0].self.help(ctx)
				unstarted = unstarted[1:]
			}
			i := -1
			select {
			case i = <-done:
			default:
				select {
				case i = <-done:
				case <-ctx.Done():
					return
				}
			}
			if !yield(i, futures[i]) {
				return
			}
		}
		for _, i := range stuck {
			if !yield(i, futures[i]) {
				return
			}
		}
	}
}

// stuck returns ErrNested if a wait with ctx would be refused.
func (f *Future[Out]) stuck(ctx context.Context) error {
	if f.waiters.told() {
		return nil
	}
	err := f.self.refuses(ctx)
	if f.waiters.told() {
		return nil
	}
	return err
}

// failure returns the error of a future that failed, as that of task i.
func (f *Future[Out]) failure(i int) *TaskError {
	if e, ok := f.err.(*TaskError); ok {
		return &TaskError{Task: i, Worker: e.Worker, Attempt: e.Attempt, Err: e.Err}
	}
	return &TaskError{Task: i, Err: f.err} // refused by its executor
}

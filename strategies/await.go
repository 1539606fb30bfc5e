package strategies

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// The functions that wait for many futures share these rules. If ctx ends first, they return the
// cause of ctx; the tasks continue, since only [Future.Cancel] cancels a task. A task may wait for
// futures of its own executor if it passes its own context: the call then runs the unstarted tasks
// of these futures itself, one after the other. If the strategy cannot do that, the call returns
// [ErrNested]. A nil future is an [OptionError], and so is a nil ctx unless every future has
// resolved.

// WaitAll waits until every future has resolved. Element i of the result is the output of
// futures[i], or the zero value if that task has no output. The error is one of these:
//
//   - nil: every future has an output.
//   - a [*JobError]: some tasks failed; its task number i stands for futures[i].
//   - the cause of ctx ([context.Cause]): ctx ended first.
//   - [ErrNested]: the caller is a task that cannot wait for one of the futures.
//   - an [OptionError]: a future is nil, or ctx is nil.
func WaitAll[Out any](ctx context.Context, futures []*Future[Out]) ([]Out, error) {
	out := make([]Out, len(futures))
	if err := missing(futures); err != nil {
		return out, err
	}
	var failed []*TaskError
	for i, f := range futures {
		if _, err := f.Wait(ctx); !f.waiters.resolved() {
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

// WaitAny waits until at least one future has resolved, with an output or an error, and returns the
// index of such a future. If the wait fails, the index is -1, and the error is one of these:
//
//   - the cause of ctx ([context.Cause]): ctx ended first.
//   - [ErrNested]: the caller is a task that cannot wait for the futures.
//   - an [OptionError]: there are no futures, a future is nil, or ctx is nil.
func WaitAny[Out any](ctx context.Context, futures []*Future[Out]) (int, error) {
	if len(futures) == 0 {
		return -1, &OptionError{Option: "futures", Value: 0, Reason: "must have at least one element"}
	}
	if err := missing(futures); err != nil {
		return -1, err
	}
	for i, f := range AsCompleted(ctx, futures) {
		if _, err := f.Wait(ctx); !f.waiters.resolved() {
			return -1, err
		}
		return i, nil
	}
	return -1, context.Cause(ctx)
}

// WaitFirstError waits until one future has failed or all have resolved. It does not cancel the
// other tasks. The error is one of these:
//
//   - nil: every future has an output.
//   - a [*TaskError]: the error of the first future that failed; its task number is the index of
//     that future.
//   - the cause of ctx ([context.Cause]): ctx ended first.
//   - [ErrNested]: the caller is a task that cannot wait for one of the futures.
//   - an [OptionError]: a future is nil, or ctx is nil.
func WaitFirstError[Out any](ctx context.Context, futures []*Future[Out]) error {
	if err := missing(futures); err != nil {
		return err
	}
	n := 0
	for i, f := range AsCompleted(ctx, futures) {
		if _, err := f.Wait(ctx); !f.waiters.resolved() {
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

// AsCompleted yields each future with its index as soon as the future has resolved. It starts with
// the futures that have already resolved, in the order of their indices. The sequence ends early
// when ctx ends. Loops that end early do not accumulate memory in unresolved futures.
//
// There are three special cases:
//
//   - The caller is a task, and cannot wait for some futures of its own executor. AsCompleted
//     yields these futures last, although they have not resolved; [Future.Wait] returns [ErrNested]
//     for them.
//   - ctx is nil. AsCompleted yields the unresolved futures last; [Future.Wait] returns an
//     [OptionError] for them.
//   - A future is nil. In its place, AsCompleted yields a future that has failed with an
//     [OptionError].
func AsCompleted[Out any](ctx context.Context, futures []*Future[Out]) iter.Seq2[int, *Future[Out]] {
	return func(yield func(int, *Future[Out]) bool) {
		futures := withoutNil(futures)
		var left atomic.Bool
		defer left.Store(true)
		done := make(chan int, len(futures)) // has room for all indices, so that resolving a future never blocks
		nested := ctx == nil || work.InTask(ctx)
		yielded := make([]bool, len(futures)) // whether the future was yielded
		count, free := 0, false               // number of futures yielded; whether the caller runs no task
		waited := make([]*Future[Out], 0, len(futures))
		for i, f := range futures {
			if nested && f.stuck(ctx) != nil {
				continue
			}
			waited = append(waited, f)
			f.waiters.add(&waiter{call: func() { done <- i }, left: &left})
		}
		unstarted := waited
		for count < len(waited) {
			for nested && len(done) == 0 && len(unstarted) > 0 {
				if f := unstarted[0]; !f.waiters.resolved() {
					f.self.help(ctx)
				}
				unstarted = unstarted[1:]
			}
			var end func()
			if len(done) == 0 && !free {
				var err error
				if end, err = awaitAny(waited, count); err != nil {
					break
				}
				free = end == nil
			}
			i := -1
			select {
			case i = <-done:
			default:
				select {
				case i = <-done:
				case <-ctx.Done():
				}
			}
			if end != nil {
				end()
			}
			if i < 0 {
				return
			}
			yielded[i] = true
			count++
			if !yield(i, futures[i]) {
				return
			}
		}
		for i, f := range futures {
			if !yielded[i] && !yield(i, f) {
				return
			}
		}
	}
}

// awaitAny records that the caller waits until one more of the futures resolves. The caller,
// AsCompleted, has yielded the given number of futures, and calls end after the wait. If the caller
// runs no task, awaitAny records nothing and end is nil. If the wait would deadlock, awaitAny
// returns ErrNested.
func awaitAny[Out any](futures []*Future[Out], yielded int) (end func(), err error) {
	i := slices.IndexFunc(futures, func(f *Future[Out]) bool { return !f.waiters.resolved() })
	if i < 0 {
		return nil, nil
	}
	return futures[i].self.executor().Await(false, func(held work.Held) bool {
		resolved := 0
		for _, f := range futures {
			if f.waiters.resolved() {
				resolved++
			} else if !f.self.stuckIf(held) {
				return false
			}
		}
		return resolved == yielded
	})
}

// missing returns an OptionError for the first future that is nil. It returns nil if there is none.
func missing[Out any](futures []*Future[Out]) error {
	if i := slices.Index(futures, nil); i >= 0 {
		return nilFuture(i)
	}
	return nil
}

func nilFuture(i int) error {
	return &OptionError{Option: fmt.Sprintf("futures[%d]", i), Value: nil, Reason: "must not be nil"}
}

// withoutNil returns the futures with each nil future replaced by a future that has failed.
func withoutNil[Out any](futures []*Future[Out]) []*Future[Out] {
	if !slices.Contains(futures, nil) {
		return futures
	}
	all := slices.Clone(futures)
	for i, f := range all {
		if f == nil {
			all[i] = &Future[Out]{err: nilFuture(i)}
			all[i].waiters.close()
		}
	}
	return all
}

// stuck returns an error if the caller cannot wait for f with the context ctx: an OptionError if
// ctx is nil, ErrNested if the wait would deadlock. It returns nil if the wait is possible, or if f
// has resolved.
func (f *Future[Out]) stuck(ctx context.Context) error {
	if f.waiters.resolved() {
		return nil
	}
	if err := work.CheckContext(ctx); err != nil {
		return err
	}
	err := f.self.refuses(ctx)
	if f.waiters.resolved() {
		return nil
	}
	return err
}

// failure returns the error of the failed future f as a TaskError whose task number is i.
func (f *Future[Out]) failure(i int) *TaskError {
	e, ok := errors.AsType[*TaskError](f.err)
	switch {
	case !ok: // the executor refused the task, or a hook panicked
		return &TaskError{Task: i, Err: f.err}
	case f.err == error(e):
		return &TaskError{Task: i, Worker: e.Worker, Attempt: e.Attempt, Err: e.Err}
	default: // a hook panicked too
		return &TaskError{Task: i, Worker: e.Worker, Attempt: e.Attempt, Err: f.err}
	}
}

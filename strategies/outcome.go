package strategies

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A cursor is the position of a worker in the tasks that it has claimed. It survives a panic, so
// that the worker continues after the task that panicked.
type cursor struct {
	i, hi int // slots i up to hi-1 are claimed; slot i runs now or next
	n     int // number of outcomes recorded
	from  int // in a map with automatic chunks: slots from this one up to i-1 have outcomes that n does not include
	group int // in a map with automatic chunks: number of tasks to run before the next call of giveBack

	failed int // number of recorded outcomes that are errors

	size *chunk.Sizer // nil if step is not 0
}

// step returns the number of tasks that a worker claims at a time by [work.Range.Add]. Add works
// only with a fixed, small chunk size and a range of limited length. In other cases step returns 0,
// and the worker claims tasks by [work.Range.Claim], in chunks whose sizes come from c.size. step
// then sets c.size, for a job of total tasks. slots is the length of the range.
func (c *cursor) step(t *work.Terms, slots, total, workers int) uint32 {
	fixed, _ := t.Chunk.(chunk.Fixed)
	step := work.Addable(int(fixed), slots)
	if step == 0 && c.size == nil {
		c.size = newSizer(t, total, workers)
	}
	return step
}

// count adds to c.n the number of tasks that ended since the last call of count: the tasks in the
// slots from c.from up to c.i-1.
func (c *cursor) count() {
	c.n += c.i - c.from
	c.from = c.i
}

// looks is the approximate number of times that a worker checks, during one claim, whether to give
// tasks back.
const looks = 256

// giveBack gives the unstarted tasks of the claim back to r and returns true, if another worker has
// no tasks and this claim takes too long. The caller then returns from Drain, so that the executor
// wakes the other worker. Otherwise giveBack returns false.
func (c *cursor) giveBack(r *work.Range) bool {
	if !r.Wanted() || c.hi-c.i < 2 || !c.size.Late() || !r.GiveBack(work.Span{Lo: c.i, Hi: c.hi}) {
		return false
	}
	c.hi = c.i
	return true
}

// newSizer returns a Sizer on the heap, since it would take too much space on the stack. In the
// strategy spawn, the loop of Drain and the task must fit together into the first 2 KiB of a
// goroutine's stack.
//
//go:noinline
func newSizer(t *work.Terms, total, workers int) *chunk.Sizer {
	size := t.Sizer(total, workers)
	return &size
}

// finish runs the rest of the claimed tasks on another goroutine if a task has ended the goroutine
// of worker w by Goexit. To detect this, finish checks whether c still holds claimed tasks. It
// cannot use recover, since a task may also panic while Goexit runs its deferred functions.
func (c *cursor) finish(ctx context.Context, j work.Job, w int, core *work.Core) {
	if c.i >= c.hi {
		return
	}
	left := new(work.Range)
	left.Set(work.Span{Lo: c.i, Hi: c.hi})
	for left.Len() > 0 { // another task may call Goexit on the new goroutine too
		var wg sync.WaitGroup
		wg.Go(func() { core.Task(w, func() { j.Drain(ctx, left, w) }) })
		wg.Wait()
	}
}

// A stopper holds the cause for which a job was cancelled.
type stopper struct{ cause atomic.Pointer[error] }

// set stores cause and returns true. If a cause is already stored, set returns false.
func (s *stopper) set(cause error) bool { return s.cause.CompareAndSwap(nil, &cause) }

// Cancelled implements [work.Job].
func (s *stopper) Cancelled() error {
	if p := s.cause.Load(); p != nil {
		return *p
	}
	return nil
}

// because returns err, the error of a task with context ctx. If err only says that ctx has ended,
// the result also wraps the cause of ctx, so that errors.Is finds that cause, for instance
// ErrClosed.
func because(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	if cause := context.Cause(ctx); endOfContext(err) && !contains(err, cause) {
		return fmt.Errorf("%w: %w", err, cause)
	}
	return err
}

// endOfContext reports whether err is context.Canceled or context.DeadlineExceeded.
func endOfContext(err error) bool {
	if _, ok := err.(*PanicError); ok {
		return false
	}
	return contains(err, context.Canceled) || err == context.DeadlineExceeded
}

// An attendance holds, for one job, a counter for each worker of the executor: the number of calls
// of [work.Job.Drain] that now run on this worker.
type attendance []atomic.Int32

// newAttendance returns the counters for the workers of core, all 0. It returns nil if the executor
// starts every task at once (core.Unbounded), since goroutines then share worker numbers.
func newAttendance(core *work.Core) attendance {
	if core.Unbounded {
		return nil
	}
	return make(attendance, max(core.Workers, 1))
}

// add adds n to the count of worker w.
func (a attendance) add(w int, n int32) {
	if w >= 0 && len(a) > 0 {
		a[w%len(a)].Add(n)
	}
}

// held reports whether a worker that now runs tasks of the job is blocked by tasks that wait for
// each other. The function blocked reports this for one worker of core: see [work.Held].
func (a attendance) held(core *work.Core, blocked work.Held) bool {
	for w := range a {
		if a[w].Load() > 0 && blocked(core, w) {
			return true
		}
	}
	return false
}

// awaitJob records that the caller waits for a job on the executor of core, until the caller calls
// end, which is never nil. If the caller is a task and the wait would deadlock, awaitJob returns
// ErrNested. ctx is the context of the job, and running counts the workers that run its tasks. The
// function over reports whether all tasks of the job have an outcome.
func awaitJob(ctx context.Context, core *work.Core, running attendance, over func() bool) (end func(), err error) {
	if core.Waits(0) {
		end, err = core.Await(work.PlaceOf(ctx, core) != nil, func(held work.Held) bool {
			return !over() && (held(core, work.Outside) || running.held(core, held))
		})
	}
	if end == nil {
		end = func() {}
	}
	return end, err
}

// contains returns errors.Is(err, target), or false if a method of err panics. Unlike a comparison
// by ==, it does not panic if err and target cannot be compared.
func contains(err, target error) (is bool) {
	defer func() { recover() }()
	return errors.Is(err, target)
}

// cancelWith cancels job with the cause of ctx when ctx ends. If the caller calls stop earlier, the
// end of ctx has no effect.
func cancelWith(ctx context.Context, job work.Job) (stop func() bool) {
	return context.AfterFunc(ctx, func() { job.Cancel(context.Cause(ctx)) })
}

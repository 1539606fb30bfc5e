package strategies

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A cursor is the position of a drain in the tasks that it claimed. It outlives the call that
// a panic ended, so that the drain goes on behind the task that panicked.
type cursor struct {
	i, hi int // i is running or next; up to hi is claimed
	n     int // outcomes recorded, for the count at the end

	failed int // of n
}

// finish runs claimed tasks that are left when a drain ends: a task is then ending the
// goroutine by Goexit, and another goroutine runs them. The result of recover does not show
// this, since a task may panic on its way out and the goroutine ends all the same.
func (c *cursor) finish(ctx context.Context, j work.Job, w int) {
	if c.i >= c.hi {
		return
	}
	left := new(work.Range)
	left.Set(work.Span{Lo: c.i, Hi: c.hi})
	for left.Len() > 0 { // another may end that goroutine too, before all is claimed
		var wg sync.WaitGroup
		wg.Go(func() { j.Drain(ctx, left, w) })
		wg.Wait()
	}
}

// A stopper holds the cause of a job's cancellation.
type stopper struct{ cause atomic.Pointer[error] }

// set stores the first cause and reports whether this was it.
func (s *stopper) set(cause error) bool { return s.cause.CompareAndSwap(nil, &cause) }

// Cancelled implements [work.Job].
func (s *stopper) Cancelled() error {
	if p := s.cause.Load(); p != nil {
		return *p
	}
	return nil
}

// cancelWith cancels job when ctx ends, until the returned function is called.
func cancelWith(ctx context.Context, job work.Job) (stop func() bool) {
	if ctx.Done() == nil {
		return func() bool { return true }
	}
	return context.AfterFunc(ctx, func() { job.Cancel(context.Cause(ctx)) })
}

// begin begins the task in slot i of a job whose inputs and outputs lie in slices.
func begin[In, Out any](ctx context.Context, j work.Job, k *Kernel[In, Out], in []In, out []Out, i int, ev Events, settle func(func())) {
	k.Begin(ctx, in[i], ev, func(v Out, err error) {
		settle(func() {
			if err != nil {
				j.Fail(i, work.By{}, err)
			} else {
				out[i] = v
			}
			j.Finish(work.Span{Lo: i, Hi: i + 1}, work.By{})
		})
	})
}

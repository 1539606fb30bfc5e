package strategies

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A cursor is the position of a drain in its claimed tasks. It survives a call that a panic ended,
// so that the drain continues after the task that panicked.
type cursor struct {
	i, hi int // slots i up to hi are claimed; i runs now or next
	n     int // number of outcomes recorded

	failed int // number of those without an output
}

// finish runs the claimed tasks that are left over when a task ends the goroutine of a drain by
// Goexit. Another goroutine runs them. finish detects this by the positions and not by recover: a
// task may panic during Goexit, and the goroutine still ends.
func (c *cursor) finish(ctx context.Context, j work.Job, w int, core *work.Core) {
	if c.i >= c.hi {
		return
	}
	left := new(work.Range)
	left.Set(work.Span{Lo: c.i, Hi: c.hi})
	for left.Len() > 0 { // another task may end that goroutine too
		var wg sync.WaitGroup
		wg.Go(func() { core.Task(func() { j.Drain(ctx, left, w) }) })
		wg.Wait()
	}
}

// A stopper holds the cause of the cancellation of a job.
type stopper struct{ cause atomic.Pointer[error] }

// set stores cause and returns true, unless there is a cause already.
func (s *stopper) set(cause error) bool { return s.cause.CompareAndSwap(nil, &cause) }

// Cancelled implements [work.Job].
func (s *stopper) Cancelled() error {
	if p := s.cause.Load(); p != nil {
		return *p
	}
	return nil
}

// because returns err, the error of a task with context ctx. If err only says that ctx has ended, the
// result wraps the cause of ctx too, so that errors.Is finds for instance ErrClosed.
func because(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	if cause := context.Cause(ctx); endOfContext(err) && !contains(err, cause) {
		return fmt.Errorf("%w: %w", err, cause)
	}
	return err
}

// endOfContext reports whether err is the error of a context.
func endOfContext(err error) bool {
	if _, ok := err.(*PanicError); ok {
		return false
	}
	return contains(err, context.Canceled) || err == context.DeadlineExceeded
}

// contains is errors.Is, but false if a method of err panics. Unlike ==, it does not panic if err and
// target cannot be compared.
func contains(err, target error) (is bool) {
	defer func() { recover() }()
	return errors.Is(err, target)
}

// cancelWith cancels job when ctx ends, unless the returned function is called first.
func cancelWith(ctx context.Context, job work.Job) (stop func() bool) {
	return context.AfterFunc(ctx, func() { job.Cancel(context.Cause(ctx)) })
}

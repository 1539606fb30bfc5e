package strategies

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// within runs f for no longer than limit. A task that is still running then fails with a
// [TimeoutError] and goes on as a stray, whose outcome is dropped. The channel is nil without
// a stray, else it is closed when the stray returns.
//
// A goroutine cannot be ended by force, so the task has one that can be left behind. That
// costs about a microsecond, and only jobs with a limit pay it. Rejected: a deadline in the
// task's context alone, since a task that ignores its context would have none.
func within[In, Out any](ctx context.Context, limit time.Duration, core *work.Core, f func(context.Context, In) (Out, error), in In) (stray <-chan struct{}, v Out, err error) {
	type outcome struct {
		v     Out
		err   error
		taken time.Duration
	}
	var left atomic.Bool // by the task, or by the worker that waits for it
	done := make(chan struct{})
	var o outcome
	late := &TimeoutError{Limit: limit}
	begun := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, limit, late)
	defer cancel()
	go func() {
		var ended outcome
		returned := false
		defer func() {
			if !returned {
				ended.err = work.Caught(recover())
			}
			ended.taken = time.Since(begun)
			if left.CompareAndSwap(false, true) {
				o = ended
			} else {
				core.Lose(-1)
			}
			close(done)
		}()
		ended.v, ended.err = f(ctx, in)
		returned = true
	}()
	select {
	case <-done:
	case <-ctx.Done():
		if context.Cause(ctx) != error(late) { // the job ends; the task still has its time
			rest := time.NewTimer(limit - time.Since(begun))
			defer rest.Stop()
			select {
			case <-done:
			case <-rest.C:
			}
		}
		core.Lose(1)
		if left.CompareAndSwap(false, true) {
			return done, v, late
		}
		core.Lose(-1)
		<-done
	}
	if o.taken >= limit { // it ended, but so late that it might have been left
		return nil, v, late
	}
	return nil, o.v, o.err
}

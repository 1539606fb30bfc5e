package strategies

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// within runs f and waits for at most limit. A task that is still running then fails with a
// [TimeoutError], and continues as a stray whose outcome is dropped. The channel is nil without a
// stray; otherwise it is closed when the stray returns.
//
// A goroutine cannot be ended by force, so the task runs on its own goroutine, which the worker can
// leave behind. That costs about a microsecond, for jobs with a limit only. Rejected: only a
// deadline in the context of the task, since a task may ignore its context.
func within[In, Out any](ctx context.Context, limit time.Duration, core *work.Core, f func(context.Context, In) (Out, error), in In) (stray <-chan struct{}, v Out, err error) {
	var o struct { // the worker reads it only after done is closed
		v     Out
		err   error
		taken time.Duration
	}
	var left atomic.Bool // set by the task when it ends, or by the worker at the limit, whichever is first
	done := make(chan struct{})
	late := &TimeoutError{Limit: limit}
	begun := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, limit, late)
	defer cancel()
	go func() {
		returned := false
		defer func() {
			if !returned {
				o.err = work.Caught(recover())
			}
			o.taken = time.Since(begun)
			if !left.CompareAndSwap(false, true) {
				core.Lose(-1)
			}
			close(done)
		}()
		core.Task(func() { o.v, o.err = f(ctx, in) })
		returned = true
	}()
	select {
	case <-done:
	case <-ctx.Done():
		if context.Cause(ctx) != error(late) { // the job was cancelled; the task may still run until its limit
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
	if o.taken >= limit { // it ended in time to be seen, but after its limit
		return nil, v, late
	}
	return nil, o.v, o.err
}

package strategies

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// within runs f as worker w for at most limit. If f is still running at the limit, its task fails
// with a [TimeoutError], but f continues until it returns, and its result is dropped. In this case
// stray is a channel that is closed when f returns; otherwise stray is nil.
//
// A goroutine cannot be ended by force, so f runs on its own goroutine, which the worker can
// abandon. This costs about a microsecond, and only jobs with a limit pay for it. A deadline in the
// context alone would not suffice, since a task may ignore its context.
func within[In, Out any](ctx context.Context, limit time.Duration, core *work.Core, w int, f func(context.Context, In) (Out, error), in In) (stray <-chan struct{}, v Out, err error) {
	var o struct { // the worker reads these fields only after done is closed
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
		core.Task(w, func() { o.v, o.err = f(ctx, in) })
		returned = true
	}()
	select {
	case <-done:
	case <-ctx.Done():
		if context.Cause(ctx) != error(late) { // the job was cancelled before the limit; the task may still run until its limit
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
	if o.taken >= limit { // the task returned before the timer was seen, but after its limit
		return nil, v, late
	}
	return nil, o.v, o.err
}

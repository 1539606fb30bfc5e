package strategies

import (
	"context"
	"time"

	"github.com/payoff-bench/payoff/strategies/inproc"
)

// Wait waits for the duration d and returns nil. If ctx ends first, Wait returns the cause of ctx.
// In a task of a [GIL] executor, other tasks run during the wait.
func Wait(ctx context.Context, d time.Duration) (err error) {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	Blocking(ctx, func() {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
	})
	return err
}

// Blocking calls f, a function that waits for something: the disk, another machine, a channel. ctx
// is the context of the calling task. While f waits in a running task of a [GIL] executor, other
// tasks run. In all other cases, Blocking has no effect except the call of f.
func Blocking(ctx context.Context, f func()) { inproc.Blocking(ctx, f) }

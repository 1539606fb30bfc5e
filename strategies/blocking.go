package strategies

import (
	"context"
	"time"

	"github.com/payoff-bench/payoff/strategies/inproc"
)

// Wait returns nil after d, or the cause of ctx if ctx ends first. In a task of a [GIL] executor,
// other tasks run during the wait. In a task of another executor, and outside of tasks, Wait only
// waits.
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

// Blocking calls the function f, which waits for something: the disk, another machine, a channel.
// In a task of a [GIL] executor, other tasks run while f waits. In a task of another executor, and
// outside of tasks, Blocking only calls f. ctx is the context of the task. Once the task has ended,
// Blocking only calls f.
func Blocking(ctx context.Context, f func()) { inproc.Blocking(ctx, f) }

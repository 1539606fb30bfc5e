package strategies

import (
	"context"
	"time"

	"github.com/payoff-bench/payoff/strategies/inproc"
)

// Wait waits until d has passed, and then returns nil, or until ctx ends, and then returns
// its cause. A kernel that waits by it lets other tasks run meanwhile under [GIL]; with any
// other executor, or none, it only waits.
func Wait(ctx context.Context, d time.Duration) (err error) {
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

// Blocking calls f, which waits for something: the disk, another machine, a channel. Under
// [GIL] other tasks run meanwhile; with any other executor, or none, it only calls f. The
// context is the task's own; it has no effect once the task has ended.
func Blocking(ctx context.Context, f func()) { inproc.Blocking(ctx, f) }

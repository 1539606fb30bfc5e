package strategies

import (
	"context"
	"time"

	"github.com/payoff-bench/payoff/strategies/inproc"
)

// Wait returns nil after d, or the cause of ctx if ctx ends first. Under [GIL] other tasks run
// meanwhile; with any other executor, or none, Wait only waits.
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

// Blocking calls f, which waits for something: the disk, another machine, a channel. Under [GIL]
// other tasks run meanwhile; with any other executor, or none, Blocking only calls f. ctx is the
// context of the task; it has no effect after the task has ended.
func Blocking(ctx context.Context, f func()) { inproc.Blocking(ctx, f) }

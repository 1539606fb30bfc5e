package strategies

import (
	"context"
	"time"
)

// Wait waits until d has passed, and then returns nil, or until ctx ends, and then returns
// its cause. A kernel that waits by it lets others run meanwhile under strategy gil; with
// any other executor, or none, it just waits.
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
// strategy gil other tasks run meanwhile; with any other executor, or none, it just calls
// f. The context is the task's own; it is no use once the task has ended.
func Blocking(ctx context.Context, f func()) {
	if h, ok := ctx.Value(holdKey{}).(*hold); ok {
		h.pause()
		defer h.resume() // f may panic
	}
	f()
}

package inproc

import (
	"context"
	"testing"

	"github.com/payoff-bench/payoff/strategies/work"
)

// started is a single (a job of one task) that has started, and so has left the queue.
type started struct{ work.Single }

func (started) Waiting() bool { return false }

// The test keeps a crew busy and queues singles (jobs of one task), each with its own context. Once
// a single has started, the crew must keep no reference to it.
func TestWatchesStayFew(t *testing.T) {
	c := &crew{}
	for range 10_000 {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		c.enqueueWatched(ctx, ctx.Done(), started{})
	}
	if n := len(c.watches); n > 2*sweepFrom {
		t.Errorf("%d watches are kept", n)
	}
}

package inproc

import (
	"context"
	"testing"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A started single is one that has left the queue.
type started struct{ work.Single }

func (started) Waiting() bool { return false }

// TestWatchesStayFew queues singles with a context each on a crew that is never idle. The crew forgets
// the singles that have started.
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

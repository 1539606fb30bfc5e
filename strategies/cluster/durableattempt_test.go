package cluster

import (
	"sync"
	"testing"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// TestCancelDuringOutcomes cancels a chunk while its tasks end, and checks for a deadlock.
func TestCancelDuringOutcomes(t *testing.T) {
	for range 2000 {
		const n = 20
		r := &run{host: &queueHost{}, kick: make(chan struct{}, 1), lease: noLease{}}
		inputs := make([]byte, 4*n) // n inputs of length 0
		job, err := newRelay(r, "kernel", &wire.Header{Number: n}, inputs)
		if err != nil {
			t.Fatal(err)
		}
		r.attempt = &attempt{relay: job}
		var both sync.WaitGroup
		both.Go(func() {
			for i := range n {
				// Outcomes of different processes are in different records.
				r.attempt.Finish(work.Span{Lo: i, Hi: i + 1}, work.By{Process: &work.Worker{Generation: i}})
			}
		})
		both.Go(r.cancel)
		both.Wait()
		if len(r.waiting) != n || job.Cancelled() != wire.ErrCancelled {
			t.Fatalf("%d records, cause %v; want %d and %v", len(r.waiting), job.Cancelled(), n, wire.ErrCancelled)
		}
	}
}

// A noLease is the lease of a job that ends itself.
type noLease struct{ work.Lease }

func (noLease) Stop() {}

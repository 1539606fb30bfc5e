//go:build unix

package lane

import (
	"errors"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A queued is a job whose tasks no lane claims.
type queued struct {
	work.Job
	cancelled atomic.Bool
}

func (*queued) Terms() *work.Terms { return &work.Terms{Chunk: chunk.Fixed(1)} }
func (q *queued) Cancel(error)     { q.cancelled.Store(true) }

// TestGiveUp checks that a pool that gives up fails the jobs that it has, but no job that starts
// later.
func TestGiveUp(t *testing.T) {
	p := &Pool{empty: make(chan struct{})}
	p.leases.Store(new([]*lease))
	start := func() *queued {
		q := new(queued)
		if _, err := p.Start(t.Context(), q, 0); err != nil {
			t.Error(err)
		}
		return q
	}
	cause := errors.New("no room")
	yes, no := func() bool { return true }, func() bool { return false }
	for era := range int32(100) {
		first := start() // in this era
		if p.giveUp(era, no, cause); first.cancelled.Load() {
			t.Fatal("the pool gave up although the function enough returned false")
		}
		p.giveUp(era, yes, cause)
		second := make(chan *queued)
		p.giveUp(era, func() bool { // for another process, while the next era begins
			go func() { second <- start() }()
			for range 10 {
				runtime.Gosched()
			}
			return true
		}, cause)
		later := <-second
		if p.giveUp(era, yes, cause); !first.cancelled.Load() || later.cancelled.Load() {
			t.Fatalf("got cancelled %v for the job of the era and %v for that of the next era, want true and false", first.cancelled.Load(), later.cancelled.Load())
		}
	}
}

package trial_test

import (
	"context"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/work"
)

// table returns pools that differ only in their names, and two pools whose jobs take longer.
func table() (all []catalog.Strategy) {
	for i := range 5 {
		all = append(all, slowed(fmt.Sprintf("same-%d", i+1), 0))
	}
	return append(all, slowed("late-1", 0.01), slowed("late-5", 0.05))
}

// slowed returns a pool whose jobs take longer by the given share of their time.
func slowed(name string, share float64) catalog.Strategy {
	s := catalog.Named("pool")
	pool := s.New
	s.Name, s.Doc = name, fmt.Sprintf("a pool whose jobs take %g %% longer", 100*share)
	s.New = func(ctx context.Context, c catalog.Config) (strategies.Executor, error) {
		ex, err := pool(ctx, c)
		return slow{ex, share}, err
	}
	return s
}

// A slow is an executor whose jobs take longer, by a share of their time.
type slow struct {
	strategies.Executor
	share float64
}

func (s slow) Start(ctx context.Context, job work.Job) (work.Lease, error) {
	began := time.Now()
	l, err := s.Executor.Start(ctx, job)
	return &slowLease{l, began, s.share}, err
}

type slowLease struct {
	work.Lease
	began time.Time
	share float64
}

// Wait waits for the job, and then computes for the given share of the job's time. It does not
// sleep, because a sleep may last longer.
func (l *slowLease) Wait() {
	l.Lease.Wait()
	took := time.Since(l.began)
	for end := took + time.Duration(l.share*float64(took)); time.Since(l.began) < end; {
	}
}

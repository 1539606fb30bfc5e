package kernels

import (
	"context"
	"errors"
	"fmt"

	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// newLock returns the workload lock. Each task computes share percent of its grain while it holds a
// lock that all tasks of the job share. Code that locks a map or a log works like this. Goroutines
// use a mutex; processes use a file lock of the system (flock). By Amdahl's law the speed-up is at
// most 100/share.
//
// The lock protects a counter. If two tasks held the lock at the same time, the counter could lose
// an update, and the job would report an error.
func newLock(share int) workloads.Workload {
	return (&sharing{
		run: func(ctx context.Context, t sharedTask, s *shared) (workloads.Outcome, error) {
			inside := t.Steps * uint64(share) / 100
			a, err := t.spun(ctx, t.Steps-inside)
			if err != nil {
				return a, err
			}
			if err := s.lock(ctx); err != nil {
				return a, err
			}
			seen := s.word(0).Load()
			b, err := t.spun(ctx, max(1, inside))
			s.word(0).Store(seen + 1)
			return workloads.Outcome{Index: t.Index, Value: a.Value ^ mix.Bits(b.Value)}, errors.Join(err, s.unlock())
		},
		look: func(s *shared, tasks int) (map[string]float64, error) {
			if n := s.word(0).Swap(0); n != uint64(tasks) {
				return nil, fmt.Errorf("each of %d tasks added one to a counter under the lock, but the counter is %d: the lock did not protect it", tasks, n)
			}
			return nil, nil
		},
	}).workload(workloads.Workload{
		Name: fmt.Sprintf("lock%d", share),
		Doc:  fmt.Sprintf("computes, and holds one lock of the job for %d %% of each task: a mutex among goroutines, flock among processes", share),
		Uses: "allocates nothing; under the lock, one cache line moves from core to core",
	})
}

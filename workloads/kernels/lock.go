package kernels

import (
	"context"
	"fmt"

	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// Lock computes, a share of each task under one lock that all tasks of the job take: what
// stands in line for a map, a log or a licence. Goroutines take a mutex, processes a lock
// of the system (flock). By Amdahl's law the speed-up is at most 100 over share, which is
// in percent, 1 to 100.
//
// What the lock protects is a plain counter: an update that got lost, as it would if two
// were inside at once, is an error of the job.
func Lock(share int) workloads.Workload {
	name := fmt.Sprintf("lock%d", share)
	return (&sharing{
		open: func(sharedTask, *shared) error {
			if share < 1 || share > 100 {
				return &workloads.ParamError{Workload: name, Param: "share", Value: share, Allowed: "1 to 100 %"}
			}
			return nil
		},
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
			if err := s.unlock(); err != nil {
				return a, err
			}
			return workloads.Outcome{Index: t.Index, Value: a.Value ^ mix.Bits(b.Value)}, err
		},
		look: func(s *shared, tasks int) (map[string]float64, error) {
			if n := s.word(0).Swap(0); n != uint64(tasks) {
				return nil, fmt.Errorf("%d tasks updated a counter under the lock, and %d updates are in it", tasks, n)
			}
			return nil, nil
		},
	}).workload(workloads.Workload{
		Name: name,
		Doc:  fmt.Sprintf("computes, %d %% of each task under one lock: a mutex among goroutines, flock among processes", share),
		Uses: "allocates nothing; one cache line moves from core to core, under the lock",
	})
}

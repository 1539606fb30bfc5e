package kernels

import (
	"context"
	"fmt"

	"github.com/payoff-bench/payoff/workloads"
)

// lostUnit is how many updates of a job were lost.
const lostUnit = "lost-updates/op"

// Counter computes and adds one to a counter that all tasks of the job share, in memory that
// processes map, by an atomic addition: metrics, sequence numbers, reference counts. An
// update that is lost is an error.
func Counter() workloads.Workload {
	return counting("counter", "computes, then adds one to a counter that all share, atomically", func(s *shared) { s.word(0).Add(1) }, func(lost uint64) error {
		if lost > 0 {
			return fmt.Errorf("%d updates were lost, of a counter that is protected", lost)
		}
		return nil
	})
}

// Racy is Counter without protection: reading, adding and writing back, as code does that
// forgot the lock. Updates that are lost are counted; how many that is says how often
// two tasks met.
func Racy() workloads.Workload {
	return counting("racy", "as counter, but reads, adds and writes back without protection: lost updates are counted", func(s *shared) {
		seen := s.word(0).Load() // one by one, so that only updates are lost and nothing is undefined
		s.word(0).Store(seen + 1)
	}, func(uint64) error { return nil })
}

func counting(name, doc string, add func(*shared), judge func(lost uint64) error) workloads.Workload {
	return (&sharing{
		run: func(ctx context.Context, t sharedTask, s *shared) (workloads.Outcome, error) {
			o, err := t.spun(ctx, t.Steps)
			if err == nil {
				add(s)
			}
			return o, err
		},
		look: func(s *shared, tasks int) (map[string]float64, error) {
			n := s.word(0).Swap(0)
			if n > uint64(tasks) {
				return nil, fmt.Errorf("%d tasks added one each, and the counter is %d", tasks, n)
			}
			lost := uint64(tasks) - n
			return map[string]float64{lostUnit: float64(lost)}, judge(lost)
		},
	}).workload(workloads.Workload{Name: name, Doc: doc, Uses: "allocates nothing; one cache line moves from core to core"})
}

package kernels

import (
	"context"
	"fmt"

	"github.com/payoff-bench/payoff/workloads"
)

// lostUnit is the unit of how many updates a job lost.
const lostUnit = "lost-updates/op"

// newCounter returns the workload counter. Its tasks compute and then add one atomically to a
// counter that all tasks of the job share, in memory that processes map: a metric, a sequence
// number, a reference count. A lost update is an error.
func newCounter() workloads.Workload {
	return counting("counter", "computes, then adds one to a counter that all share, atomically", true, func(s *shared) { s.word(0).Add(1) })
}

// newRacy returns the workload racy: counter without protection. Its tasks read, add and write
// back, like code that forgot the lock. It counts the lost updates, which show how often two
// tasks met.
func newRacy() workloads.Workload {
	return counting("racy", "as counter, but reads, adds and writes back without protection: lost updates are counted", false, func(s *shared) {
		seen := s.word(0).Load() // both accesses are atomic, so that updates are lost but nothing is undefined
		s.word(0).Store(seen + 1)
	})
}

func counting(name, doc string, protected bool, add func(*shared)) workloads.Workload {
	return (&sharing{
		run: func(ctx context.Context, t sharedTask, s *shared) (workloads.Outcome, error) {
			o, err := t.spun(ctx, t.Steps)
			if err == nil {
				add(s)
			}
			return o, err
		},
		look: func(s *shared, tasks int) (map[string]float64, error) {
			n, all := s.word(0).Swap(0), uint64(tasks)
			switch {
			case n > all:
				return nil, fmt.Errorf("%d tasks added one each, and the counter is %d", tasks, n)
			case n < all && protected:
				return nil, fmt.Errorf("%d updates were lost, of a counter that is protected", all-n)
			}
			return map[string]float64{lostUnit: float64(all - n)}, nil
		},
	}).workload(workloads.Workload{Name: name, Doc: doc, Uses: "allocates nothing; one cache line moves from core to core"})
}

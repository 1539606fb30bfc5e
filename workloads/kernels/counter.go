package kernels

import (
	"context"
	"fmt"

	"github.com/payoff-bench/payoff/workloads"
)

// lostUnit is the unit of the number of updates of a counter that one job lost.
const lostUnit = "lost-updates/op"

// newCounter returns the workload counter. Its tasks compute and then atomically add 1 to a counter
// in mapped memory, which all tasks of the job share. A metric, a sequence number or a reference
// count works like this. If an update of the counter is lost, the job returns an error.
func newCounter() workloads.Workload {
	return counting("counter", "computes, then atomically adds one to a counter that all tasks of the job share", true, func(s *shared) { s.word(0).Add(1) })
}

// newRacy returns the workload racy, which is the workload counter without protection. Its tasks
// read the counter, add 1 and write the sum back, like code that lacks a lock. The number of lost
// updates shows how often two tasks collided.
func newRacy() workloads.Workload {
	return counting("racy", "works like counter, but reads the counter and writes it back without protection, and counts the lost updates", false, func(s *shared) {
		seen := s.word(0).Load() // each access alone is atomic, so updates may get lost, but the behaviour is defined
		s.word(0).Store(seen + 1)
	})
}

// counting returns a workload whose tasks compute and then call add, which adds 1 to a counter. If
// protected is true, a lost update of the counter is an error.
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
				return nil, fmt.Errorf("each of %d tasks added one to the counter, but the counter is %d, which is too large", tasks, n)
			case n < all && protected:
				return nil, fmt.Errorf("all updates of the counter are atomic, but it lost %d updates", all-n)
			}
			return map[string]float64{lostUnit: float64(all - n)}, nil
		},
	}).workload(workloads.Workload{Name: name, Doc: doc, Uses: "allocates nothing; one cache line moves from core to core"})
}

package workloads

import (
	"fmt"

	"github.com/payoff-bench/payoff/strategies"
)

// A scale says how many steps of a kernel are so many ns of work. It is the same on every
// machine, so that tasks and digests are too; what a step takes here shows in the measured
// work of a task.
type scale struct {
	steps, nanos uint64 // so many steps in so many ns
	lead         uint64 // steps that call, beginning and end of a task take as long as
	finest       int    // ns of the finest grain that whole steps can be near enough to
}

// count returns the steps of a task of so many ns, at least one.
func (s scale) count(grain int) uint64 {
	all := (uint64(grain)*s.steps + s.nanos/2) / s.nanos
	return max(all, s.lead+1) - s.lead
}

// counted completes w to a workload of tasks that are a head and nothing else, by a kernel
// that does t.Steps steps.
func counted(w Workload, s scale, k strategies.Kernel[Task, Outcome]) Workload {
	k.Name, k.In, k.Out = w.Name, taskCodec(), outcomeCodec()
	w.Grains, w.Finest, w.Kernel = true, s.finest, k
	w.New = func(p Params) (Load, error) {
		if err := w.Check(p); err != nil {
			return nil, err
		}
		return &Typed[Task, Outcome]{
			Kernel: k,
			Params: p,
			Input:  func(i, grain int) Task { return task(p.Seed, i, s.count(grain)) },
			Number: number,
		}, nil
	}
	return w
}

// grainError returns why a grain is refused that w cannot come near enough to.
func (w Workload) grainError(grain int) error {
	return &ParamError{w.Name, "grain", grain, fmt.Sprintf("%d to %d ns", max(1, w.Finest), MaxGrain)}
}

package kernels

import (
	"context"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
)

// newOverlap returns the workload overlap or await. In both, the caller of a job computes too: half
// as long as all tasks together. In overlap, the caller computes while the pool works, as after an
// asynchronous call. In await, the caller first waits for the results. The flag overlaps selects
// overlap.
func newOverlap(name, doc string, overlaps bool) workloads.Workload {
	k := strategies.Kernel[workloads.Task, workloads.Outcome]{Func: spin, In: workloads.TaskCodec(), Out: workloads.OutcomeCodec()}
	return workloads.DefinePlain(workloads.Workload{
		Name:   name,
		Doc:    doc,
		Uses:   "allocates nothing, touches no memory",
		Grains: true,
	}, k, func(p workloads.Params) (workloads.Typed[workloads.Task, workloads.Outcome], error) {
		return workloads.Typed[workloads.Task, workloads.Outcome]{
			Input:  func(i, grain int) workloads.Task { return p.Task(i, spinCount(grain)) },
			Number: workloads.Outcome.Number,
			Caller: func(ctx context.Context, tasks int) error {
				_, err := spin(ctx, p.Task(0, spinCount(max(1, p.Grain*tasks/2))))
				return err
			},
			Overlaps: overlaps,
		}, nil
	})
}

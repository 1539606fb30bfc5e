package workloads

import (
	"context"
	"slices"

	"github.com/payoff-bench/payoff/strategies"
)

// A sort step makes a run of so many numbers and sorts it.
const sortRun = 64

// Sort sorts runs of random numbers.
func Sort() Workload {
	return counted(Workload{
		Name: "sort",
		Doc:  "sorts runs of 64 random numbers: branches that no processor foresees",
		Uses: "allocates nothing, 512 B that stay in L1",
	}, scale{steps: 1, nanos: 1700, finest: 20_000}, strategies.Kernel[Task, Outcome]{Func: sortRuns})
}

func sortRuns(ctx context.Context, t Task) (Outcome, error) {
	const stride = 1 << 10 // about a millisecond between looks at the context
	var run [sortRun]uint64
	value := t.start()
	for step := range t.Steps {
		x := mix(value + step*odd)
		for i := range run {
			x += odd
			run[i] = mix(x)
		}
		slices.Sort(run[:])
		for i, v := range run {
			value += v ^ uint64(i)*odd
		}
		if step%stride == stride-1 && ctx.Err() != nil {
			return Outcome{}, ctx.Err()
		}
	}
	return Outcome{Index: t.Index, Value: mix(value)}, nil
}

package kernels

import (
	"context"
	"slices"

	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// A step of sort makes a list of random numbers, called a run, and sorts it.
const sortRun = 64 // number of random numbers in a run

// newSort returns the workload sort. Its tasks sort runs of 64 random numbers.
func newSort() workloads.Workload {
	return counted(workloads.Workload{
		Name:   "sort",
		Doc:    "sorts groups of 64 random numbers: has branches that a processor cannot predict",
		Uses:   "allocates nothing; uses 512 B that stay in L1",
		Finest: 20_000,
	}, scale{steps: 1, nanos: 1700}.count, sortRuns)
}

// sortRuns makes and sorts one run of random numbers per step.
func sortRuns(ctx context.Context, t workloads.Task) (workloads.Outcome, error) {
	const stride = 1 << 10 // number of steps between two checks of the context, about a millisecond
	var run [sortRun]uint64
	value := t.Start()
	for step := range t.Steps {
		x := mix.Bits(value + step*mix.Odd)
		for i := range run {
			x += mix.Odd
			run[i] = mix.Bits(x)
		}
		slices.Sort(run[:])
		for i, v := range run {
			value += v ^ uint64(i)*mix.Odd
		}
		if step%stride == stride-1 && ctx.Err() != nil {
			return workloads.Outcome{}, ctx.Err()
		}
	}
	return workloads.Outcome{Index: t.Index, Value: mix.Bits(value)}, nil
}

package kernels

import (
	"context"

	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// newMonteCarlo returns the workload montecarlo. Its tasks estimate π by counting the random points
// of a square that lie in a quarter of a circle.
func newMonteCarlo() workloads.Workload {
	return counted(workloads.Workload{
		Name:   "montecarlo",
		Doc:    "counts the random points that lie in a quarter of a circle: a simulation with another seed for each task",
		Uses:   "allocates nothing, touches no memory",
		Finest: 100,
	}, scale{steps: 4, nanos: 13, lead: 2}.count, monteCarlo)
}

// monteCarlo tests one random point per step. It computes with integers, so the result is the same
// on every machine. The points come from xorshift64* (Vigna, ACM TOMS 42, 2016).
func monteCarlo(ctx context.Context, t workloads.Task) (workloads.Outcome, error) {
	const stride = 1 << 19 // number of steps between two checks of the context, about a millisecond
	x := mix.Bits(t.Start()) | 1
	var inside uint64
	for left := t.Steps; left > 0; {
		steps := min(left, stride)
		for range steps {
			x ^= x >> 12
			x ^= x << 25
			x ^= x >> 27
			r := x * 0x2545f4914f6cdd1d
			a, b := r>>33, r<<31>>33
			inside += 1 - (a*a+b*b)>>62
		}
		if left -= steps; left > 0 && ctx.Err() != nil {
			return workloads.Outcome{}, ctx.Err()
		}
	}
	return workloads.Outcome{Index: t.Index, Value: mix.Bits(x ^ inside)}, nil
}

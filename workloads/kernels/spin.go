package kernels

import (
	"context"

	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// spinLead is how many steps call and tail (see spin) take as long as. The finest grain is 20 ns.
const spinLead = 9

// Spin is a counted chain of integer steps: work that needs a core, and nothing else.
func Spin() workloads.Workload {
	return counted(workloads.Workload{
		Name: "spin",
		Doc:  "a counted chain of dependent integer steps: pure computing, no memory, no calls",
		Uses: "allocates nothing, touches no memory",
	}, spinCount, spin)
}

func spinCount(grain int) uint64 { return max(mix.Steps(grain), spinLead+1) - spinLead }

// spin ends with a tail of up to seven more steps, as many as the value says. The
// processor cannot foresee that number; otherwise it would begin the next task of a
// loop before this one has ended, and a task of 100 ns would seem to take 87.
func spin(ctx context.Context, t workloads.Task) (workloads.Outcome, error) {
	const stride = 1 << 20 // about a millisecond between looks at the context
	x := t.Start()
	for left := t.Steps; ; {
		n := min(left, stride)
		for range n {
			x = mix.Step(x)
		}
		if left -= n; left == 0 {
			break
		}
		if err := ctx.Err(); err != nil {
			return workloads.Outcome{}, err
		}
	}
	for range x >> 61 {
		x = mix.Step(x)
	}
	return workloads.Outcome{Index: t.Index, Value: x}, nil
}

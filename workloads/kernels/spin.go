package kernels

import (
	"context"

	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// spinLead is the time of a call of spin and its tail, in steps. The finest grain is 20 ns.
const spinLead = 9

// newSpin returns the workload spin, whose tasks compute a counted chain of integer steps: work
// that needs a core and nothing else.
func newSpin() workloads.Workload {
	return counted(workloads.Workload{
		Name: "spin",
		Doc:  "a counted chain of dependent integer steps: pure computing, no memory, no calls",
		Uses: "allocates nothing, touches no memory",
	}, spinCount, spin)
}

// spinCount returns the number of steps for a grain.
func spinCount(grain int) uint64 { return max(mix.Steps(grain), spinLead+1) - spinLead }

// spin computes t.Steps steps, and then a tail of up to seven steps. The length of the tail depends
// on the value, so the processor cannot predict it. Otherwise the processor would begin the next
// task of a loop before this one ends, and a task of 100 ns would seem to take 87.
func spin(ctx context.Context, t workloads.Task) (workloads.Outcome, error) {
	const stride = 1 << 20 // steps between checks of the context, about a millisecond
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

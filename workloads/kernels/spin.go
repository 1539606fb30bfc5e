package kernels

import (
	"context"

	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// spinLead is the time, in steps, of calling spin and of the further steps with which spin ends.
// Because of it, the finest grain is 20 ns.
const spinLead = 9

// newSpin returns the workload spin. Its tasks compute a chain of integer steps of known length.
// This work uses a core and nothing else.
func newSpin() workloads.Workload {
	return counted(workloads.Workload{
		Name: "spin",
		Doc:  "computes a chain of dependent integer steps of known length, without memory accesses or calls",
		Uses: "allocates nothing, touches no memory",
	}, spinCount, spin)
}

// spinCount returns the number of steps of a task with the given grain.
func spinCount(grain int) uint64 { return max(mix.Steps(grain), spinLead+1) - spinLead }

// spin computes t.Steps steps, and then up to seven further steps. The number of further steps
// depends on the result, so the processor cannot predict it. Without them, the processor would
// begin the next task of a loop too early, and a task of 100 ns would seem to take 87 ns.
func spin(ctx context.Context, t workloads.Task) (workloads.Outcome, error) {
	const stride = 1 << 20 // number of steps between two checks of the context, about a millisecond
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

package kernels

import (
	"context"

	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// A step of chase is one load from memory. The loaded number says where in memory the next load is.
const chaseLine = 16 // numbers of 4 bytes in a cache line, of which chase uses only the first

// newChase returns the workload chase. Its tasks follow pointers through memory in random order. So
// their time depends on the latency of the cache or memory that holds the data. The tasks of a
// process share the data and only read it.
func newChase() workloads.Workload {
	cycles := bySize[[][chaseLine]uint32]{make: newCycle}
	return sized(workloads.Workload{
		Name:   "chase",
		Doc:    "follows pointers from cache line to cache line in random order: waits for memory, as trees and hash tables do",
		Uses:   "allocates its memory once per process; tasks take the nominal grain if the memory fits in L1",
		Finest: 100,
	}, scale{steps: 2, nanos: 3, lead: 8}, func(ctx context.Context, t sizedTask) (workloads.Outcome, error) {
		return chase(ctx, t, cycles.of(t.Memory))
	}, nothing)
}

// newCycle returns cache lines that point to each other: the pointers form one cycle through all
// lines, in random order. It uses Sattolo's algorithm (Information Processing Letters 22, 1986).
func newCycle(memory uint64) [][chaseLine]uint32 {
	n := max(2, memory/(4*chaseLine))
	lines := make([][chaseLine]uint32, n)
	for i := range lines {
		lines[i][0] = uint32(i)
	}
	for i := n - 1; i > 0; i-- {
		k := mix.Bits(i*mix.Odd) % i
		lines[i][0], lines[k][0] = lines[k][0], lines[i][0]
	}
	return lines
}

// chase follows the pointers between cache lines, beginning at a line that the seed of the task
// selects.
func chase(ctx context.Context, t sizedTask, lines [][chaseLine]uint32) (workloads.Outcome, error) {
	const stride = 1 << 14 // number of steps between two checks of the context, about a millisecond where memory is slow
	at := t.Seed % uint32(len(lines))
	for left := t.Steps; left > 0; {
		steps := min(left, stride)
		for range steps {
			at = lines[at][0]
		}
		if left -= steps; left > 0 && ctx.Err() != nil {
			return workloads.Outcome{}, ctx.Err()
		}
	}
	return workloads.Outcome{Index: t.Index, Value: mix.Bits(t.Start() ^ uint64(at)<<16)}, nil
}

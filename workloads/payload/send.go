package payload

import (
	"github.com/payoff-bench/payoff/strategies/wire/codec"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
	"github.com/payoff-bench/payoff/workloads"
)

// Send is bytes that travel to the task, and a number that comes back.
func Send() workloads.Workload {
	return shape[[]byte, uint64]{
		name:   "send",
		doc:    "reads bytes that travel with the task: data in by value",
		uses:   "allocates nothing but its data where that is decoded; reads it once, from whichever cache holds it",
		own:    raw.Name,
		kernel: func(task uint32, in []byte) (uint64, error) { return digest(uint64(task), in), nil },
		input:  codec.NewBytes,
		digest: func(v uint64) uint64 { return v },
	}.workload()
}

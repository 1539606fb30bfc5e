package kernels

import (
	"context"
	"encoding/json"
	"strings"
	"sync"

	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// An order is the content of one line of JSON in the workload json.
type order struct {
	ID    uint32   `json:"id"`
	Name  string   `json:"name"`
	Price float64  `json:"price"`
	Paid  bool     `json:"paid"`
	Tags  []string `json:"tags"`
}

// newJSON returns the workload json. Its tasks decode lines of JSON and encode them again.
func newJSON() workloads.Workload {
	lines := sync.OnceValue(orders)
	return counted(workloads.Workload{
		Name:   "json",
		Doc:    "decodes lines of JSON and encodes them again, as a service does with requests",
		Uses:   "allocates 460 B in 12 allocations for each line of 2.5 µs; uses L2",
		Finest: 30_000,
	}, scale{steps: 1, nanos: 2500}.count, func(ctx context.Context, t workloads.Task) (workloads.Outcome, error) {
		return recode(ctx, t, lines())
	})
}

// recode decodes and encodes one line of JSON per step, beginning with a line that the seed of the
// task selects.
func recode(ctx context.Context, t workloads.Task, lines [][]byte) (workloads.Outcome, error) {
	const stride = 1 << 8 // number of steps between two checks of the context, about a millisecond
	value := t.Start()
	for step := range t.Steps {
		var o order
		if err := json.Unmarshal(lines[(uint64(t.Seed)+step)%uint64(len(lines))], &o); err != nil {
			return workloads.Outcome{}, err
		}
		o.ID += uint32(step)
		line, err := json.Marshal(&o)
		if err != nil {
			return workloads.Outcome{}, err
		}
		value = mix.Hash(value, line)
		if step%stride == stride-1 && ctx.Err() != nil {
			return workloads.Outcome{}, ctx.Err()
		}
	}
	return workloads.Outcome{Index: t.Index, Value: value}, nil
}

// orders returns 256 lines of JSON of about equal length.
func orders() (lines [][]byte) {
	all := strings.Fields(vocabulary)
	for i := range uint64(256) {
		word := func(n uint64) string { return all[mix.Bits(i*mix.Odd+n)%uint64(len(all))] }
		line, _ := json.Marshal(&order{
			ID: uint32(mix.Bits(i) >> 36), Name: word(1) + " " + word(2), Price: float64(mix.Bits(i)>>44) / 100, Paid: i%2 == 0, Tags: []string{word(3), word(4)},
		})
		lines = append(lines, line)
	}
	return lines
}

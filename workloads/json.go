package workloads

import (
	"context"
	"encoding/json"
	"strings"
	"sync"

	"github.com/payoff-bench/payoff/strategies"
)

// An order is what a line of JSON holds.
type order struct {
	ID    uint32   `json:"id"`
	Name  string   `json:"name"`
	Price float64  `json:"price"`
	Paid  bool     `json:"paid"`
	Tags  []string `json:"tags"`
}

// JSON decodes lines of JSON and encodes them again.
func JSON() Workload {
	lines := sync.OnceValue(orders)
	return counted(Workload{
		Name: "json",
		Doc:  "decodes lines of JSON and encodes them again: what a service does with what it is asked",
		Uses: "allocates 460 B in 12 pieces for each line of 2.5 µs; L2",
	}, scale{steps: 1, nanos: 2500, finest: 30_000}, strategies.Kernel[Task, Outcome]{
		Func: func(ctx context.Context, t Task) (Outcome, error) { return recode(ctx, t, lines()) },
	})
}

// recode takes a step to be a line.
func recode(ctx context.Context, t Task, lines [][]byte) (Outcome, error) {
	const stride = 1 << 8 // about a millisecond between looks at the context
	value := t.start()
	for step := range t.Steps {
		var o order
		if err := json.Unmarshal(lines[(uint64(t.Seed)+step)%uint64(len(lines))], &o); err != nil {
			return Outcome{}, err
		}
		o.ID += uint32(step)
		line, err := json.Marshal(&o)
		if err != nil {
			return Outcome{}, err
		}
		value = hash(value, line)
		if step%stride == stride-1 && ctx.Err() != nil {
			return Outcome{}, ctx.Err()
		}
	}
	return Outcome{Index: t.Index, Value: value}, nil
}

// orders returns lines of about the same length.
func orders() (lines [][]byte) {
	all := strings.Fields(vocabulary)
	for i := range uint64(256) {
		word := func(n uint64) string { return all[mix(i*odd+n)%uint64(len(all))] }
		line, _ := json.Marshal(&order{
			ID: uint32(mix(i) >> 36), Name: word(1) + " " + word(2), Price: float64(mix(i)>>44) / 100, Paid: i%2 == 0, Tags: []string{word(3), word(4)},
		})
		lines = append(lines, line)
	}
	return lines
}

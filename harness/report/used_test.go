package report

import (
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// TestUsed checks how the first screen names several strategies that are equally fast.
func TestUsed(t *testing.T) {
	cell := func(strategy, chunk string) harness.Cell {
		return harness.Cell{Strategy: strategy, Chunk: harness.Chunk(chunk), Workers: 2, Cores: 2}
	}
	for want, cells := range map[string][]harness.Cell{
		"pool":                               {cell("pool", "1")},
		"pool or procs":                      {cell("pool", "1"), cell("procs", "1")},
		"pool, 3 ways":                       {cell("pool", "1"), cell("pool", "4"), cell("pool", "64")},
		"pool or procs, 3 ways":              {cell("pool", "1"), cell("procs", "1"), cell("procs", "4")},
		"steal, pool or static":              {cell("steal", "1"), cell("pool", "1"), cell("static", "1")},
		"pool, goroutines or procs, 4 ways":  {cell("pool", "1"), cell("goroutines", "1"), cell("procs", "1"), cell("procs", "4")},
		"steal, pool or static, 4 ways":      {cell("steal", "1"), cell("pool", "1"), cell("static", "1"), cell("spawn", "1")},
		"pool or procs, chunk 64":            {cell("pool", "64"), cell("procs", "64")},
		"pool, chunk 64 or procs, chunk 256": {cell("pool", "64"), cell("procs", "256")},
	} {
		if got := used(analyze.Advice{Use: cells}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

package main

import (
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness/suite"
	"github.com/payoff-bench/payoff/strategies/procs"
)

// TestCandidatesOfWorkloads checks that each workload of the table, except those for pools of Python, has
// candidates for payoff advise on several numbers of cores, and that a block measures at most 12 cells.
func TestCandidatesOfWorkloads(t *testing.T) {
	p := program(procs.Config{})
	for _, w := range p.Workloads {
		if w.Loop != "" || w.Name == "command" {
			continue
		}
		task := suite.Sweep{Workload: w.Name}.Task(w)
		if w.Grains {
			task.Grain = max(10_000, w.Finest)
		}
		for _, cores := range []int{1, 2, 8, 64} {
			for _, work := range []time.Duration{100, 10 * time.Microsecond, 100 * time.Millisecond} {
				c, err := suite.Catalog{Strategies: p.Strategies, Workloads: p.Workloads, Cores: cores}.Candidates(task, work, cores)
				if err != nil {
					t.Errorf("%s, %v, %d cores: %v", w.Name, work, cores, err)
					continue
				}
				for _, b := range c.First {
					if len(b.Cells) < 2 || len(b.Cells) > 12 {
						t.Errorf("%s, %v, %d cores: a block has %d cells", w.Name, work, cores, len(b.Cells))
					}
				}
			}
		}
	}
}

package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/run"
)

// What a run left unsettled is told with what it means and what can be done.
func TestAdvice(t *testing.T) {
	measured := func(noise ...float64) (samples []harness.Sample) {
		for b, noise := range noise {
			loop := harness.Cell{Task: harness.Task{Workload: "spin", Grain: 1000 + b}, Strategy: harness.Direct, Cores: 2, Workers: 1, Chunk: "1", Order: harness.MapOrder}
			pool := loop
			pool.Strategy = "pool"
			for round := range 6 {
				for _, c := range []harness.Cell{loop, pool} {
					ns := 1000.0
					if c == pool {
						ns += 1000 * noise * float64(round%3-1)
					}
					samples = append(samples, harness.Sample{Cell: c, Round: round, Block: b, Values: map[string]float64{harness.UnitTask: ns, harness.UnitTasks: 64}})
				}
			}
		}
		return samples
	}
	for _, c := range []struct {
		noise []float64
		tally run.Tally
		want  []string // a part of each line
	}{
		{[]float64{0, 0.001}, run.Tally{Rounds: 6}, nil},
		{[]float64{0, 0.03}, run.Tally{Rounds: 6, Wanted: 20}, []string{
			"wider than ± 1.5 %", "payoff run --resume here --rounds 20; to go on for a while: payoff run --resume here --budget 10m", "by --precision 5%, 2 of 2 blocks",
		}},
		{[]float64{0.03, 0.05, 0.08, 0.9}, run.Tally{Rounds: 6}, []string{"verdicts stand", "by --precision 10%, 3 of 4 blocks"}},
		{[]float64{0.9}, run.Tally{Rounds: 6}, []string{"called unresolved"}},
	} {
		a := Program{}.analyze(harness.Info{Precision: 0.015}, measured(c.noise...))
		got := advice("here", a, len(c.noise), c.tally)
		if len(got) != len(c.want) || slices.ContainsFunc(got, func(line string) bool { return line == "" }) {
			t.Errorf("%v: %q, want %q", c.noise, got, c.want)
			continue
		}
		for i, want := range c.want {
			if !strings.Contains(got[i], want) {
				t.Errorf("%v: %q has no %q", c.noise, got[i], want)
			}
		}
	}
}

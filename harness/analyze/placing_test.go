package analyze_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// checkCell returns a cell of the block that checkSamples measures.
func checkCell(strategy string) harness.Cell {
	return harness.Cell{Task: harness.Task{Workload: "spin", Grain: 1000}, Strategy: strategy, Cores: 2, Workers: 1, Chunk: "1", Order: harness.MapOrder}
}

// checkSamples returns samples of a block with the direct loop and strategies that take the given
// times, with 1 % of variation.
func checkSamples(rounds int, times map[string]float64) (all []harness.Sample) {
	rng := rand.New(rand.NewPCG(3, 3))
	for round := range rounds {
		for _, name := range []string{harness.Direct, "pool", "steal"} {
			ns := times[name] * math.Exp(0.01*rng.NormFloat64())
			if ns > 0 {
				all = append(all, harness.Sample{Cell: checkCell(name), Round: round, Values: map[string]float64{harness.UnitTask: ns, harness.UnitTasks: 1000}})
			}
		}
	}
	return all
}

// TestCheck checks which cell a check chooses: the proposed one, unless another is faster by more
// than the margin.
func TestCheck(t *testing.T) {
	for _, test := range []struct {
		name   string
		rounds int
		times  map[string]float64
		chosen string
		sure   bool
		open   int
	}{
		{"confirmed", 8, map[string]float64{harness.Direct: 1000, "pool": 500, "steal": 600}, "pool", false, 0},
		{"equal", 8, map[string]float64{harness.Direct: 1000, "pool": 500, "steal": 499}, "pool", false, 0},
		{"corrected", 8, map[string]float64{harness.Direct: 1000, "pool": 500, "steal": 400}, "steal", true, 0},
		{"the loop", 8, map[string]float64{harness.Direct: 300, "pool": 500, "steal": 400}, harness.Direct, true, 0},
		{"without a verdict", 2, map[string]float64{harness.Direct: 1000, "pool": 500, "steal": 450}, "steal", false, 1},
	} {
		c, ok := analyze.NewCheck(checkSamples(test.rounds, test.times), checkCell("pool"), analyze.Settings{})
		if !ok || c.Chosen.Strategy != test.chosen || c.Sure != test.sure || len(c.Open) != test.open {
			t.Errorf("%s: chose %s, sure %t, %d open, ok %t", test.name, c.Chosen.Strategy, c.Sure, len(c.Open), ok)
		}
		if len(c.Places) != 3 || c.Places[0].Gain.Value < c.Places[2].Gain.Value || c.Loop().Gain.Value != 1 {
			t.Errorf("%s: places %+v", test.name, c.Places)
		}
	}
	if _, ok := analyze.NewCheck(nil, checkCell("pool"), analyze.Settings{}); ok {
		t.Error("a check without samples has a result")
	}
	if _, ok := analyze.NewCheck(checkSamples(6, map[string]float64{"pool": 500}), checkCell("pool"), analyze.Settings{}); ok {
		t.Error("a check without the loop has a result")
	}
}

package analyzetest

import (
	"maps"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Chunking generates samples of a sweep of chunks, for pool on two cores. The simulated machine
// drifts by up to 10 % between rounds and blocks; pairing must cancel this drift.
type Chunking struct {
	Over   map[harness.Task]map[harness.Chunk]float64 // makespan divided by the ideal makespan
	Rounds int
	Noise  float64 // standard deviation of ln T of a launch
	Seed   uint64
}

// Bathtub simulates a sweep in which chunk 16 is best for equal tasks, and chunk 4 for tasks whose
// last ones are long. The policy auto takes 3 % longer than chunk 16, and 10 % longer than chunk 4.
var Bathtub = Chunking{
	Over: map[harness.Task]map[harness.Chunk]float64{
		{Workload: "spin", Grain: 200}: {
			"1": 1.5, "4": 1.2, "16": 1, "64": 1.01, "1024": 1.3, "static": 1.02, "guided": 1.01, "factoring": 1, "auto": 1.03, "quarters": 1, "slices": 1,
		},
		{Workload: "spin", Grain: 200, Spread: "last"}: {
			"1": 1.25, "4": 1, "16": 1.05, "64": 1.2, "1024": 2, "static": 1.6, "guided": 0.9, "factoring": 1.02, "auto": 1.1, "quarters": 1.5, "slices": 1.03,
		},
	},
	Rounds: 6, Noise: 0.003, Seed: 3,
}

// Samples returns the samples of the sweep, in the order of measurement. Each task has its own
// block.
func (c Chunking) Samples() []harness.Sample {
	g := newGenerator(c.Seed, 2, c.Noise)
	tasks := slices.SortedFunc(maps.Keys(c.Over), func(a, b harness.Task) int { return len(a.String()) - len(b.String()) })
	for g.round = range c.Rounds {
		for g.block = range tasks {
			task := tasks[g.block]
			drift := math.Exp(0.1 * g.rng.Float64())
			cell := g.loop(task, 2, drift*Work(task.Grain))
			cell.Strategy, cell.Workers = "pool", 2
			for _, chunk := range slices.SortedFunc(maps.Keys(c.Over[task]), harness.Chunk.Compare) {
				cell.Chunk = chunk
				g.add(cell, drift*c.Over[task][chunk]*Work(task.Grain)/2, false)
			}
		}
	}
	return g.out
}

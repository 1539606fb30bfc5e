package analyzetest

import (
	"math"

	"github.com/payoff-bench/payoff/harness"
)

const mebi = 1 << 20

// A way is a strategy with its simulated costs.
type way struct {
	strategy string
	recycle  int     // tasks after which a worker is replaced; 0: never
	over     float64 // makespan divided by the ideal makespan
	held     float64 // peak memory in bytes
}

var isolations = []struct {
	harness.Task
	ways []way
}{
	{harness.Task{Workload: "alloc", Memory: 64 * mebi}, []way{{"pool", 0, 1.8, 160 * mebi}, {"procs", 0, 0.9, 80 * mebi}}},
	{harness.Task{Workload: "spin", Shape: "kill1000"}, []way{{"procs", 0, 1.2, 20 * mebi}}},
	{harness.Task{Workload: "spin", Shape: "leak65536"}, []way{{"pool", 0, 1, 200 * mebi}, {"procs", 0, 1.1, 200 * mebi}, {"procs", 500, 1.4, 20 * mebi}}},
	{harness.Task{Workload: "spin"}, []way{{"pool", 0, 1, 10 * mebi}, {"procs", 0, 1.1, 18 * mebi}}},
}

// Isolations returns samples of goroutines and of worker processes on two cores. With a large live
// heap, processes take half the time and half the memory. Tasks that kill their workers run in
// processes only. A leak takes the same memory in both, and a tenth of it if worker processes are
// replaced.
func Isolations(rounds int, noise float64) []harness.Sample {
	g := newGenerator(12, 3, noise)
	for g.round = range rounds {
		for at, task := range isolations {
			g.block, task.Grain = at, 20_000
			cell := g.loop(task.Task, 2, Work(task.Grain))
			g.out[len(g.out)-1].Values[harness.UnitPSS] = 10 * mebi
			for _, w := range task.ways {
				cell.Strategy, cell.Workers, cell.Recycle = w.strategy, 2, w.recycle
				v := g.add(cell, w.over*Work(task.Grain)/2, false)
				v[harness.UnitPSS] = w.held * math.Exp(noise*g.rng.NormFloat64())
			}
		}
	}
	return g.out
}

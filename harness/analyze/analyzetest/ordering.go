package analyzetest

import (
	"math"
	"math/rand/v2"

	"github.com/payoff-bench/payoff/harness"
)

// Orders returns the samples of streams of pool in both orders beside a map, on two cores.
// Input order takes as long as completion order, but where tasks differ and the window is
// narrow: there half as long again. It then holds as many outcomes as its window lets it. The
// first result of a stream comes after a hundredth of the map's time.
func Orders(rounds int, noise float64) []harness.Sample {
	g := generator{rng: rand.New(rand.NewPCG(11, 3)), noise: noise}
	const grain = 10_000
	for g.round = range rounds {
		for at, spread := range []string{"", "pareto"} {
			g.block = at
			direct := harness.Cell{Task: harness.Task{Workload: "spin", Grain: grain, Spread: spread}, Cores: 2,
				Strategy: harness.Direct, Workers: 1, Chunk: "1", Order: harness.MapOrder}
			g.add(direct, Work(grain), false)
			cell := direct
			cell.Strategy, cell.Workers = "pool", 2
			g.add(cell, Work(grain)/2, false)
			for _, window := range []int{4, 64} {
				for _, order := range []string{harness.InputOrder, harness.CompletionOrder} {
					cell.Order, cell.Window = order, window
					over, held := 1.1, 3.0
					if spread != "" && order == harness.InputOrder {
						held = float64(window)
						if window == 4 {
							over *= 1.5
						}
					}
					g.add(cell, over*Work(grain)/2, false)
					v := g.out[len(g.out)-1].Values
					v[harness.UnitFirstResult] = v[harness.UnitOp] / 100
					v[harness.UnitHeld], v[harness.UnitHeldTasks], v[harness.UnitAvailability] = 2e4, held, 0.5
					if order == harness.InputOrder {
						v[harness.UnitHeadOfLine] = 1e4
					}
				}
			}
		}
	}
	return g.out
}

// Isolations returns the samples of goroutines beside processes, on two cores: with a large
// live heap processes take half as long and hold half as much; where tasks end their workers
// there are no goroutines; and a leak is as large in both, and a tenth where workers are
// replaced.
func Isolations(rounds int, noise float64) []harness.Sample {
	g := generator{rng: rand.New(rand.NewPCG(12, 3)), noise: noise}
	const grain, mebi = 20_000, 1 << 20
	type way struct {
		strategy string
		recycle  int
		over     float64 // makespan over the ideal
		held     float64 // bytes
	}
	for g.round = range rounds {
		for at, task := range []struct {
			harness.Task
			ways []way
		}{
			{harness.Task{Workload: "alloc", Grain: grain, Memory: 64 * mebi}, []way{{"pool", 0, 1.8, 160 * mebi}, {"procs", 0, 0.9, 80 * mebi}}},
			{harness.Task{Workload: "spin", Grain: grain, Shape: "kill1000"}, []way{{"procs", 0, 1.2, 20 * mebi}}},
			{harness.Task{Workload: "spin", Grain: grain, Shape: "leak65536"}, []way{{"pool", 0, 1, 200 * mebi}, {"procs", 0, 1.1, 200 * mebi}, {"procs", 500, 1.4, 20 * mebi}}},
			{harness.Task{Workload: "spin", Grain: grain}, []way{{"pool", 0, 1, 10 * mebi}, {"procs", 0, 1.1, 18 * mebi}}},
		} {
			g.block = at
			cell := harness.Cell{Task: harness.Task{Workload: task.Workload, Grain: grain, Memory: task.Memory, Shape: task.Shape}, Cores: 2,
				Strategy: harness.Direct, Workers: 1, Chunk: "1", Order: harness.MapOrder}
			g.add(cell, Work(grain), false)
			g.out[len(g.out)-1].Values[harness.UnitPSS] = 10 * mebi
			for _, w := range task.ways {
				cell.Strategy, cell.Workers, cell.Recycle = w.strategy, 2, w.recycle
				g.add(cell, w.over*Work(grain)/2, false)
				g.out[len(g.out)-1].Values[harness.UnitPSS] = w.held * math.Exp(noise*g.rng.NormFloat64())
			}
		}
	}
	return g.out
}

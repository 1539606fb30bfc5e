package analyzetest

import "github.com/payoff-bench/payoff/harness"

// Orders returns samples of pool on two cores: for each kind of task a map, and streams in input
// order and in completion order. Both orders take the same time, except that input order takes 50 %
// longer for unequal tasks with a narrow window. With unequal tasks, input order holds back as many
// outcomes as the window allows. The first result of a stream arrives after 1 % of its makespan.
func Orders(rounds int, noise float64) []harness.Sample {
	g := newGenerator(11, 3, noise)
	const grain = 10_000
	for g.round = range rounds {
		for at, spread := range []string{"", "pareto"} {
			g.block = at
			cell := g.loop(harness.Task{Workload: "spin", Grain: grain, Spread: spread}, 2, Work(grain))
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
					v := g.add(cell, over*Work(grain)/2, false)
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

// Package analyzetest generates samples of simulated runs with known results, for tests of the
// analysis, the charts and the reports.
package analyzetest

import (
	"math"

	"github.com/payoff-bench/payoff/harness"
)

// A Cost holds the costs of a strategy in ns: S, o and d in the model T = S + N·max((w+o)/P, d),
// where T is the makespan of N tasks of work w on P workers.
type Cost struct {
	Name   string
	Start  float64 // S, once per job
	Worker float64 // o, overhead of a worker per task at chunk 1; it is o/k at chunk k
	Hand   float64 // d, serial time to hand over a task at chunk 1; it is d/k at chunk k
	Slower float64 // factor on the makespan; 0 means 1
}

// A Run generates samples of the model of [Cost], with log-normal noise on every launch. Each round
// has A/A pairs for pool at one grain: at this grain, every chunk is launched twice.
type Run struct {
	Workload string
	Grains   []int
	Cores    []int
	Chunks   []int
	Orders   []string
	Rounds   int
	Noise    float64 // standard deviation of ln T of a launch
	Seed     uint64
	Costs    []Cost
}

// Quick is a run of typical size.
var Quick = Run{
	Workload: "spin",
	Grains:   []int{100, 1000, 10_000, 100_000, 1_000_000},
	Cores:    []int{1, 2},
	Chunks:   []int{1, 16},
	Orders:   []string{harness.MapOrder},
	Rounds:   6,
	Noise:    0.005,
	Seed:     7,
	Costs: []Cost{
		{Name: "serial", Worker: 20},
		{Name: "pool", Start: 3000, Worker: 60, Hand: 20},
		{Name: "procs", Start: 20000, Worker: 4000, Hand: 1500},
	},
}

// Samples returns the samples of the run, in the order of measurement.
func (r Run) Samples() []harness.Sample {
	g := newGenerator(r.Seed, 1, r.Noise)
	for g.round = range r.Rounds {
		g.block = 0
		for _, cores := range r.Cores {
			for at, grain := range r.Grains {
				loop := g.loop(harness.Task{Workload: r.Workload, Grain: grain}, cores, Work(grain))
				for _, order := range r.Orders {
					for _, cost := range r.Costs {
						twins := cost.Name == "pool" && cores == r.Cores[0] && at == g.round%len(r.Grains)
						g.strategy(loop, order, cost, r.Chunks, twins)
					}
				}
				g.block++
			}
		}
	}
	return g.out
}

// strategy adds launches of a strategy, one for each chunk. For serial it adds only the launch with
// the first chunk. If twins is true, it adds each launch twice.
func (g *generator) strategy(c harness.Cell, order string, cost Cost, chunks []int, twins bool) {
	c.Strategy, c.Order = cost.Name, order
	if cost.Name == "serial" {
		chunks = chunks[:1]
	} else {
		c.Workers = c.Cores
	}
	for _, chunk := range chunks {
		c.Chunk = harness.FixedChunk(chunk)
		g.add(c, cost.time(c), false)
		if twins {
			g.add(c, cost.time(c), true)
		}
	}
}

// time returns the makespan per task of the cell in ns, computed with the model of [Cost].
func (c Cost) time(cell harness.Cell) float64 {
	k := float64(cell.Chunk.Fixed())
	ns := c.Start/tasks(cell.Grain) + max((Work(cell.Grain)+c.Worker/k)/float64(cell.Workers), c.Hand/k)
	if c.Slower > 0 {
		ns *= c.Slower
	}
	return ns
}

// Work returns the time in ns that a task with this nominal grain takes in the simulated direct
// loop.
func Work(grain int) float64 { return 1.02 * float64(grain) }

// Job is the serial time of all tasks of a job, in ns. A job has at least 64 tasks.
const Job = 50e6

func tasks(grain int) float64 { return max(64, math.Floor(Job/float64(grain))) }

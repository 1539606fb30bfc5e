// Package analyzetest generates samples of simulated runs with known results, for tests of the
// analysis, the charts and the reports.
package analyzetest

import (
	"math"

	"github.com/payoff-bench/payoff/harness"
)

// A Cost is the cost of a strategy in the model T = S + N·max((w+o)/P, d), in ns.
type Cost struct {
	Name   string
	Start  float64 // S
	Worker float64 // o at chunk 1; it is o/k at chunk k
	Hand   float64 // d at chunk 1; it is d/k at chunk k
	Slower float64 // factor on the makespan; 0 means 1
}

// A Run generates samples of the model with log-normal noise on every launch, and one A/A pair of
// each chunk of pool in every round.
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

// Samples returns the samples in the order of measurement.
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

// strategy adds one launch per chunk. For serial it adds one launch, with the first chunk.
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

// time returns T/N in ns.
func (c Cost) time(cell harness.Cell) float64 {
	k := float64(cell.Chunk.Fixed())
	ns := c.Start/tasks(cell.Grain) + max((Work(cell.Grain)+c.Worker/k)/float64(cell.Workers), c.Hand/k)
	if c.Slower > 0 {
		ns *= c.Slower
	}
	return ns
}

// Work returns the time of a task of the grain in the direct loop, in ns.
func Work(grain int) float64 { return 1.02 * float64(grain) }

// Job is the serial time of all tasks of a job, in ns. A job has at least 64 tasks.
const Job = 50e6

func tasks(grain int) float64 { return max(64, math.Floor(Job/float64(grain))) }

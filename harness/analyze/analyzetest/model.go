// Package analyzetest makes up the samples of runs whose truth is known, for tests of
// the analysis and of what is drawn and written from it.
package analyzetest

import (
	"math"
	"math/rand/v2"

	"github.com/payoff-bench/payoff/harness"
)

// A Cost is what a strategy costs in the model T = S + N·max((w+o)/P, d), in ns.
type Cost struct {
	Name   string
	Start  float64 // S
	Worker float64 // o at chunk 1; o/k at chunk k
	Hand   float64 // d, likewise
	Slower float64 // factor on the makespan; 0 for 1
}

// A Run yields samples over the model with log-normal noise on every launch, and one A/A
// pair of each chunk of pool in every round.
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

// Quick is a run like those that people make.
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

// Job is the time that all tasks of a job take serially, in ns; there are 64 at least.
const Job = 50e6

// Samples returns the run's samples in the order of measuring.
func (r Run) Samples() []harness.Sample {
	g := generator{rng: rand.New(rand.NewPCG(r.Seed, 1)), noise: r.Noise}
	for g.round = range r.Rounds {
		g.block = 0
		for _, cores := range r.Cores {
			for at, grain := range r.Grains {
				direct := harness.Cell{Task: harness.Task{Workload: r.Workload, Grain: grain}, Cores: cores,
					Strategy: harness.Direct, Workers: 1, Chunk: "1", Order: harness.MapOrder}
				g.add(direct, Work(grain), false)
				for _, cell := range r.cells(direct) {
					ns := r.cost(cell.Strategy).time(cell)
					g.add(cell, ns, false)
					if cell.Strategy == "pool" && cores == r.Cores[0] && at == g.round%len(r.Grains) {
						g.add(cell, ns, true)
					}
				}
				g.block++
			}
		}
	}
	return g.out
}

// Work is what a task of the grain takes alone.
func Work(grain int) float64 { return 1.02 * float64(grain) }

func (r Run) cells(direct harness.Cell) []harness.Cell {
	var out []harness.Cell
	for _, order := range r.Orders {
		for _, c := range r.Costs {
			for i, chunk := range r.Chunks {
				cell := direct
				cell.Strategy, cell.Workers, cell.Chunk, cell.Order = c.Name, direct.Cores, harness.FixedChunk(chunk), order
				if c.Name == "serial" {
					cell.Workers = 1
				}
				if c.Name != "serial" || i == 0 {
					out = append(out, cell)
				}
			}
		}
	}
	return out
}

func (r Run) cost(name string) Cost {
	for _, c := range r.Costs {
		if c.Name == name {
			return c
		}
	}
	return Cost{}
}

// time is T/N.
func (c Cost) time(cell harness.Cell) float64 {
	k := float64(cell.Chunk.Fixed())
	ns := c.Start/tasks(cell.Grain) + max((Work(cell.Grain)+c.Worker/k)/float64(cell.Workers), c.Hand/k)
	if c.Slower > 0 {
		ns *= c.Slower
	}
	return ns
}

func tasks(grain int) float64 { return max(64, math.Floor(Job/float64(grain))) }

type generator struct {
	rng          *rand.Rand
	noise        float64
	round, block int
	out          []harness.Sample
}

func (g *generator) add(c harness.Cell, ns float64, twin bool) {
	ns *= math.Exp(g.noise * g.rng.NormFloat64())
	n := tasks(c.Grain)
	g.out = append(g.out, harness.Sample{
		Cell: c, Twin: twin, Round: g.round, Block: g.block, Reps: 3,
		Values: map[string]float64{
			harness.UnitTask: ns, harness.UnitOp: ns * n, harness.UnitTasks: n,
			harness.UnitControl:  1e6 * math.Exp(0.002*g.rng.NormFloat64()),
			harness.UnitPingPong: 200 * math.Exp(0.1*g.rng.NormFloat64()),
		},
	})
}

package analyzetest

import (
	"math"
	"math/rand/v2"

	"github.com/payoff-bench/payoff/harness"
)

// A generator collects simulated samples. New samples get the generator's current round and block.
type generator struct {
	rng          *rand.Rand
	noise        float64
	round, block int
	out          []harness.Sample
}

func newGenerator(seed, stream uint64, noise float64) *generator {
	return &generator{rng: rand.New(rand.NewPCG(seed, stream)), noise: noise}
}

// loop adds a launch of the direct loop that takes ns nanoseconds per task, with noise, and returns
// its cell.
func (g *generator) loop(t harness.Task, cores int, ns float64) harness.Cell {
	c := harness.Cell{Task: t, Cores: cores, Strategy: harness.Direct, Workers: 1, Chunk: "1", Order: harness.MapOrder}
	g.add(c, ns, false)
	return c
}

// add adds a launch of cell c that takes ns nanoseconds per task, with noise. It returns the values
// of the launch, to which callers may add more units.
func (g *generator) add(c harness.Cell, ns float64, twin bool) map[string]float64 {
	ns *= math.Exp(g.noise * g.rng.NormFloat64())
	n := tasks(c.Grain)
	values := map[string]float64{
		harness.UnitTask: ns, harness.UnitOp: ns * n, harness.UnitTasks: n,
		harness.UnitControl:  1e6 * math.Exp(0.002*g.rng.NormFloat64()),
		harness.UnitPingPong: 200 * math.Exp(0.1*g.rng.NormFloat64()),
	}
	g.out = append(g.out, harness.Sample{Cell: c, Twin: twin, Round: g.round, Block: g.block, Reps: 3, Values: values})
	return values
}

package analyze_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// A cost is what a strategy costs in the model T = S + N·max((w+o)/P, d), all in ns.
type cost struct {
	name    string
	start   float64 // S
	worker  float64 // o at chunk 1; o/chunk at others
	handing float64 // d, likewise
	slower  float64 // factor on the makespan, 0 for 1
}

var plain = []cost{
	{name: "serial", worker: 20},
	{name: "pool", start: 3000, worker: 60, handing: 20},
	{name: "procs", start: 20000, worker: 4000, handing: 1500},
}

// A model yields the samples of a run over a cost model with log-normal noise on every
// launch.
type model struct {
	workload string
	grains   []int
	cores    []int
	chunks   []int
	order    string
	rounds   int
	noise    float64 // standard deviation of ln T of a launch
	seed     uint64
	costs    []cost
}

func (m model) samples() []harness.Sample {
	rng := rand.New(rand.NewPCG(m.seed, 1))
	if m.costs == nil {
		m.costs = plain
	}
	if m.order == "" {
		m.order = harness.MapOrder
	}
	var out []harness.Sample
	for round := range m.rounds {
		block := 0
		for _, cores := range m.cores {
			for _, grain := range m.grains {
				block++
				add := func(c harness.Cell, ns float64, twin bool) {
					n := max(64, 50e6/float64(grain))
					ns *= math.Exp(m.noise * rng.NormFloat64())
					out = append(out, harness.Sample{
						Cell: c, Round: round, Block: block, Twin: twin, Reps: 3,
						Values: map[string]float64{
							harness.UnitTask: ns, harness.UnitOp: ns * n, harness.UnitTasks: n,
							harness.UnitControl:  1e6 * math.Exp(0.002*rng.NormFloat64()),
							harness.UnitPingPong: 200 * math.Exp(0.1*rng.NormFloat64()),
						},
					})
				}
				w := 1.02 * float64(grain)
				base := harness.Cell{Workload: m.workload, Grain: grain, Cores: cores, Workers: 1, Chunk: 1, Strategy: harness.Direct, Order: harness.MapOrder}
				add(base, w, false)
				for _, k := range m.costs {
					for _, chunk := range m.chunks {
						c := base
						c.Strategy, c.Workers, c.Chunk, c.Order = k.name, cores, chunk, m.order
						if k.name == "serial" {
							if chunk > 1 {
								continue
							}
							c.Workers = 1
						}
						n := max(64, 50e6/float64(grain))
						ns := k.start/n + max((w+k.worker/float64(chunk))/float64(c.Workers), k.handing/float64(chunk))
						if k.slower > 0 {
							ns *= k.slower
						}
						add(c, ns, false)
						if k.name == "pool" && block == 1+round%len(m.grains) {
							add(c, ns, true)
						}
					}
				}
			}
		}
	}
	return out
}

var quick = model{workload: "spin", grains: []int{100, 1000, 10_000, 100_000, 1_000_000},
	cores: []int{1, 2}, chunks: []int{1, 16}, rounds: 6, noise: 0.005, seed: 7}

func run(m model) *analyze.Analysis {
	return analyze.New(harness.Info{}, m.samples(), analyze.Settings{})
}

func question(t *testing.T, a *analyze.Analysis, grain, cores int) analyze.Question {
	t.Helper()
	i := slices.IndexFunc(a.Questions, func(q analyze.Question) bool { return q.Task.Grain == grain && q.Cores == cores })
	if i < 0 {
		t.Fatalf("no question with grain %d on %d cores", grain, cores)
	}
	return a.Questions[i]
}

func labels(cells []harness.Cell) string {
	var out []string
	for _, c := range cells {
		out = append(out, analyze.Label(c))
	}
	return strings.Join(out, ", ")
}

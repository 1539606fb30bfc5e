package chart

import (
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
	"github.com/payoff-bench/payoff/harness/record"
)

var settings = analyze.Settings{Waits: func(w string) bool { return w == "sleep" || w == "files" }}

// analyses returns the reference run and synthetic runs with each kind of chart.
func analyses(t *testing.T) map[string]*analyze.Analysis {
	t.Helper()
	all, err := runs()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var runs = sync.OnceValues(func() (map[string]*analyze.Analysis, error) {
	info, reference, err := record.Read("../../results/reference")
	if err != nil {
		return nil, err
	}
	wide, many := analyzetest.Quick, analyzetest.Quick
	wide.Workload = "素数🚀/<b>&\"../x"
	wide.Costs = append(slices.Clone(wide.Costs), analyzetest.Cost{Name: "a-strategy-with-quite-a-long-name", Worker: 300})
	pools := analyzetest.Quick
	pools.Chunks = []int{1}
	for i, name := range []string{"actor", "ants", "conc", "errgroup", "lo", "loop", "pond", "static", "steal", "workerpool"} {
		pools.Costs = append(pools.Costs[:len(pools.Costs):len(pools.Costs)], analyzetest.Cost{Name: name, Worker: float64(40 * (i + 2))})
	}
	many.Cores, many.Rounds = []int{1, 2, 4, 8, 16}, 3
	about, program := analyzetest.Program(info, 16, 50, 6)
	out := map[string]*analyze.Analysis{"program": analyze.New(about, program, settings), "reference": analyze.New(info, reference, settings)}
	for name, samples := range map[string][]harness.Sample{
		"wide": wide.Samples(), "many cores": many.Samples(), "pools": pools.Samples(), "chunks": analyzetest.Bathtub.Samples(), "orders": analyzetest.Orders(6, 0.02),
		"isolations": analyzetest.Isolations(6, 0.02), "starts": starts(), "payloads": payloads(), "workers": workers(),
	} {
		out[name] = analyze.New(info, samples, settings)
	}
	out["reference"].Foretold = predictions()
	return out, nil
})

// predictions returns predictions for 42 cells, of which the last two are farthest off.
func predictions() (all []analyze.Foretold) {
	for i := range 42 {
		c := harness.Cell{Task: harness.Task{Workload: "spin", Grain: 100 * (i + 1)}, Cores: 2, Workers: 2, Strategy: "pool", Chunk: "1", Order: harness.MapOrder}
		off := 1 + 0.001*float64(i)
		if i >= 40 {
			off = 1.5
		}
		all = append(all, analyze.Foretold{Cell: c, Predicted: analyze.Estimate{Value: 100 * off, Lo: 90 * off, Hi: 110 * off}, Measured: analyze.Estimate{Value: 100, Lo: 99, Hi: 101}})
	}
	return all
}

// A sampler collects samples of six rounds. Its method add takes the time per task in ns.
type sampler struct{ all []harness.Sample }

func (s *sampler) add(c harness.Cell, block int, ns float64, values map[string]float64) {
	if c.Cores == 0 {
		c.Cores = 2
	}
	if c.Workers == 0 {
		c.Workers = 2
	}
	if c.Chunk, c.Order = "1", harness.MapOrder; c.Strategy == harness.Direct {
		c.Workers = 1
	}
	for round := range harness.FewestRounds {
		f := 1 + 0.004*float64(round%3)
		v := map[string]float64{harness.UnitTask: ns * f, harness.UnitTasks: 100, harness.UnitOp: 100 * ns * f}
		for unit, x := range values {
			v[unit] = x * f
		}
		s.all = append(s.all, harness.Sample{Cell: c, Round: round, Block: block, Values: v})
	}
}

// starts returns samples in which the start of processes pays off in jobs of between 16 and 64
// tasks.
func starts() []harness.Sample {
	var s sampler
	for block, n := range []int{1, 4, 16, 64, 256} {
		task := harness.Task{Workload: "spin", Grain: 100_000, Tasks: n}
		for name, cost := range map[string][2]float64{harness.Direct: {0, 1e5}, "pool": {1e4, 5.1e4}, "procs": {2e6, 5.2e4}} {
			s.add(harness.Cell{Task: task, Strategy: name}, block, cost[1], map[string]float64{harness.UnitStart: cost[0], harness.UnitFirst: cost[1] * float64(n)})
		}
	}
	return s.all
}

// payloads returns samples of tasks with payloads and with the parts of their core time. One of the
// parts is negative.
func payloads() []harness.Sample {
	var s sampler
	for block, n := range []int{64, 4096, 262_144} {
		task := harness.Task{Workload: "send", Payload: n}
		w := 1000 + float64(n)/10
		s.add(harness.Cell{Task: task, Strategy: harness.Direct}, block, w, map[string]float64{harness.UnitCPU: w, harness.UnitIdle: w, harness.UnitSystem: 0.01 * w})
		for i, transport := range []string{"", "shm"} {
			cpu := w * (0.9 + 0.6*float64(i))
			s.add(harness.Cell{Task: task, Strategy: harness.Processes, Transport: transport}, block, 1.2*w,
				map[string]float64{harness.UnitCPU: cpu, harness.UnitIdle: 2.4*w - cpu, harness.UnitSystem: 0.3 * w, harness.UnitWaited: 0.1 * w})
		}
	}
	return s.all
}

// workers returns samples of waiting tasks whose throughput stops growing at 16 workers.
func workers() []harness.Sample {
	var s sampler
	task := harness.Task{Workload: "sleep", Grain: 1_000_000}
	s.add(harness.Cell{Task: task, Strategy: harness.Direct}, 0, 1e6, nil)
	for _, n := range []int{4, 16, 64} {
		s.add(harness.Cell{Task: task, Strategy: "pool", Workers: n}, 0, 1e6/math.Min(float64(n), 16), nil)
		s.add(harness.Cell{Task: task, Strategy: "procs", Workers: n}, 0, 1.1e6/math.Min(float64(n), 16), nil)
	}
	return s.all
}

package analyze_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// searchBlocks returns the blocks of a search by grain: the direct loop and pool.
func searchBlocks(s harness.Search) (blocks []harness.Block) {
	for _, v := range s.Values() {
		task := harness.Task{Workload: "spin", Grain: v}
		direct := harness.Cell{Task: task, Cores: s.Cores, Strategy: harness.Direct, Workers: 1, Chunk: "1", Order: harness.MapOrder}
		pool := direct
		pool.Strategy, pool.Workers = "pool", s.Cores
		blocks = append(blocks, harness.Block{Task: task, Cores: s.Cores, Cells: []harness.Cell{direct, pool}})
	}
	return blocks
}

// find carries out a search on a simulated machine that needs 8 % more than the nominal grain. The
// overhead of pool is 500 ns. Launches are starved with the given probability.
func find(s harness.Search, seed uint64, starved float64) (analyze.Boundary, []harness.Sample) {
	rng := rand.New(rand.NewPCG(seed, 24))
	blocks := searchBlocks(s)
	finder := analyze.NewFinder(s, blocks, analyze.Settings{}, time.Time{})
	var samples []harness.Sample
	rounds := map[int]int{}
	for range 500 {
		b, more := finder.Next(samples)
		if !more {
			break
		}
		for _, c := range blocks[b].Cells {
			ns := 1.08 * float64(c.Grain)
			if c.Strategy == "pool" {
				ns = (ns + 500) / 2
			}
			x := harness.Sample{Cell: c, Round: rounds[b], Block: b, Values: map[string]float64{harness.UnitTask: ns * math.Exp(0.02*rng.NormFloat64()), harness.UnitTasks: 64}}
			if rng.Float64() < starved {
				x.Marks = []string{harness.MarkStarved}
				x.Values[harness.UnitTask] *= 3
			}
			samples = append(samples, x)
		}
		rounds[b]++
	}
	return finder.Found(samples), samples
}

func crossover() harness.Search {
	return harness.Search{Goal: harness.FindCrossover, A: "pool", B: harness.Direct, Axis: "grain", From: 50, To: 1_000_000, Task: harness.Task{Workload: "spin"}, Cores: 2, Precision: 0.1}
}

// The finder finds the measured work at which pool and the loop take the same time, and leaves out
// starved launches.
func TestFinderCrossover(t *testing.T) {
	for _, starved := range []float64{0, 0.2} {
		covered := 0
		for seed := range uint64(20) {
			b, _ := find(crossover(), seed, starved)
			if !b.Done || b.Kind != analyze.Crosses || !b.Up || b.At.Half() > 0.11 {
				t.Fatalf("seed %d: %+v", seed, b)
			}
			if b.At.Lo <= 500 && 500 <= b.At.Hi {
				covered++
			}
		}
		if covered < 16 {
			t.Errorf("%d of 20 intervals cover 500 ns", covered)
		}
	}
}

// The METG at 75 % has the work w with w/(w+500) = 0.75.
func TestFinderMETG(t *testing.T) {
	s := crossover()
	s.Goal, s.Efficiency = harness.FindMETG, 0.75
	b, _ := find(s, 1, 0)
	if !b.Done || b.Kind != analyze.Crosses || math.Abs(b.At.Value/1500-1) > 0.1 {
		t.Errorf("%+v", b)
	}
}

// A boundary outside the range is on the side where the makespans differ least.
func TestFinderOutside(t *testing.T) {
	s := crossover()
	s.From = 5000
	b, _ := find(s, 1, 0)
	if !b.Done || b.Kind != analyze.AlwaysA || b.Nearest() != b.Points[0] {
		t.Errorf("%+v", b)
	}
	s.From, s.To = 10, 150
	b, _ = find(s, 1, 0)
	if !b.Done || b.Kind != analyze.AlwaysB || b.Nearest() != b.Points[len(b.Points)-1] {
		t.Errorf("%+v", b)
	}
	s.From, s.To = 500, 100_000 // at the end of the range
	s.Goal, s.Efficiency = harness.FindMETG, 0.5189
	if b, _ = find(s, 1, 0); b.Done || b.Why == "" {
		t.Errorf("%+v", b)
	}
}

// On a busy machine the search ends soon, without an answer.
func TestFinderBusy(t *testing.T) {
	b, samples := find(crossover(), 1, 0.9)
	if b.Done || !b.Busy || len(samples) > 40 {
		t.Errorf("after %d launches: %+v", len(samples), b)
	}
}

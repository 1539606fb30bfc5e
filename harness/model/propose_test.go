package model

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/payoff-bench/payoff/harness"
)

// launches returns samples of one task: three rounds of the given cells, whose makespans follow from
// the costs, with 1 % of variation.
func launches(v [parts]float64, at Point, cells []harness.Cell) (all []harness.Sample) {
	rng := rand.New(rand.NewPCG(5, 5))
	add := func(c harness.Cell, round int, ns float64) {
		all = append(all, harness.Sample{Cell: c, Round: round, Values: map[string]float64{harness.UnitTask: ns * math.Exp(0.01*rng.NormFloat64()), harness.UnitTasks: float64(at.Tasks)}})
	}
	for round := range 3 {
		loop := cells[0]
		loop.Strategy, loop.Workers, loop.Chunk = harness.Direct, 1, "1"
		add(loop, round, at.Work)
		for _, c := range cells {
			p := at
			p.Workers, p.Chunk = c.Workers, c.Chunk.Fixed()
			add(c, round, task(v, p))
		}
	}
	return all
}

// TestPropose fits a model to a few cells of one task, and checks the makespans that it expects of
// other cells: with other chunks for a task that computes, and with other numbers of workers for a
// task that waits and uses a shared resource.
func TestPropose(t *testing.T) {
	cell := func(chunk, workers int) harness.Cell {
		return harness.Cell{Task: harness.Task{Workload: "spin", Grain: 1000}, Strategy: "pool", Cores: 2, Workers: workers, Chunk: harness.FixedChunk(chunk), Order: harness.MapOrder}
	}
	for _, test := range []struct {
		name  string
		costs [parts]float64
		at    Point
		first []harness.Cell
		all   []harness.Cell
		best  harness.Cell
		n     int // number of proposals: cells inside the range
	}{
		{
			"chunks", [parts]float64{PerTask: 20, PerChunk: 800}, Point{Work: 1000, Tasks: 1 << 15, Workers: 2, Cores: 2},
			[]harness.Cell{cell(1, 2), cell(8, 2), cell(64, 2), cell(512, 2), cell(8, 4)},
			[]harness.Cell{cell(1, 2), cell(2, 2), cell(4, 2), cell(16, 2), cell(256, 2), cell(512, 2), cell(1024, 2), cell(64, 8)}, cell(512, 2), 6,
		}, {
			"workers", [parts]float64{PerTask: 1000, Dispatch: 40_000}, Point{Work: 1_000_000, Tasks: 1 << 12, Cores: 2, Chunk: 1, Waits: true},
			[]harness.Cell{cell(1, 2), cell(1, 8), cell(1, 16), cell(1, 64), cell(1, 128)},
			[]harness.Cell{cell(1, 2), cell(1, 4), cell(1, 32), cell(1, 64), cell(1, 256)}, cell(1, 32), 4,
		},
	} {
		m := OfTask(launches(test.costs, test.at, test.first), test.at.Waits)
		all := m.Propose(test.all)
		if len(all) != test.n {
			t.Errorf("%s: %d proposals, want %d", test.name, len(all), test.n)
		}
		for _, x := range all {
			p := test.at
			p.Workers, p.Chunk = x.Cell.Workers, x.Cell.Chunk.Fixed()
			if truth := task(test.costs, p); math.Abs(x.Time.Value/truth-1) > 0.05 {
				t.Errorf("%s: %s takes %v, want %.4g", test.name, x.Cell, x.Time, truth)
			}
			if got := all[0]; x.Cell == test.best && x.Time.Value > 1.02*got.Time.Value {
				t.Errorf("%s: %s is expected to be the fastest, want %s", test.name, got.Cell, test.best)
			}
		}
		if m.Judged.Tasks != 1 || len(m.Judged.Cells) == 0 {
			t.Errorf("%s: judged on %d cells of %d tasks", test.name, len(m.Judged.Cells), m.Judged.Tasks)
		}
		if short := Shortlist(all, 3); len(short) != 3 || short[0] != all[0] {
			t.Errorf("%s: shortlist %v", test.name, short)
		}
	}
	if all := (Model{}).Propose([]harness.Cell{cell(1, 2)}); len(all) > 0 {
		t.Errorf("a model without cells proposes %v", all)
	}
}

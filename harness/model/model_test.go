package model

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// run returns the samples of a run of 6 rounds of a world, with 2 % of variation.
func run(w world) (samples []harness.Sample) {
	rng := rand.New(rand.NewPCG(7, 7))
	noisy := func(v float64) float64 { return v * math.Exp(0.02*rng.NormFloat64()) }
	for round := range 6 {
		for i, p := range w.points {
			add := func(strategy string, chunk harness.Chunk, workers int, ns float64) {
				c := harness.Cell{Task: harness.Task{Workload: "spin", Grain: int(p.Work), Payload: p.Payload, Tasks: p.Tasks}, Strategy: strategy, Chunk: chunk, Order: harness.MapOrder, Workers: workers, Cores: p.Cores}
				samples = append(samples, harness.Sample{Cell: c, Round: round, Block: i, Values: map[string]float64{harness.UnitTask: noisy(ns), harness.UnitTasks: float64(p.Tasks), harness.UnitStart: noisy(1e6 * float64(workers))}})
			}
			add(harness.Direct, "1", 1, p.Work)
			add(w.name, harness.FixedChunk(p.Chunk), p.Workers, task(w.truth, p))
		}
	}
	return samples
}

// TestPredict checks predictions between the points of a world whose costs are known, and the
// judgement of the model.
func TestPredict(t *testing.T) {
	w := worlds()[1]
	m := New(run(w), analyze.Settings{})
	if len(m.Series) != 1 || m.Cells != len(w.points) {
		t.Fatalf("%d series of %d cells, want 1 of %d", len(m.Series), m.Cells, len(w.points))
	}
	for _, p := range []Point{
		{Work: 1_000, Tasks: 4096, Workers: 8, Cores: 8},
		{Work: 5_000, Payload: 20_000, Tasks: 4096, Workers: 12, Cores: 12},
		{Work: 15_000, Payload: 65_536, Tasks: 4096, Workers: 1, Cores: 1},
	} {
		all := m.Predict(p)
		if len(all) != 3 { // one for each chunk
			t.Fatalf("%d predictions, want 3", len(all))
		}
		for _, x := range all {
			truth := task(w.truth, x.At)
			if x.Time.Lo > truth || truth > x.Time.Hi || math.Abs(x.Time.Value/truth-1) > 0.05 {
				t.Errorf("%s at %+v: %v, want %.4g", x.Name, x.At, x.Time, truth)
			}
			if why := x.Refusal(); why != "" {
				t.Error(why)
			}
			if want := 1e6 * float64(p.Workers); math.Abs(x.Start.Value/want-1) > 0.05 {
				t.Errorf("start %v, want %g", x.Start, want)
			}
		}
	}
	j := m.Judged
	if n := len(j.Cells); n == 0 || n+j.Refused != m.Cells || j.Share(0.9) > 0.1 || float64(j.Inside()) < 0.85*float64(n) {
		t.Errorf("%d cells predicted, %d refused, p90 of the error %.3g, %d inside their band", n, j.Refused, j.Share(0.9), j.Inside())
	}
	if j.Right < j.Winners*9/10 || j.Winners == 0 {
		t.Errorf("%d of %d winners are right", j.Right, j.Winners)
	}
}

// TestRefusal checks that a prediction outside the range of the cells names each axis on which it
// is outside.
func TestRefusal(t *testing.T) {
	m := New(run(worlds()[1]), analyze.Settings{})
	for _, test := range []struct {
		p    Point
		axes int
	}{
		{Point{Work: 1_000, Tasks: 4096, Workers: 8, Cores: 8}, 0},
		{Point{Work: 1, Tasks: 4096, Workers: 8, Cores: 8}, 1},
		{Point{Work: 1_000, Payload: 1 << 30, Tasks: 4096, Workers: 8, Cores: 8}, 1},
		{Point{Work: 1_000, Tasks: 10, Workers: 17, Cores: 32}, 3},
	} {
		for _, x := range m.Predict(test.p) {
			if len(x.Outside) != test.axes {
				t.Errorf("%+v: outside on %q, want %d axes", test.p, x.Outside, test.axes)
			}
		}
	}
}

// TestFewCells checks that a strategy with too few cells has no fit, and a reason.
func TestFewCells(t *testing.T) {
	w := worlds()[0]
	w.points = w.points[:FewestCells-1]
	m := New(run(w), analyze.Settings{})
	if len(m.Series) != 0 || len(m.Lacking) != 1 || m.Lacking[0].Why == "" {
		t.Errorf("series %v, lacking %v; want none and one", m.Series, m.Lacking)
	}
	if m := New(nil, analyze.Settings{}); m.Cells != 0 || len(m.Series) != 0 {
		t.Errorf("a run without samples has a model: %+v", m)
	}
}

// TestFormula checks the formula of the model against values computed by hand.
func TestFormula(t *testing.T) {
	v := [parts]float64{PerTask: 100, PerJob: 1_000, Dispatch: 50}
	for _, test := range []struct {
		p    Point
		want float64
	}{
		{Point{Work: 900, Chunk: 1, Tasks: 100, Workers: 1, Cores: 1}, 1050 + 10},       // (W+D)/C
		{Point{Work: 900, Chunk: 1, Tasks: 100, Workers: 2, Cores: 4}, 500 + 10},        // W/P
		{Point{Work: 900, Chunk: 1, Tasks: 6400, Workers: 64, Cores: 64}, 50 + 0.15625}, // D
		{Point{Work: 900, Chunk: 1, Tasks: 3, Workers: 2, Cores: 4}, 2000./3 + 1000./3}, // two tasks on one of the workers
	} {
		if got := task(v, test.p); math.Abs(got-test.want) > 1e-9*test.want {
			t.Errorf("%+v: %.9g, want %.9g", test.p, got, test.want)
		}
	}
	c := Costs{Values: v}
	p := Point{Chunk: 1, Tasks: 1 << 30, Workers: 4, Cores: 8}
	if got := c.Saturation(Point{Work: 900, Chunk: 1, Tasks: 100, Workers: 1, Cores: 1}); got != 20 {
		t.Errorf("saturation at %v workers, want 20", got)
	}
	p.Cores = 4 // w = 0.5·(w+o+d), so w is 150 ns, and T·C/N twice that
	if got, want := c.METG(0.5, p), 300.; math.Abs(got/want-1) > 0.01 {
		t.Errorf("METG %v, want %v", got, want)
	}
	if got, want := c.BreakEven(p), 50.; math.Abs(got/want-1) > 0.01 {
		t.Errorf("break-even at %v, want %v", got, want)
	}
}

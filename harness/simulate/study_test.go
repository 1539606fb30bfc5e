package simulate

import (
	"math"
	"testing"

	"github.com/payoff-bench/payoff/harness/model"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

// TestMETGBends checks the published relation of METG and number of workers. With a central
// dispatcher, METG is constant up to P* = o/((1−E)·d) workers and then grows as P·d. With deques it
// stays constant.
func TestMETGBends(t *testing.T) {
	s := Study{Work: 1000, Tasks: 100_000, Policy: chunk.Fixed(1), Target: 0.5, Cores: 256}
	s.Series.Costs.Values[model.PerTask], s.Series.Costs.Values[model.Dispatch] = 2_000, 100
	s.Series.Range.Lo.Cores, s.Series.Range.Hi.Cores = 1, 2
	rows := s.Rows(0.1)
	if len(rows) != 9 {
		t.Fatalf("%d rows, want 9", len(rows))
	}
	for _, r := range rows {
		if math.Abs(r.METG/r.Predicted-1) > 0.1 {
			t.Errorf("%d cores: METG %.4g ns, want about %.4g", r.Cores, r.METG, r.Predicted)
		}
		if !(r.Time.Lo < r.Time.Value && r.Time.Value < r.Time.Hi) {
			t.Errorf("%d cores: band %v", r.Cores, r.Time)
		}
	}
	s.Steal = true
	rows = s.Rows(0.1)
	if first, last := rows[0].METG, rows[8].METG; math.Abs(last/first-1) > 0.1 {
		t.Errorf("with deques, METG %.4g ns on 1 core and %.4g on 256", first, last)
	}
}

// TestValidate checks the simulation of cells whose makespans follow the model: the simulated
// makespans must equal the measured ones within 1 %.
func TestValidate(t *testing.T) {
	s := Study{}
	s.Series.Costs.Values = [8]float64{model.PerTask: 100, model.PerFurther: 0.05, model.PerJob: 10_000, model.PerChunk: 500}
	s.Series.Range.Hi.Cores = 2
	for _, p := range []model.Point{
		{Work: 1000, Chunk: 1, Tasks: 4096, Workers: 1, Cores: 1},
		{Work: 1000, Chunk: 64, Tasks: 4096, Workers: 2, Cores: 2},
		{Work: 1e6, Chunk: 1, Tasks: 64, Workers: 2, Cores: 2},
	} {
		m := model.Measured{At: p}
		m.Time.Value = s.Series.Costs.Task(p)
		s.Series.Cells = append(s.Series.Cells, m)
	}
	checks := s.Validate()
	if len(checks) != 3 {
		t.Fatalf("%d checks, want 3", len(checks))
	}
	for _, c := range checks {
		if math.Abs(c.Error()) > 0.01 {
			t.Errorf("%+v: simulated %.5g, by the model %.5g", c.At, c.Simulated, c.Time.Value)
		}
	}
	if half := Half(checks); half > 0.05 {
		t.Errorf("band of ±%g", half)
	}
}

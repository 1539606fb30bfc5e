package chart

import (
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/model"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/harness/simulate"
	policies "github.com/payoff-bench/payoff/strategies/chunk"
)

// TestSimulated checks that the charts of a simulation say that it is one, and mark the bend of the METG.
func TestSimulated(t *testing.T) {
	info, samples, err := record.Read("../../results/reference")
	if err != nil {
		t.Fatal(err)
	}
	s := simulate.Study{Work: 10_000, Cores: 8, Target: 0.75, Tasks: 500, Policy: policies.Fixed(1)}
	for _, series := range model.New(samples, settings).Series {
		if series.Name() == "pool" {
			s.Series = series
		}
	}
	s.Series.Costs.Values[model.PerTask], s.Series.Costs.Values[model.Dispatch] = 200, 300
	all := Simulated(info, s, s.Rows(0.05))
	if len(all) != 2 {
		t.Fatalf("%d charts, want 2", len(all))
	}
	for _, c := range all {
		if !strings.HasPrefix(c.Question, "SIMULATED") || !strings.Contains(c.Caption, " SIMULATED with costs fitted to a run on up to 2 cores.") {
			t.Errorf("%s does not say that it is simulated: %s %s", c.Name, c.Question, c.Caption)
		}
	}
	if r := all[0].Panels[0].Rulers; len(r) != 1 || r[0].Kind != Upright || r[0].At < 4 || r[0].At > 8 {
		t.Errorf("the bend is at %v, want an upright ruler near 7", r)
	}
	if n := len(all[1].Panels[0].Series); n != 2 {
		t.Errorf("%d series of efficiency, want simulated and measured", n)
	}
}

// TestContours checks that the map of a run has the break-even of a strategy where it was measured and
// where it is predicted, in the row of the strategy.
func TestContours(t *testing.T) {
	all, err := runs()
	if err != nil {
		t.Fatal(err)
	}
	a := *all["wide"]
	s := manyGrains(&a)[0]
	who := s.Crossovers[0].Upward().A
	for _, c := range s.Crossovers {
		if c = c.Upward(); c.Kind == analyze.Crosses && c.Against() {
			who = c.A
		}
	}
	cell := bare(who)
	cell.Task = harness.Task{Payload: s.Place.Task.Payload}
	questions := compared(s)
	work := questions[1].Work.Value
	a.BreakEvens = []analyze.BreakEven{{Cell: cell, At: analyze.Estimate{Value: work, Lo: 0.9 * work, Hi: 1.1 * work, N: 6}}}
	found := map[string]Mark{}
	for _, m := range bySize(&a, s).panel.Marks {
		if int(m.Y) < len(seriesOf(s)) && bare(seriesOf(s)[int(m.Y)]) == bare(who) {
			found[m.Name] = m
		}
	}
	if m := found[predictedEven]; m.X != 1 || m.Solid || !(m.Lo < 1 && 1 < m.Hi) {
		t.Errorf("predicted break-even %+v, want column 1", m)
	}
	if m := found[measuredEven]; !m.Solid || m.N == 0 {
		t.Errorf("no measured break-even: %+v", found)
	}
}

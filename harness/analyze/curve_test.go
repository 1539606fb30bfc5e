package analyze_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/payoff-bench/payoff/harness/analyze"
)

func TestMETG(t *testing.T) {
	a := run(quick)
	for _, c := range curves(a) {
		switch name := fmt.Sprintf("%s on %d", analyze.Label(c.Series), c.Series.Cores); name {
		case "procs (chunk 1) on 2":
			// E = w/(w+o+P·S/N) = 3/4 at w = 12292, with P·S/N = 0.0079·w, and g is 4/3 of that.
			// The chord between the grains is the line of this model, the upper end of the interval.
			if m := c.METG; m.Kind != analyze.Passes || math.Abs(m.At.Hi/16390-1) > 0.02 || m.At.Lo > 16390 || m.At.N != 6 || m.At.Half() > 0.1 {
				t.Errorf("%s: METG %v %v", name, m.Kind, m.At)
			}
			if w := c.Work.At; math.Abs(w.Value/c.METG.At.Value-0.75) > 1e-9 {
				t.Errorf("%s: W %v is not three quarters of METG %v", name, w, c.METG.At)
			}
		case "pool (chunk 1) on 2":
			if c.METG.Kind != analyze.Passes || c.METG.Between[1] > 1100 {
				t.Errorf("%s: METG %v %v", name, c.METG.Kind, c.METG)
			}
		case "pool (chunk 16) on 2", "pool (chunk 16) on 1":
			if c.METG.Kind != analyze.AlwaysAbove || c.METG.Bound > 200 {
				t.Errorf("%s: METG %v %v", name, c.METG.Kind, c.METG.Bound)
			}
		case "serial on 2":
			if c.METG.Kind == analyze.Passes || c.METG.Kind == analyze.AlwaysAbove {
				t.Errorf("%s: METG %v %v", name, c.METG.Kind, c.METG.At)
			}
		}
	}
	m := quick
	m.Grains = []int{100, 1000}
	for _, c := range curves(run(m)) {
		if c.Series.Strategy == "procs" && c.Series.Chunk == "1" && c.METG.Kind != analyze.NeverAbove {
			t.Errorf("procs up to 1 µs: METG %v", c.METG.Kind)
		}
	}
}

func TestCrossovers(t *testing.T) {
	got := map[string]analyze.Crossover{}
	for _, c := range crossovers(run(quick)) {
		got[fmt.Sprintf("%s/%s on %d", analyze.Label(c.A), analyze.Label(c.B), c.A.Cores)] = c
	}
	for _, c := range []struct {
		pair string
		kind analyze.CrossKind
		at   float64
	}{
		// (w+4000)/2 = w at w = 4000.
		{"procs (chunk 1)/direct on 2", analyze.Crosses, 4000},
		{"pool (chunk 1)/direct on 2", analyze.AlwaysA, 0},
		{"pool (chunk 16)/serial on 2", analyze.AlwaysA, 0},
		{"procs (chunk 1)/direct on 1", analyze.Parts, 0}, // equivalent at 1 ms
	} {
		x, ok := got[c.pair]
		if !ok || x.Kind != c.kind || c.at > 0 && (math.Abs(x.At.Value/c.at-1) > 0.02 || !x.Up || x.At.Half() > 0.1) {
			t.Errorf("%s: %v at %v up %v, want %v at %v", c.pair, x.Kind, x.At, x.Up, c.kind, c.at)
		}
	}
	x := got["procs (chunk 1)/direct on 2"]
	down := x
	down.A, down.B, down.Up, down.Zones = x.B, x.A, false, nil
	for _, z := range x.Zones {
		z.Verdict = [...]analyze.Verdict{analyze.Unresolved, analyze.Worse, analyze.Better, analyze.Equivalent}[z.Verdict]
		down.Zones = append(down.Zones, z)
	}
	for _, c := range []analyze.Crossover{x, down} {
		if u := c.Upward(); u.A != x.A || u.B != x.B || !u.Up || !slices.Equal(u.Zones, x.Zones) {
			t.Errorf("%+v is upward %+v", c, u)
		}
	}
}

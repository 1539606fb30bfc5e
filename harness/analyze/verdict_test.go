package analyze_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// TestOneVerdictForEachTwo checks that tables and crossovers use the same verdict on a pair, and that
// a winner other than direct is better than direct.
func TestOneVerdictForEachTwo(t *testing.T) {
	m := quick
	m.Noise = 0.03
	for seed := range uint64(5) {
		m.Seed = seed
		a := run(m)
		zones := map[string]analyze.Verdict{} // verdicts against direct at both ends of each zone
		for _, c := range crossovers(a) {
			for _, z := range c.Zones {
				if c.Against() {
					zones[fmt.Sprint(c.A, z.From)], zones[fmt.Sprint(c.A, z.To)] = z.Verdict, z.Verdict
				}
			}
		}
		for _, q := range a.Questions() {
			for _, r := range q.Rows[1:] {
				who := r.Cell
				who.Grain = 0
				if z, ok := zones[fmt.Sprint(who, q.Work.Value)]; ok && z != r.VsDirect.Verdict {
					t.Errorf("seed %d, %v: %v in the table, %v in the crossover", seed, r.Cell, r.VsDirect.Verdict, z)
				}
				if q.Winner.Kind == analyze.Won && q.Winner.Best[0] == r.Cell && r.VsDirect.Verdict != analyze.Better {
					t.Errorf("seed %d: %v wins, but is %v against direct", seed, r.Cell, r.VsDirect.Verdict)
				}
			}
		}
	}
}

// TestCrossingThatDoesNotStay checks that Stays is false if the verdicts at the grains above the
// crossing differ.
func TestCrossingThatDoesNotStay(t *testing.T) {
	for _, c := range []struct {
		slower float64
		stays  bool
	}{{1, true}, {2, false}} {
		samples := quick.Samples()
		for i := range samples {
			if s := &samples[i]; s.Cell.Strategy == "procs" && s.Cell.Grain == 1_000_000 && c.slower > 1 {
				s.Values[harness.UnitTask] *= c.slower // as fast as direct on two cores
			}
		}
		a := analyze.New(harness.Info{}, samples, analyze.Settings{})
		i := slices.IndexFunc(crossovers(a), func(x analyze.Crossover) bool {
			return x.Against() && analyze.Label(x.A) == "procs (chunk 1)" && x.A.Cores == 2
		})
		if x := crossovers(a)[i]; x.Kind != analyze.Crosses || x.Stays != c.stays {
			t.Errorf("slower %v at the coarsest grain: %v, stays %v, zones %v", c.slower, x.Kind, x.Stays, x.Zones)
		}
	}
}

// TestWithoutContaminated checks that a comparison also gives its result without contaminated
// launches, if this result differs. It checks both directions of the comparison.
func TestWithoutContaminated(t *testing.T) {
	for _, mark := range []string{"", harness.MarkSteal, harness.MarkUnsettled} {
		samples := quick.Samples()
		for i := range samples {
			s := &samples[i]
			if s.Cell.Strategy == "pool" && s.Round < 2 {
				s.Values[harness.UnitTask] *= 3
				if mark != "" {
					s.Marks = []string{mark}
				}
			}
		}
		a := analyze.New(harness.Info{}, samples, analyze.Settings{})
		for _, q := range a.Questions() {
			if q.Task.Grain != 1_000_000 || q.Cores != 2 {
				continue
			}
			for _, r := range q.Rows[1:] {
				c := q.Versus(r.Cell, q.Rows[0].Cell)
				back := q.Versus(q.Rows[0].Cell, r.Cell)
				if r.Cell.Strategy != "pool" || mark != harness.MarkSteal {
					if c.Without != nil {
						t.Errorf("%q: %s: %v", mark, r.Cell, c.Without)
					}
				} else if w := c.Without; w == nil || w.Ratio.N != 4 || w.Leans != analyze.Better || c.Verdict == analyze.Better || back.Without.Leans != analyze.Worse {
					t.Errorf("%s: %+v, without %+v", r.Cell, c, w)
				}
			}
		}
	}
}

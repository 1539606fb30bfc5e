package analyze

import (
	"fmt"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// Twins sum up the A/A pairs of a run: two launches of the same cell in one turn, whose
// ratio is 1 but for noise.
type Twins struct {
	Pairs   int
	Ratio   Estimate // twin over cell, over all pairs; its interval should hold 1
	Typical float64  // median |ln ratio|: how far two launches of the same thing lie apart
	Worst   float64  // largest |ln ratio|
	Outside int      // pairs further apart than the margin
	Notes   []Note
}

func newTwins(t *table, set Settings) Twins {
	var logs, away []float64
	out := Twins{}
	for c, twins := range t.twins {
		for _, p := range join(twins, t.cells[c]) {
			logs, away = append(logs, p.log), append(away, math.Abs(p.log))
			if math.Abs(p.log) > math.Log1p(set.Margin) {
				out.Outside++
			}
		}
	}
	out.Pairs = len(logs)
	if out.Pairs == 0 {
		out.Notes = append(out.Notes, "no A/A pair was measured: how far two launches of the same cell lie apart is not known")
		return out
	}
	slices.Sort(logs) // the map above has no order; sums must not depend on it
	slices.Sort(away)
	out.Ratio = fromLogs(logs, set.Confidence)
	out.Typical, out.Worst = median(away), away[len(away)-1]
	if out.Ratio.Bounded() && (out.Ratio.Lo > 1 || out.Ratio.Hi < 1) {
		out.Notes = append(out.Notes, "the interval of the A/A ratio does not hold 1: something besides noise tells the two launches of a pair apart")
	}
	return out
}

// A Control is a fixed piece of work that every launch measures to judge the machine.
type Control struct {
	Unit             string
	Median, Min, Max float64 // ns
	N                int     // launches
	Notes            []Note
}

// flip is the ratio of the largest to the smallest value of a control from which the
// machine is said to have changed its state.
const flip = 1.3

func newControls(samples []harness.Sample) []Control {
	var out []Control
	for _, unit := range []string{harness.UnitControl, harness.UnitPingPong} {
		var vs []float64
		for _, s := range samples {
			if v, ok := s.Values[unit]; ok && v > 0 {
				vs = append(vs, v)
			}
		}
		if len(vs) == 0 {
			continue
		}
		slices.Sort(vs)
		c := Control{Unit: unit, Median: median(vs), Min: vs[0], Max: vs[len(vs)-1], N: len(vs)}
		if c.Max > flip*c.Min {
			c.Notes = append(c.Notes, Note(fmt.Sprintf(
				"the control %s varied by a factor of %.2g: the machine changed its state during the run; ratios are paired by round and stand this, plain times do not", unit, c.Max/c.Min)))
		}
		out = append(out, c)
	}
	return out
}

// An Agreement is a check on cells that must take the same time: at the coarsest grain,
// where overhead is nothing beside the work, strategies that run the same number of
// workers.
type Agreement struct {
	Place   Place
	Cells   int            // cells that took part
	Differ  []harness.Cell // those whose efficiency lies wholly outside the margin around the group's median
	Spread  float64        // largest efficiency over smallest, less 1
	Workers int
}

// Coarse is the work of a task, in ns, from which cells with equal workers must agree.
const Coarse = 500_000

// agreements checks the coarsest question of a sweep.
func agreements(qs []Question, set Settings) []Agreement {
	if len(qs) == 0 {
		return nil
	}
	q := qs[len(qs)-1]
	if q.Waits || q.Task.Grain == 0 || q.Work.Value < Coarse {
		return nil
	}
	groups := map[int][]Row{}
	for _, r := range q.Rows {
		if r.Efficiency.Known() {
			groups[r.Cell.Workers] = append(groups[r.Cell.Workers], r)
		}
	}
	var out []Agreement
	for _, rows := range groups {
		if len(rows) < 2 {
			continue
		}
		var es []float64
		for _, r := range rows {
			es = append(es, r.Efficiency.Value)
		}
		slices.Sort(es)
		mid := median(es)
		g := Agreement{Place: q.Place(), Cells: len(rows),
			Spread: es[len(es)-1]/es[0] - 1, Workers: rows[0].Cell.Workers}
		for _, r := range rows {
			if e := r.Efficiency; e.Bounded() && (e.Lo > mid*(1+set.Margin) || e.Hi < mid/(1+set.Margin)) {
				g.Differ = append(g.Differ, r.Cell)
			}
		}
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b Agreement) int { return a.Workers - b.Workers })
	return out
}

package analyze

import (
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// Twins summarize the A/A pairs of a run. An A/A pair is two launches of the same cell in one turn
// (measurement of a block). Their ratio differs from 1 only by noise.
type Twins struct {
	Ratio   Estimate // second launch over first launch, from all N pairs; its interval should include 1
	Typical float64  // median difference within a pair: larger over smaller makespan, minus 1
	Worst   float64  // largest difference within a pair
	Outside int      // number of pairs whose difference exceeds the margin
	Noisy   bool     // Typical exceeds the constant noisy times the margin
	Notes   []Note
}

// ClassTwins summarize the A/A pairs of one class of similar cells. An A/A pair is two launches of
// one cell in one turn (measurement of a block). Pairs with a contaminated launch are excluded.
type ClassTwins struct {
	Class harness.Class
	Ratio Estimate // second launch over first launch
	Holds bool     // the interval includes 1, as it should for nearly all classes
	Doubt Note     // reason why cells of the class get no verdict; "" if they do
}

// A class gets verdicts only if its A/A pairs agree as well as these limits demand.
const (
	classPairs = 3     // number of pairs needed to withhold verdicts
	classHalf  = 0.1   // largest half-width of the interval of the A/A ratio
	classLevel = 0.005 // verdicts are withheld if the A/A ratio lies beyond the margin at this level
)

// newClassTwins returns a summary of the A/A pairs for each class of similar cells. It leaves out
// classes without such pairs.
func newClassTwins(t *table) (all []ClassTwins) {
	byClass := map[harness.Class][]pair{}
	for c, twins := range t.twins {
		class := harness.ClassOf(c, t.set.Waits(c.Workload))
		byClass[class] = append(byClass[class], unmarked(join(twins, t.cells[c]))...)
	}
	for _, class := range harness.Classes() {
		if len(byClass[class]) == 0 {
			continue
		}
		xs := slices.Sorted(slices.Values(logs(byClass[class]))) // sums must not depend on the order of the map
		c := ClassTwins{Class: class, Ratio: fromLogs(xs, t.set.Confidence)}
		c.Holds = !c.Ratio.Bounded() || c.Ratio.Lo <= 1 && c.Ratio.Hi >= 1
		v, p := decide(xs, t.set.Margin)
		switch half := c.Ratio.Half(); {
		case len(xs) < classPairs:
		case (v == Better || v == Worse) && p <= classLevel:
			c.Doubt = notef("two launches of the same cell differ: the A/A ratio of %s is %s", class, c.Ratio)
		case half > classHalf:
			c.Doubt = notef("two launches of the same cell differ too much for a verdict: the A/A ratio of %s is known only to ± %s", class, format.Percent(half))
		}
		all = append(all, c)
	}
	return all
}

// noisy is the limit for Twins.Typical, as a multiple of the margin. Above it, small differences
// between strategies cannot be trusted.
const noisy = 3

func newTwins(t *table) Twins {
	var pairs []pair
	for c, twins := range t.twins {
		pairs = append(pairs, join(twins, t.cells[c])...)
	}
	if len(pairs) == 0 {
		return Twins{Notes: []Note{"no A/A pair was measured, so the difference between two launches of the same cell is unknown"}}
	}
	xs := slices.Sorted(slices.Values(logs(pairs))) // sums must not depend on the order of the map
	away := mapped(xs, math.Abs)
	out := Twins{Ratio: fromLogs(xs, t.set.Confidence), Typical: math.Expm1(Median(away)), Worst: math.Expm1(slices.Max(away))}
	out.Outside = len(only(away, func(log float64) bool { return log > math.Log1p(t.set.Margin) }))
	out.Noisy = out.Typical > noisy*t.set.Margin
	if out.Ratio.Bounded() && (out.Ratio.Lo > 1 || out.Ratio.Hi < 1) {
		out.Notes = []Note{"the interval of the A/A ratio excludes 1: the two launches of a pair differ by more than noise"}
	}
	return out
}

// A Control summarizes the times of a fixed piece of work that every launch executes to judge the
// machine.
type Control struct {
	Unit             string
	Median, Min, Max float64 // ns
	N                int     // launches
	// Within is the largest ratio of two values in one turn, whose launches are compared with each
	// other. Between is the largest ratio of the medians of two turns. Both are 1 if there is
	// nothing to compare.
	Within, Between float64
	Turns, Uneven   int // Turns counts the turns with several launches; Uneven counts those turns in which the values vary by flip or more
	Notes           []Note
}

// flip is a limit for the ratio of the largest to the smallest value of a control. If the ratio is
// as large as flip, the machine is considered to have changed its state.
const flip = 1.3

func newControls(samples []harness.Sample) []Control {
	var out []Control
	for _, unit := range []string{harness.UnitControl, harness.UnitPingPong} {
		var all []float64
		byTurn := map[turn][]float64{}
		for _, s := range samples {
			if v := s.Values[unit]; v > 0 {
				all = append(all, v)
				byTurn[turnOf(s)] = append(byTurn[turnOf(s)], v)
			}
		}
		if len(all) == 0 {
			continue
		}
		mid, low, high := spread(all)
		c := Control{Unit: unit, Median: mid, Min: low, Max: high, N: len(all), Within: 1}
		var mids []float64
		for _, turn := range byTurn {
			mid, low, high := spread(turn)
			mids = append(mids, mid)
			if len(turn) < 2 {
				continue
			}
			c.Turns++
			c.Within = max(c.Within, high/low)
			if high/low >= flip {
				c.Uneven++
			}
		}
		c.Between = slices.Max(mids) / slices.Min(mids)
		c.Notes = c.doubts()
		out = append(out, c)
	}
	return out
}

// spread returns the median, minimum and maximum of values.
func spread(all []float64) (mid, low, high float64) {
	return Median(all), slices.Min(all), slices.Max(all)
}

// doubts returns a note if the times of the control work varied between turns or within one turn.
// Pairing launches removes only the variation between turns from ratios.
func (c Control) doubts() []Note {
	factor := func(f float64) string { return format.Number(f, 2) }
	switch {
	case c.Uneven > 0:
		return []Note{notef("the control %s varied by up to %s × within a block (by %s × or more in %d of %d measurements). It varied by up to %s × between blocks and rounds. "+
			"Pairing removes only the variation between blocks and rounds. The variation within a block widens intervals and may shift ratios",
			c.Unit, factor(c.Within), factor(flip), c.Uneven, c.Turns, factor(c.Between))}
	case c.Max <= flip*c.Min:
		return nil
	case c.Turns > 0:
		return []Note{notef("the control %s varied by up to %s × between blocks and rounds, but by at most %s × within a block. "+
			"The machine changed state during the run. This affects times, but pairing removes it from ratios",
			c.Unit, factor(c.Between), factor(c.Within))}
	}
	return []Note{notef("the control %s varied by up to %s ×: the machine changed state during the run", c.Unit, factor(c.Max/c.Min))}
}

// An Agreement checks that strategies take the same time in a case where they must: with the same
// number of workers at the coarsest grain, where overhead is negligible. Tasks with injected faults
// are not checked, because strategies handle faults differently.
type Agreement struct {
	Place   Place
	Cells   int            // number of cells that were compared
	Who     []harness.Cell // these cells
	Differ  []harness.Cell // if three or more cells were compared: those whose efficiency, with its interval, lies outside the margin around the median
	Apart   bool           // only two cells were compared, and one is better; either of the two may have the wrong time
	Spread  float64        // largest efficiency over smallest, minus 1
	Workers int
}

// coarse is the smallest work of a task, in ns, at which cells with the same number of workers must
// agree.
const coarse = 500_000

// agreements checks, for each number of workers, that strategies take the same time for the
// coarsest tasks. qs are the questions of one section.
func agreements(qs []Question, set Settings) []Agreement {
	q := qs[len(qs)-1]
	if q.Waits || q.Task.Grain == 0 || q.Task.Shape != "" || q.Work.Value < coarse {
		return nil
	}
	known := only(q.Rows, func(r Row) bool { return r.Efficiency.Known() })
	var out []Agreement
	for _, rows := range grouped(known, func(r Row) int { return r.Cell.Workers }) {
		if len(rows) < 2 {
			continue
		}
		es := mapped(rows, func(r Row) float64 { return r.Efficiency.Value })
		g := Agreement{Place: q.Place, Cells: len(rows), Spread: slices.Max(es)/slices.Min(es) - 1, Workers: rows[0].Cell.Workers}
		g.Who = mapped(rows, func(r Row) harness.Cell { return r.Cell })
		if len(rows) == 2 {
			v := q.Versus(rows[0].Cell, rows[1].Cell).Verdict
			g.Apart = v == Better || v == Worse
			rows = nil
		}
		mid := Median(es)
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

package analyze

import (
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// Twins sum up the A/A pairs of a run: two launches of the same cell in one turn, whose
// ratio is 1 but for noise.
type Twins struct {
	Ratio   Estimate // twin over cell, over all N pairs; its interval should hold 1
	Typical float64  // how far two launches of the same thing lie apart: larger over smaller, less 1; median
	Worst   float64  // the largest of these
	Outside int      // pairs further apart than the margin
	Noisy   bool     // Typical is more than noisy margins
	Notes   []Note
}

// ClassTwins sum up the A/A pairs of one class, those with a contaminated launch apart.
type ClassTwins struct {
	Class harness.Class
	Ratio Estimate // twin over cell
	Holds bool     // the interval holds 1, as that of nearly all classes must
	Doubt Note     // why no verdict on cells of the class may be given; "" where they may
}

// A class has verdicts while its A/A pairs say that the machine can tell launches apart.
const (
	classPairs = 3     // fewer pairs show nothing
	classHalf  = 0.1   // half-width of their ratio, at most
	classLevel = 0.005 // at which the ratio must not lie beyond the margin
)

// newClassTwins returns the classes of which the run has A/A pairs.
func newClassTwins(t *table) (all []ClassTwins) {
	byClass := map[harness.Class][]pair{}
	for c, twins := range t.twins {
		class := harness.ClassOf(c, t.set.Waits(c.Workload))
		byClass[class] = append(byClass[class], only(join(twins, t.cells[c]), func(p pair) bool { return !p.marked })...)
	}
	for _, class := range harness.Classes() {
		if len(byClass[class]) == 0 {
			continue
		}
		xs := slices.Sorted(slices.Values(logs(byClass[class]))) // the map has no order; sums must not depend on it
		c := ClassTwins{Class: class, Ratio: fromLogs(xs, t.set.Confidence)}
		c.Holds = !c.Ratio.Bounded() || c.Ratio.Lo <= 1 && c.Ratio.Hi >= 1
		v, p := decide(xs, t.set.Margin)
		switch half := c.Ratio.Half(); {
		case len(xs) < classPairs:
		case (v == Better || v == Worse) && p <= classLevel:
			c.Doubt = notef("two launches of the same cell differ here: A/A of %s is %s", class, c.Ratio)
		case half > classHalf:
			c.Doubt = notef("two launches of the same cell lie too far apart for a verdict: A/A of %s is known to ± %s only", class, format.Percent(half))
		}
		all = append(all, c)
	}
	return all
}

// noisy margins between launches of the same cell, as a median, are too many for verdicts
// to be taken at their word.
const noisy = 3

func newTwins(t *table) Twins {
	var logs, away []float64
	for c, twins := range t.twins {
		for _, p := range join(twins, t.cells[c]) {
			logs, away = append(logs, p.log), append(away, math.Abs(p.log))
		}
	}
	if len(logs) == 0 {
		return Twins{Notes: []Note{"no A/A pair was measured: how far two launches of the same cell lie apart is not known"}}
	}
	slices.Sort(logs) // the map above has no order; sums must not depend on it
	out := Twins{Ratio: fromLogs(logs, t.set.Confidence), Typical: math.Expm1(Median(away)), Worst: math.Expm1(slices.Max(away))}
	out.Outside = len(only(away, func(log float64) bool { return log > math.Log1p(t.set.Margin) }))
	out.Noisy = out.Typical > noisy*t.set.Margin
	if out.Ratio.Bounded() && (out.Ratio.Lo > 1 || out.Ratio.Hi < 1) {
		out.Notes = []Note{"the interval of the A/A ratio does not hold 1: something besides noise tells the two launches of a pair apart"}
	}
	return out
}

// A Control is a fixed piece of work that every launch measures to judge the machine.
type Control struct {
	Unit             string
	Median, Min, Max float64 // ns
	N                int     // launches
	// Within is the largest ratio of two of its values in one turn, whose launches are
	// compared with each other; Between that of the medians of two turns. 1 where there is
	// nothing to compare.
	Within, Between float64
	Turns, Uneven   int // turns of several launches; those of them that vary by flip or more
	Notes           []Note
}

// flip is the ratio of the largest to the smallest value of a control from which the
// machine is said to have changed its state.
const flip = 1.3

func newControls(samples []harness.Sample) []Control {
	var out []Control
	for _, unit := range []string{harness.UnitControl, harness.UnitPingPong} {
		measured := only(samples, func(s harness.Sample) bool { return s.Values[unit] > 0 })
		if len(measured) == 0 {
			continue
		}
		mid, low, high := spread(measured, unit)
		c := Control{Unit: unit, Median: mid, Min: low, Max: high, N: len(measured), Within: 1}
		var mids []float64
		for _, turn := range grouped(measured, turnOf) {
			mid, low, high := spread(turn, unit)
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

// spread returns the median and the ends of the values of a unit.
func spread(samples []harness.Sample, unit string) (mid, low, high float64) {
	var all []float64
	for _, s := range samples {
		all = append(all, s.Values[unit])
	}
	return Median(all), slices.Min(all), slices.Max(all)
}

// doubts distinguishes a machine that changes between turns, which pairing cancels, from one
// that changes among the launches of a turn, which are compared with each other.
func (c Control) doubts() []Note {
	factor := func(f float64) string { return format.Number(f, 2) }
	switch {
	case c.Uneven > 0:
		return []Note{notef("the control %s varied among launches that are compared with each other, by up to a factor of %s (by %s or more in %d of %d turns of a block), and by %s between turns: "+
			"what the machine does within a turn is not cancelled by pairing; it widens the intervals and may shift a ratio",
			c.Unit, factor(c.Within), factor(flip), c.Uneven, c.Turns, factor(c.Between))}
	case c.Max <= flip*c.Min:
		return nil
	case c.Turns > 0:
		return []Note{notef("the control %s varied by a factor of %s between turns of the blocks, but by %s at most among launches that are compared with each other: "+
			"the machine changed its state during the run; ratios are paired within turns and stand this, plain times do not",
			c.Unit, factor(c.Between), factor(c.Within))}
	}
	return []Note{notef("the control %s varied by a factor of %s: the machine changed its state during the run", c.Unit, factor(c.Max/c.Min))}
}

// An Agreement is a check on cells that must take the same time: at the coarsest grain,
// where overhead is nothing against the work, strategies that run the same number of
// workers. Tasks of some shape are left out: each strategy handles these in its own way.
type Agreement struct {
	Place   Place
	Cells   int            // cells that took part
	Differ  []harness.Cell // of more than two, those whose efficiency lies wholly outside the margin around the group's median
	Apart   bool           // of two, one is better than the other; neither can be called the wrong one
	Spread  float64        // largest efficiency over smallest, less 1
	Workers int
}

// coarse is the work of a task, in ns, from which cells with equal workers must agree.
const coarse = 500_000

// agreements checks the coarsest question of a section.
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
		var es []float64
		for _, r := range rows {
			es = append(es, r.Efficiency.Value)
		}
		g := Agreement{Place: q.Place, Cells: len(rows), Spread: slices.Max(es)/slices.Min(es) - 1, Workers: rows[0].Cell.Workers}
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

package analyze

import (
	"cmp"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Placing is a cell of a block in the order of their makespans.
type Placing struct {
	Cell     harness.Cell
	Makespan Estimate   // geometric mean over launches, in ns per task
	Gain     Estimate   // speed-up over the direct loop, paired by round; exactly 1 for the loop itself
	Against  Comparison // with the cell that the caller chose; zero for that cell
}

// Placings returns the cells of a block, the fastest first, each compared with the chosen cell. All
// comparisons of the block are judged together. A cell without a usable launch is left out.
func Placings(samples []harness.Sample, chosen harness.Cell, set Settings) (all []Placing) {
	set = set.filled()
	t := newTable(samples, set)
	t.may = permit(samples, newClassTwins(t), set)
	versus := newVersus(t, t.all)
	for _, c := range t.all {
		var times []float64
		for _, v := range t.cells[c] {
			times = append(times, v.ns)
		}
		if len(times) == 0 {
			continue
		}
		slices.Sort(times) // so that the sum does not depend on the order of a map
		p := Placing{Cell: c, Makespan: MeanOfLogs(times, set.Confidence), Gain: exactly(len(times))}
		if !isDirect(c) {
			p.Gain = t.speedup(c)
		}
		if c != chosen {
			p.Against = versus.of(c, chosen)
		}
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(a, b Placing) int { return cmp.Compare(b.Gain.Value, a.Gain.Value) })
	return all
}

// A Check is the result of measuring a proposed cell together with its rivals and the direct loop.
type Check struct {
	Proposed harness.Cell
	Chosen   harness.Cell // the cell to use: Proposed, unless another is faster by more than the margin
	Sure     bool         // Chosen differs from Proposed, and a verdict says that it is faster
	Places   []Placing    // all cells, the fastest first, compared with Chosen
	Rounds   int          // rounds that compare Chosen with the loop
	// Open are the cells that are perhaps faster than Chosen by more than the precision.
	Open []Placing
}

// NewCheck returns the result of the check of the proposed cell. ok is false if no usable launch
// measured it together with the direct loop.
func NewCheck(samples []harness.Sample, proposed harness.Cell, set Settings) (c Check, ok bool) {
	set = set.filled()
	set.looks, set.precision = true, DefaultPrecision // the check ends when Judge finds an answer
	c = Check{Proposed: proposed, Chosen: proposed}
	all := Placings(samples, proposed, set)
	if len(all) == 0 {
		return c, false
	}
	if best := all[0].Against; all[0].Cell != proposed && best.Ratio.Known() {
		c.Sure = best.Verdict == Better
		if c.Sure || best.Verdict == Unresolved && best.Ratio.Value*(1+set.Margin) < 1 {
			c.Chosen = all[0].Cell
		}
	}
	c.Places = Placings(samples, c.Chosen, set)
	for _, p := range c.Places {
		if p.Cell == c.Chosen {
			c.Rounds = p.Gain.N
		} else if r := p.Against; r.Verdict == Unresolved && !(r.Ratio.Lo*(1+set.precision) >= 1) {
			c.Open = append(c.Open, p)
		}
	}
	return c, c.Rounds > 0
}

// Place returns the placing of a cell; its Cell is zero if the check did not measure it.
func (c Check) Place(cell harness.Cell) Placing {
	for _, p := range c.Places {
		if p.Cell == cell {
			return p
		}
	}
	return Placing{}
}

// Loop returns the placing of the direct loop.
func (c Check) Loop() Placing { return c.Place(direct(c.Chosen)) }

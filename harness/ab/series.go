package ab

import (
	"maps"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/compare"
)

// unitsOf returns the units in which a benchmark has rows in the table. It finds them in the turns
// of the benchmark. The units that affect the outcome come first.
func unitsOf(turns []Turn, set Settings) (units []string) {
	gates := append([]string{harness.UnitOp}, set.Gates...)
	add := func(unit string, shown bool) {
		if shown && !slices.Contains(units, unit) {
			units = append(units, unit)
		}
	}
	has := map[string]bool{}
	for _, t := range turns {
		for _, s := range t.Samples {
			for unit := range s.Values {
				has[unit] = true
			}
		}
	}
	for _, unit := range gates {
		add(unit, has[unit])
	}
	for _, unit := range slices.Sorted(maps.Keys(has)) {
		add(unit, set.Shown == nil || slices.Contains(set.Shown, unit))
	}
	return units
}

// A series holds the turns of a benchmark in which all three sides have a value in one unit.
type series struct {
	compare.Series
	turns []Turn
}

// seriesOf returns the series of a benchmark in a unit: the turns that have a value of each side.
// If base or head never has a value in the unit, missing names this side. Otherwise missing is nil.
func seriesOf(name, unit string, turns []Turn) (s series, missing *compare.Missing) {
	s.Name, s.Unit, s.Better = name, unit, harness.BetterOf(unit)
	var held [harness.Sides]int
	for _, t := range turns {
		complete := true
		for side, sample := range t.Samples {
			if _, ok := sample.Values[unit]; ok {
				held[side]++
			} else {
				complete = false
			}
		}
		if complete {
			s.turns = append(s.turns, t)
		}
	}
	for _, side := range []harness.Side{harness.Base, harness.Head} {
		if held[side] == 0 {
			missing = &compare.Missing{Name: name, Unit: unit, Side: side.String()}
		}
	}
	return s, missing
}

// valuesOf returns a function that returns the values of a series in its own unit, for the two
// given sides.
func valuesOf(older, newer harness.Side) func(series) compare.Series {
	return func(s series) compare.Series {
		return s.values(older, newer, func(x harness.SideSample) float64 { return x.Values[s.Unit] })
	}
}

// values returns the values of two sides as a [compare.Series]. The function value returns the
// number to compare from the sample of a launch. values leaves out rounds with a starved launch, if
// enough other rounds remain.
func (s series) values(older, newer harness.Side, value func(harness.SideSample) float64) compare.Series {
	out := s.Series
	turns := s.turns
	if fed := s.fed(older, newer); !analyze.Few(len(fed)) {
		turns = fed
	}
	var marked []bool
	clean := 0
	for _, t := range turns {
		out.Old, out.New = append(out.Old, value(t.Samples[older])), append(out.New, value(t.Samples[newer]))
		disturbed := t.contaminated(older, newer)
		marked = append(marked, disturbed)
		if !disturbed {
			clean++
		}
	}
	if !analyze.Few(clean) { // with fewer clean rounds, series.check decides
		out.OldMarked, out.NewMarked = marked, marked
	}
	return out
}

// fed returns the turns in which no launch of the two given sides was starved.
func (s series) fed(older, newer harness.Side) []Turn {
	return slices.DeleteFunc(slices.Clone(s.turns), func(t Turn) bool {
		return t.Samples[older].Starved() || t.Samples[newer].Starved()
	})
}

// support holds the settings of the further comparisons that must agree with a verdict. For these,
// only the direction of the difference counts, not the margin.
var support = analyze.Settings{Confidence: 1 - supportLevel, Margin: 1e-9}

// beyondFloor reports whether the interval of the row's ratio does not overlap the noise floor. The
// noise floor is the interval of the ratio of base to itself, joined with the reciprocal interval.
func (s series) beyondFloor(r *compare.Row) bool {
	floor := s.alone(harness.Base, harness.BaseAgain, support).Ratio
	return r.Ratio.Bounded() && floor.Bounded() && (r.Ratio.Lo > max(floor.Hi, 1/floor.Lo) || r.Ratio.Hi < min(floor.Lo, 1/floor.Hi))
}

// alone compares two sides of this series alone: it does not adjust the level for other series.
func (s series) alone(older, newer harness.Side, set analyze.Settings) compare.Row {
	c := valuesOf(older, newer)(s)
	c.OldMarked, c.NewMarked = nil, nil
	return compare.Paired([]compare.Series{c}, set, false)[0]
}

// A use compares the CPU times of whole launches: those of head with those of base.
type use struct {
	compare.Row
	computes bool    // the launches compute and do not wait, on one core
	share    float64 // share of a launch's time that the operations take
}

// Limits of the ratio of CPU time to wall time, between which a launch computes on one core and
// does not wait. A launch above the limits uses several cores.
const (
	computesLeast = 0.8
	computesMost  = 1.25
)

// cpu compares the CPU times that the launches of base and head used. If a launch has no CPU time,
// cpu returns the zero use.
func (s series) cpu() (u use) {
	var shares []float64
	u.computes = true
	for _, side := range []harness.Side{harness.Base, harness.Head} {
		var ratios []float64
		for _, t := range s.turns {
			x := t.Samples[side]
			if x.Wall <= 0 || x.CPU <= 0 {
				return use{}
			}
			ratios = append(ratios, float64(x.CPU)/float64(x.Wall))
			if side == harness.Base {
				shares = append(shares, min(1, x.Values[harness.UnitOp]*float64(x.Reps)/float64(x.Wall)))
			}
		}
		slices.Sort(ratios)
		busy := ratios[9*(len(ratios)-1)/10] // the 90th percentile, because other work makes some launches wait
		u.computes = u.computes && busy >= computesLeast && busy <= computesMost
	}
	c := s.values(harness.Base, harness.Head, func(x harness.SideSample) float64 { return float64(x.CPU) })
	c.OldMarked, c.NewMarked = nil, nil
	u.Row, u.share = compare.Paired([]compare.Series{c}, support, false)[0], analyze.Median(shares)
	return u
}

// contradicts reports whether the CPU times of the launches contradict the ratio in row r. The
// ratio predicts a difference of CPU times: the operations change by this ratio, and take the share
// u.share of a launch. The CPU times contradict it if they differ by less than half of this
// prediction.
func (u use) contradicts(r *compare.Row) bool {
	half := 1 + u.share*(r.Ratio.Value-1)/2
	return half > 1 && u.Ratio.Hi < half || half < 1 && u.Ratio.Lo > half
}

// mapped returns the results of f for all elements.
func mapped[A, B any](all []A, f func(A) B) []B {
	out := make([]B, len(all))
	for i, a := range all {
		out[i] = f(a)
	}
	return out
}

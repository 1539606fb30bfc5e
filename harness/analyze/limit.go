package analyze

import (
	"math"

	"github.com/payoff-bench/payoff/harness"
)

// A Limit is a bound for T_A/T_B, the ratio of the makespans of the cells A and B. The bound is in
// the field Ratio, and must be positive. [Limits] judges whether T_A/T_B is below or above it.
type Limit struct {
	A, B  harness.Cell
	Ratio float64
}

// Limits compares the ratio T_A/T_B of the makespans with the ratio of each limit, paired by round.
// The verdict is better if the whole interval of T_A/T_B lies below the limit's ratio, and worse if
// it lies above. It is never equivalent, and the margin of the settings has no effect. All limits
// are judged together, like the comparisons of a question: the probability that any verdict is
// wrong is at most 1-confidence.
//
// If no round measured both cells of a limit, the ratio of its comparison is unknown.
func Limits(info harness.Info, samples []harness.Sample, set Settings, limits []Limit) []Comparison {
	set = set.of(info)
	t := newTable(samples, set)
	t.may = permit(samples, newClassTwins(t), set)
	t.set.Margin = 0
	out := make([]Comparison, len(limits))
	var family []contest
	for i, l := range limits {
		log := math.Log(l.Ratio)
		pairs := mapped(t.pairs(l.A, l.B), func(p pair) pair { return pair{p.turn, p.log - log, p.marked} })
		family = append(family, contest{l.A, l.B, pairs, &out[i], log})
	}
	t.judge(family)
	for i, l := range limits {
		out[i] = out[i].times(l.Ratio)
	}
	return out
}

// times returns the comparison with its ratio multiplied by f. It sets Within to +Inf, because the
// result says nothing about the distance from 1.
func (c Comparison) times(f float64) Comparison {
	c.Ratio, c.Within = c.Ratio.Times(f), math.Inf(1)
	if c.Without != nil {
		w := c.Without.times(f)
		c.Without = &w
	}
	return c
}

// A Reading summarizes the values that the launches of a cell measured in one unit.
type Reading struct {
	Median Estimate // over launches that were not starved
	// Clean is the median without contaminated launches.
	Clean Estimate
	Busy  bool // most launches were starved
}

// Readings returns the median of each cell in the given unit, without A/A twins (second launches of
// a cell in one turn). If no launch of a cell measured the unit, its median is unknown.
func Readings(samples []harness.Sample, set Settings, unit string) map[harness.Cell]Reading {
	set = set.filled()
	used := newReadings(samples, set, func(s harness.Sample) bool { return !s.Twin && !s.Starved() })
	clean := newReadings(samples, set, func(s harness.Sample) bool { return !s.Twin && !s.Contaminated() })
	starved := map[harness.Cell]int{}
	out := map[harness.Cell]Reading{}
	for _, s := range samples {
		if s.Twin {
			continue
		}
		if s.Starved() {
			starved[s.Cell]++
		}
		out[s.Cell] = Reading{}
	}
	for c := range out {
		out[c] = Reading{used.median(c, unit), clean.median(c, unit), starved[c] > len(used.launches[c])}
	}
	return out
}

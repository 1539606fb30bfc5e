package analyze

import "github.com/payoff-bench/payoff/harness"

// Readings hold the values that launches measured, keyed by cell.
type readings struct {
	confidence float64
	launches   map[harness.Cell][]map[string]float64
}

// newReadings returns the readings of all samples for which the function keep returns true.
func newReadings(samples []harness.Sample, set Settings, keep func(harness.Sample) bool) readings {
	r := readings{set.Confidence, map[harness.Cell][]map[string]float64{}}
	for _, s := range samples {
		if keep(s) {
			r.launches[s.Cell] = append(r.launches[s.Cell], s.Values)
		}
	}
	return r
}

// of calls f for each launch of the cell that measured all of the units, and returns the median of
// the results. The argument of f holds the values of the launch in these units, in the order of the
// units.
func (r readings) of(c harness.Cell, f func(v []float64) float64, units ...string) Estimate {
	var all []float64
	for _, values := range r.launches[c] {
		var v []float64
		for _, unit := range units {
			if x, ok := values[unit]; ok {
				v = append(v, x)
			}
		}
		if len(v) == len(units) {
			all = append(all, f(v))
		}
	}
	return summary(all, r.confidence)
}

// median returns the median of a unit's values over the launches of the cell. It ignores launches
// that did not measure the unit.
func (r readings) median(c harness.Cell, unit string) Estimate {
	return r.of(c, func(v []float64) float64 { return v[0] }, unit)
}

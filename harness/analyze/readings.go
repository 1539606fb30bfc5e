package analyze

import (
	"github.com/payoff-bench/payoff/harness"
)

// Readings are the values that launches measured, by cell.
type readings struct {
	confidence float64
	launches   map[harness.Cell][]map[string]float64
}

func newReadings(samples []harness.Sample, set Settings) readings {
	r := readings{set.Confidence, map[harness.Cell][]map[string]float64{}}
	for _, s := range samples {
		r.launches[s.Cell] = append(r.launches[s.Cell], s.Values)
	}
	return r
}

// of sums up a function of some units, over the launches of the cell that have them all.
func (r readings) of(c harness.Cell, f func(v []float64) float64, units ...string) Estimate {
	var all []float64
launches:
	for _, values := range r.launches[c] {
		v := make([]float64, len(units))
		for i, unit := range units {
			var ok bool
			if v[i], ok = values[unit]; !ok {
				continue launches
			}
		}
		all = append(all, f(v))
	}
	return summary(all, r.confidence)
}

// median sums up a unit.
func (r readings) median(c harness.Cell, unit string) Estimate {
	return r.of(c, func(v []float64) float64 { return v[0] }, unit)
}

// withoutTwins returns the samples that are no twins.
func withoutTwins(samples []harness.Sample) (own []harness.Sample) {
	for _, s := range samples {
		if !s.Twin {
			own = append(own, s)
		}
	}
	return own
}

// as returns the samples with another value in place of the makespan, so that it can be
// paired and judged as makespans are; it leaves out samples without the value.
func as(samples []harness.Sample, of func(harness.Sample) (float64, bool)) []harness.Sample {
	var out []harness.Sample
	for _, s := range samples {
		if v, ok := of(s); ok {
			s.Values = map[string]float64{harness.UnitTask: v, harness.UnitTasks: s.Values[harness.UnitTasks]}
			out = append(out, s)
		}
	}
	return out
}

// inUnit returns a function for as: the value in a unit.
func inUnit(unit string) func(harness.Sample) (float64, bool) {
	return func(s harness.Sample) (v float64, ok bool) {
		v, ok = s.Values[unit]
		return v, ok
	}
}

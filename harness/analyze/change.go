package analyze

import "math"

// A Change is a difference of two quantities, paired by round, with its confidence interval. It may
// be negative. It is unknown if N is 0, and has no interval if N is 1.
type Change struct {
	Value  float64
	Lo, Hi float64 // -Inf and +Inf if N is too small for an interval
	N      int
}

// changeOf returns the mean of the values, one per round, with its t interval. It uses means rather
// than medians, because the means of the parts of a change add up to the mean of the change.
func changeOf(values []float64, confidence float64) Change {
	if len(values) == 0 {
		return Change{}
	}
	mean, se := meanError(values)
	if len(values) == 1 {
		return Change{mean, math.Inf(-1), math.Inf(1), 1}
	}
	half := se * quantile(len(values), 1-confidence)
	return Change{mean, mean - half, mean + half, len(values)}
}

// Known reports whether the change was measured: N is above 0.
func (c Change) Known() bool { return c.N > 0 }

// Bounded reports whether both ends of the confidence interval are finite.
func (c Change) Bounded() bool { return c.N > 1 && !math.IsInf(c.Lo, 0) && !math.IsInf(c.Hi, 0) }

// Resolved reports whether the confidence interval excludes 0, so that the sign of the change is
// known.
func (c Change) Resolved() bool { return c.Bounded() && (c.Lo > 0 || c.Hi < 0) }

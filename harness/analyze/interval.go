package analyze

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"golang.org/x/perf/benchmath"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/payoff-bench/payoff/harness/format"
)

// SignedRankFrom is the number of rounds from which the interval of a ratio is the interval of the
// signed-rank test. With fewer rounds, the smallest possible level of that test is too large for a
// family of comparisons, so the t interval of the logarithms is used.
const SignedRankFrom = 12

// PairedFrom is the number of pairs that the interval of a ratio needs, and MedianFrom the number
// of launches that the interval of a median needs.
const (
	PairedFrom = 2
	MedianFrom = 6
)

// An Estimate is a positive quantity with its confidence interval, from several launches or rounds.
// If N is 0 the estimate is unknown, and if N is 1 it has no interval.
type Estimate struct {
	Value  float64
	Lo, Hi float64 // 0 and +Inf if N is too small for an interval
	N      int
}

// Known reports whether the estimate was measured: N is above 0.
func (e Estimate) Known() bool { return e.N > 0 }

// Bounded reports whether both ends of the confidence interval are finite.
func (e Estimate) Bounded() bool { return e.N > 1 && e.Lo > 0 && !math.IsInf(e.Hi, 1) }

// Times returns the estimate multiplied by f, which must be positive.
func (e Estimate) Times(f float64) Estimate {
	return Estimate{e.Value * f, e.Lo * f, e.Hi * f, e.N}
}

// Under returns f divided by the estimate. For example, it converts a time to a rate.
func (e Estimate) Under(f float64) Estimate {
	return Estimate{f / e.Value, f / e.Hi, f / e.Lo, e.N}
}

// Half returns the relative half-width that benchstat prints after ±: the distance from the value
// to the farther end of the interval, divided by the value. It is +Inf without an interval.
func (e Estimate) Half() float64 {
	if !e.Bounded() {
		return math.Inf(1)
	}
	return max(e.Hi/e.Value-1, 1-e.Lo/e.Value)
}

func (e Estimate) String() string {
	switch {
	case !e.Known():
		return "not measured"
	case !e.Bounded():
		return fmt.Sprintf("%.4g (n = %d, no interval)", e.Value, e.N)
	}
	return fmt.Sprintf("%.4g (%.4g to %.4g, n = %d)", e.Value, e.Lo, e.Hi, e.N)
}

// Range returns the interval of an estimated time as text: "7.50 to 8.80 µs".
func (e Estimate) Range() string { return format.TimeRange(e.Lo, e.Hi) }

// exactly returns the estimate 1 without uncertainty: the ratio of a cell to itself, over n
// launches.
func exactly(n int) Estimate { return Estimate{1, 1, 1, n} }

// fromLogs returns the estimate of a positive quantity from the logarithms of its paired values,
// one per round. Below [SignedRankFrom] rounds the estimate is the geometric mean with the paired t
// interval (Student, Biometrika 6, 1908; on log-ratios, as advised by Kalibera and Jones, ISMM
// 2013). From SignedRankFrom rounds on it is the Hodges–Lehmann estimate with the interval of the
// signed-rank test.
func fromLogs(logs []float64, confidence float64) Estimate {
	if len(logs) == 0 {
		return Estimate{}
	}
	center, lo, hi := bounds(logs, confidence)
	return Estimate{math.Exp(center), math.Exp(lo), math.Exp(hi), len(logs)}
}

// bounds returns the centre of xs and the ends of the confidence interval of the centre. The
// interval is infinite if xs has too few values.
func bounds(xs []float64, confidence float64) (center, lo, hi float64) {
	n := len(xs)
	if n < SignedRankFrom {
		mean, se := meanError(xs)
		if n < 2 {
			return mean, math.Inf(-1), math.Inf(1)
		}
		half := se * quantile(n, 1-confidence)
		return mean, mean - half, mean + half
	}
	averages := newWalsh(xs)
	// The largest k whose interval still has the confidence, or 0.
	k := sort.Search(averages.len()/2, func(k int) bool { return rankTail(n, k+1) > 1-confidence })
	center, lo, hi = averages.median(), math.Inf(-1), math.Inf(1)
	if k > 0 {
		lo, hi = averages.at(k-1), averages.at(averages.len()-k)
	}
	return center, lo, hi
}

// student returns Student's t distribution for the mean of n values.
func student(n int) distuv.StudentsT {
	return distuv.StudentsT{Sigma: 1, Nu: float64(n - 1)}
}

// quantile returns the half-width of Student's t interval at level alpha for n values, as a
// multiple of the standard error.
func quantile(n int, alpha float64) float64 { return student(n).Quantile(1 - alpha/2) }

// meanError returns the mean of xs and its standard error.
func meanError(xs []float64) (mean, se float64) {
	if len(xs) < 2 {
		return stat.Mean(xs, nil), 0
	}
	mean, sd := stat.MeanStdDev(xs, nil)
	return mean, sd / math.Sqrt(float64(len(xs)))
}

// Median returns the median of values, or NaN if there are none.
func Median(values []float64) float64 { return middle(slices.Sorted(slices.Values(values))) }

// middle returns the median of sorted values.
func middle(sorted []float64) float64 {
	n := len(sorted)
	if n == 0 {
		return math.NaN()
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// summary returns the median of values and its exact confidence interval, as benchstat computes
// them (benchmath.AssumeNothing). With fewer than MedianFrom values, the interval at 95 %
// confidence is unbounded.
func summary(values []float64, confidence float64) Estimate {
	if len(values) == 0 {
		return Estimate{}
	}
	s := benchmath.AssumeNothing.Summary(
		benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds), confidence)
	if math.IsInf(s.Lo, 0) || math.IsInf(s.Hi, 0) { // some are bounded on one side only
		s.Lo, s.Hi = 0, math.Inf(1)
	}
	return Estimate{s.Center, s.Lo, s.Hi, len(values)}
}

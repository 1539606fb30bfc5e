package analyze

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"golang.org/x/perf/benchmath"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// SignTestFrom is the number of rounds from which the interval of a ratio is the exact
// sign-test interval of the median. Below it no order statistic leaves room for a family
// of comparisons, so the t interval of the logarithms is used there.
const SignTestFrom = 12

// A Note is a doubt about a result, to be printed with it as a footnote.
type Note string

// An Estimate is a positive quantity with its confidence interval over launches or
// rounds. With N = 0 it is not known; with N = 1 it has a value and no interval.
type Estimate struct {
	Value  float64
	Lo, Hi float64 // 0 and +Inf where N is too small for an interval
	N      int
}

// Known reports whether there is a value at all.
func (e Estimate) Known() bool { return e.N > 0 }

// Bounded reports whether the interval is finite on both sides.
func (e Estimate) Bounded() bool { return e.N > 1 && e.Lo > 0 && !math.IsInf(e.Hi, 1) }

// Times returns the estimate in another unit: everything multiplied by f > 0.
func (e Estimate) Times(f float64) Estimate {
	return Estimate{e.Value * f, e.Lo * f, e.Hi * f, e.N}
}

// Half returns the larger half-width of the interval relative to the value, and +Inf
// where there is none.
func (e Estimate) Half() float64 {
	if !e.Bounded() {
		return math.Inf(1)
	}
	return max(e.Hi/e.Value, e.Value/e.Lo) - 1
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

// fromLogs returns the estimate of a positive quantity from the logarithms of its paired
// values, one a round. Below SignTestFrom rounds it is their geometric mean with the
// paired t interval (Student, Biometrika 6, 1908; on log-ratios as Kalibera and Jones,
// ISMM 2013, advise for ratios of times), from there on the median with the exact
// sign-test interval (Thompson, Ann. Math. Stat. 7, 1936).
func fromLogs(logs []float64, confidence float64) Estimate {
	n := len(logs)
	if n == 0 {
		return Estimate{}
	}
	center, lo, hi := bounds(logs, confidence)
	return Estimate{math.Exp(center), math.Exp(lo), math.Exp(hi), n}
}

// bounds returns the centre of xs and its interval; infinite where xs holds too little.
func bounds(xs []float64, confidence float64) (center, lo, hi float64) {
	n := len(xs)
	if n < SignTestFrom {
		mean, se := meanError(xs)
		if n < 2 {
			return mean, math.Inf(-1), math.Inf(1)
		}
		half := se * student(n).Quantile(1-(1-confidence)/2)
		return mean, mean - half, mean + half
	}
	sorted := slices.Sorted(slices.Values(xs))
	center, lo, hi = median(sorted), math.Inf(-1), math.Inf(1)
	for k := 1; k <= n/2 && signTail(n, k) <= 1-confidence; k++ {
		lo, hi = sorted[k-1], sorted[n-k]
	}
	return center, lo, hi
}

// signTail is one less the coverage of the interval from the k-th smallest to the k-th
// largest of n values for their median: twice P(Bin(n, 1/2) < k).
func signTail(n, k int) float64 {
	return 2 * distuv.Binomial{N: float64(n), P: 0.5}.CDF(float64(k-1))
}

func student(n int) distuv.StudentsT {
	return distuv.StudentsT{Sigma: 1, Nu: float64(n - 1)}
}

func meanError(xs []float64) (mean, se float64) {
	if len(xs) < 2 {
		return stat.Mean(xs, nil), 0
	}
	mean, sd := stat.MeanStdDev(xs, nil)
	return mean, sd / math.Sqrt(float64(len(xs)))
}

// median of sorted values; NaN for none.
func median(sorted []float64) float64 {
	n := len(sorted)
	if n == 0 {
		return math.NaN()
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// summary returns the median of values with its exact interval as benchstat computes
// them (benchmath.AssumeNothing). The interval is unbounded below 6 values at 95 %.
func summary(values []float64, confidence float64) Estimate {
	if len(values) == 0 {
		return Estimate{}
	}
	s := benchmath.AssumeNothing.Summary(
		benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds), confidence)
	if math.IsInf(s.Lo, 0) || math.IsInf(s.Hi, 0) { // some are bounded on one side alone
		s.Lo, s.Hi = 0, math.Inf(1)
	}
	return Estimate{s.Center, s.Lo, s.Hi, len(values)}
}

// A Verdict compares a strategy with another: of the interval of the ratio of their
// makespans, where it lies.
type Verdict int

const (
	Unresolved Verdict = iota // the interval reaches over an edge of the margin
	Better                    // the whole interval lies below 1 by more than the margin
	Worse                     // the whole interval lies above 1 by more than the margin
	Equivalent                // the whole interval lies inside the margin
)

func (v Verdict) String() string {
	return [...]string{"unresolved", "better", "worse", "equivalent"}[v]
}

// decide returns the verdict that logs support most strongly, and p, the smallest α at
// which the interval at confidence 1-α still supports it. A verdict holds at level α
// when p <= α; it is wrong only if that interval misses the truth. The margin is
// symmetric in the logarithm, so that A is better than B exactly when B is worse than A.
// Equivalence in this form is two one-sided tests (Schuirmann, J. Pharmacokin. 15, 1987).
func decide(logs []float64, margin float64) (v Verdict, p float64) {
	n, m := len(logs), math.Log1p(margin)
	if n < 2 {
		return Unresolved, 1
	}
	if n < SignTestFrom {
		mean, se := meanError(logs)
		v = region(mean, mean, m)
		if v == Unresolved {
			return v, 1
		}
		d := min(math.Abs(mean-m), math.Abs(mean+m)) // to the nearest edge of its region
		if se == 0 {
			return v, 0
		}
		return v, 2 * student(n).Survival(d/se)
	}
	sorted := slices.Sorted(slices.Values(logs))
	for k := 1; k <= n/2; k++ {
		if v := region(sorted[k-1], sorted[n-k], m); v != Unresolved {
			return v, signTail(n, k)
		}
	}
	return Unresolved, 1
}

// region says in which of the three regions cut at ±m the interval lies.
func region(lo, hi, m float64) Verdict {
	switch {
	case hi < -m:
		return Better
	case lo > m:
		return Worse
	case lo > -m && hi < m:
		return Equivalent
	}
	return Unresolved
}

// A Comparison is of the makespans of two strategies on one task: T_A/T_B, paired by
// round.
type Comparison struct {
	Ratio   Estimate // interval for this comparison alone
	P       float64  // smallest level at which the verdict holds, adjusted for its family
	Verdict Verdict  // at that adjusted level
	Rounds  int      // where unresolved: rounds that may settle it in all, 0 if that cannot be told
	// Without is the same without contaminated launches, where that says something else:
	// another verdict, or a ratio outside the interval. Else nil.
	Without *Comparison
}

// compare judges every element of a family of paired log-ratios together, by Holm's
// step-down (Scand. J. Stat. 6, 1979): the chance that any of the verdicts is wrong is
// at most 1-confidence.
func compare(family [][]float64, confidence, margin float64) []Comparison {
	out := make([]Comparison, len(family))
	rank := make([]int, len(family))
	for i, logs := range family {
		out[i].Ratio = fromLogs(logs, confidence)
		out[i].Verdict, out[i].P = decide(logs, margin)
		rank[i] = i
	}
	slices.SortStableFunc(rank, func(a, b int) int { return cmp.Compare(out[a].P, out[b].P) })
	p := 0.0
	for i, at := range rank {
		c := &out[at]
		p = max(p, min(1, c.P*float64(len(family)-i)))
		c.P = p
		if p > 1-confidence {
			c.Verdict = Unresolved
			c.Rounds = roundsNeeded(family[at], (1-confidence)/float64(len(family)-i), margin)
		}
	}
	return out
}

// roundsNeeded returns how many rounds would bring the t interval at level alpha off the
// nearest edge of the margin, were mean and spread to stay as they are; 0 where more
// than a thousand, or where they are not known. From [SignTestFrom] on it is the interval of
// the median, which takes [medianNeeds] times as many.
func roundsNeeded(logs []float64, alpha, margin float64) int {
	n, m := len(logs), math.Log1p(margin)
	mean, se := meanError(logs)
	d := min(math.Abs(mean-m), math.Abs(mean+m))
	sd := se * math.Sqrt(float64(n))
	if n < 2 || d == 0 {
		return 0
	}
	k := n + 1
	for range 8 { // the quantile depends on k only weakly
		q := student(k).Quantile(1 - alpha/2)
		need := math.Ceil(math.Pow(q*sd/d, 2))
		if need > mostRounds {
			return 0
		}
		k = max(3, int(need))
	}
	if k >= SignTestFrom {
		k *= medianNeeds
	}
	if k > mostRounds {
		return 0
	}
	return max(n+1, k)
}

package analyze

import (
	"math"

	"github.com/payoff-bench/payoff/harness"
)

// Sides hold the values that one cell measured in one unit, one value per launch, on two sides. The
// sides, such as an old and a new version, were measured one after the other. All values are
// positive.
type Sides struct {
	Old, New []float64
	Drift    Drift
}

// A Drift estimates how much the ratio of unchanged work differs from 1, because the machine
// changed between two runs. Every ratio between the runs is uncertain by this amount. The estimate
// comes from references: work that both runs measured and that cannot have changed.
type Drift struct {
	Deviation float64 // root mean square of the logarithms of the ratios of the references
	N         int     // number of references; if it is 0, comparisons have no interval
}

// NewDrift returns the drift that the references show. Each reference holds its values in both
// runs. NewDrift assumes that the references drift as much as the compared cells. If the references
// drift independently of each other, N is the number of degrees of freedom.
//
// The deviation is measured from the ratio 1, not from the mean of the references. So it includes a
// shift of the whole machine, which all references show alike. In that case the logarithm of the
// ratio of unchanged work is about as large as the deviation. It gets no verdict, because the
// half-width of its interval is at least the deviation times a quantile of Student's t
// distribution, and this quantile exceeds 1.
func NewDrift(references []Sides) Drift {
	sum := 0.0
	for _, r := range references {
		log := math.Log(r.Ratio())
		sum += log * log
	}
	return Drift{math.Sqrt(sum / float64(max(1, len(references)))), len(references)}
}

// And returns drift d, with the deviation increased by the shift of one more reference s, which is
// not among the references of d. N stays the same. So a ratio that is only as large as the shift of
// s gets no verdict.
func (d Drift) And(s Sides) Drift {
	return Drift{math.Hypot(d.Deviation, math.Log(s.Ratio())), d.N}
}

// Ratio returns the ratio New/Old of the geometric means. Both sides must have values.
func (s Sides) Ratio() float64 {
	older, _ := meanError(mapped(s.Old, math.Log))
	newer, _ := meanError(mapped(s.New, math.Log))
	return math.Exp(newer - older)
}

// An unpaired is the evidence for the ratio of two sides, one of which was measured after the
// other. The ratio is that of their geometric means. Its interval includes three independent
// errors: those of the launches of each side, and the drift between the sides.
//
// Each error alone has a t interval. The half-width of the whole interval is the root of the sum of
// the squares of their half-widths (Howe, J. Am. Stat. Assoc. 69, 1974; Zou and Donner, Stat. Med.
// 27, 2008). Satterthwaite's degrees of freedom are not used: they rely on the estimated deviation
// of the drift, which is sometimes far too small if there are few references.
type unpaired struct {
	center  float64 // ln of the ratio New/Old of the geometric means
	n       int
	sources []source
	table   quantiles
}

// A source is a source of error in a ratio: its standard error and the number of values that
// determine it.
type source struct {
	se float64
	n  int // degrees of freedom plus 1
}

func newUnpaired(s Sides, table quantiles) unpaired {
	older, seOld := meanError(mapped(s.Old, math.Log))
	newer, seNew := meanError(mapped(s.New, math.Log))
	return unpaired{newer - older, min(len(s.Old), len(s.New)), []source{{seOld, len(s.Old)}, {seNew, len(s.New)}, {s.Drift.Deviation, s.Drift.N + 1}}, table}
}

func (u unpaired) count() int { return u.n }

// half returns the half-width that the interval at level alpha would have with factor times as many
// launches of each side. It returns +Inf if a source of error has too few values.
func (u unpaired) half(alpha, factor float64) float64 {
	sum := 0.0
	for i, s := range u.sources {
		if s.n < 2 {
			return math.Inf(1)
		}
		if i < 2 { // the drift is the same for any number of launches
			s.n, s.se = int(float64(s.n)*factor), s.se/math.Sqrt(factor)
		}
		h := s.se * u.table.of(s.n, alpha)
		sum += h * h
	}
	return math.Sqrt(sum)
}

func (u unpaired) interval(confidence float64) Estimate {
	if u.n == 0 {
		return Estimate{}
	}
	half := u.half(1-confidence, 1)
	return Estimate{math.Exp(u.center), math.Exp(u.center - half), math.Exp(u.center + half), u.n}
}

func (u unpaired) decide(margin float64) (Verdict, float64) {
	m := math.Log1p(margin)
	v := region(u.center, u.center, m)
	edge := toEdge(u.center, m)
	if v == Unresolved || !(u.half(1, 1) < edge) {
		return Unresolved, 1
	}
	// The smallest level at which the half-width is below the distance of the edge, by bisection
	// of its logarithm.
	lo, hi := math.Log(leastLevel), 0.0
	if u.half(leastLevel, 1) < edge {
		return v, leastLevel
	}
	for range 14 {
		if mid := (lo + hi) / 2; u.half(math.Exp(mid), 1) < edge {
			hi = mid
		} else {
			lo = mid
		}
	}
	return v, math.Exp(hi)
}

// leastLevel is the smallest level that a verdict about two sides can have, if they were measured
// one after the other. It is small enough for any family.
const leastLevel = 1e-9

func (u unpaired) needed(alpha, margin float64) int {
	edge := toEdge(u.center, math.Log1p(margin))
	for times := 1.0; u.n > 1 && float64(u.n)*times <= mostRounds; times *= 1.25 {
		if u.half(alpha, times) < edge {
			return max(harness.FewestRounds, int(math.Ceil(float64(u.n)*times)))
		}
	}
	return 0
}

// Quantiles store the quantiles of Student's t distribution that were already computed.
type quantiles map[quantileKey]float64

type quantileKey struct {
	n     int
	alpha float64
}

// of returns quantile(n, alpha). It calls the function quantile only once for equal arguments.
func (q quantiles) of(n int, alpha float64) float64 {
	key := quantileKey{n, alpha}
	x, ok := q[key]
	if !ok {
		x = quantile(n, alpha)
		q[key] = x
	}
	return x
}

// MedianInterval returns the median of values and its exact confidence interval, like benchstat. At
// 95 % confidence the interval needs [MedianFrom] values.
func MedianInterval(values []float64, confidence float64) Estimate {
	return summary(values, confidence)
}

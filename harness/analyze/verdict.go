package analyze

import (
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Verdict says whether one strategy is better than another. It is derived from the interval of
// the ratio of their makespans.
type Verdict int

const (
	Unresolved Verdict = iota // the interval crosses an edge of the margin
	Better                    // the whole interval lies below 1 by more than the margin
	Worse                     // the whole interval lies above 1 by more than the margin
	Equivalent                // the whole interval lies inside the margin
)

func (v Verdict) String() string {
	return [...]string{"unresolved", "better", "worse", "equivalent"}[v]
}

// Opposite returns the verdict with the sides exchanged: v is the verdict of A against B, and the
// result is that of B against A.
func (v Verdict) Opposite() Verdict { return [...]Verdict{Unresolved, Worse, Better, Equivalent}[v] }

// decide returns the strongest verdict v that paired ratios support, and its p value. logs holds
// the logarithms of the ratios. p is the smallest level α at which the interval with confidence 1-α
// supports v. So v holds at each level α >= p, and is wrong only if the interval at that level
// misses the true value.
//
// The margin is symmetric for logarithms: A is better than B exactly if B is worse than A. A
// verdict of equivalence is the same as two one-sided tests (Schuirmann, J. Pharmacokin. 15, 1987).
func decide(logs []float64, margin float64) (v Verdict, p float64) {
	n, m := len(logs), math.Log1p(margin)
	if n < 2 {
		return Unresolved, 1
	}
	if n < SignedRankFrom {
		mean, se := meanError(logs)
		switch v = region(mean, mean, m); {
		case v == Unresolved:
			return v, 1
		case se == 0:
			return v, 0
		}
		return v, 2 * student(n).Survival(toEdge(mean, m)/se)
	}
	// The interval from the k-th smallest to the k-th largest average lies in a region from the
	// smallest k on at which both ends do.
	averages := newWalsh(logs)
	all := averages.len()
	better, worse := all-averages.below(-m, false), averages.below(m, true)
	equivalent := max(averages.below(-m, true), all-averages.below(m, false))
	least := min(better, worse, equivalent)
	switch {
	case least >= all/2:
		return Unresolved, 1
	case least == better:
		v = Better
	case least == worse:
		v = Worse
	default:
		v = Equivalent
	}
	return v, rankTail(n, least+1)
}

// region returns the verdict for the interval from lo to hi: better if the interval is below -m,
// worse if it is above m, equivalent if it is between -m and m. It returns Unresolved if the
// interval contains -m or m.
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

// toEdge returns the distance of x from the nearest edge of the interval from -m to m.
func toEdge(x, m float64) float64 { return min(math.Abs(x-m), math.Abs(x+m)) }

// A Comparison compares the makespans T_A and T_B of strategies A and B on one task by the ratio
// T_A/T_B, paired by round.
type Comparison struct {
	Ratio   Estimate // its interval has the level of the verdict, adjusted for the family
	P       float64  // smallest level at which the verdict holds, adjusted for the family
	Verdict Verdict  // verdict at the adjusted level
	// Within is the distance from 1 of the farther end of the unadjusted interval, as a ratio minus 1:
	// the strategies differ by at most that much. It is +Inf without an interval.
	Within float64
	Leans  Verdict // if the rounds are too few for a verdict: the verdict that they suggest; see [Few]
	Rounds int     // if unresolved: total rounds that may resolve the comparison; 0 if unknown
	Held   Note    // reason why the verdict was withdrawn; "" if it was not
	// Without is the comparison without contaminated launches, if it has another verdict or a ratio
	// outside the interval. Otherwise it is nil.
	Without *Comparison
}

// swapped returns the comparison with A and B exchanged.
func (c Comparison) swapped() Comparison {
	if c.Ratio.Known() {
		c.Ratio = c.Ratio.Under(1)
	}
	c.Verdict, c.Leans = c.Verdict.Opposite(), c.Leans.Opposite()
	if c.Without != nil {
		w := c.Without.swapped()
		c.Without = &w
	}
	return c
}

// differs reports whether c and other have different verdicts, or whether other's ratio lies
// outside the interval of c's ratio.
func (c Comparison) differs(other Comparison) bool {
	return c.Verdict != other.Verdict || c.Ratio.Bounded() && other.Ratio.Known() && (other.Ratio.Value < c.Ratio.Lo || other.Ratio.Value > c.Ratio.Hi)
}

// mostRounds is the largest number of rounds that is suggested to the user.
const mostRounds = 1000

// roundsNeeded returns the number of rounds after which the t interval at level alpha no longer
// contains an edge of the margin, if the mean and the standard deviation stay the same. It returns
// 0 if this number is unknown or exceeds mostRounds.
func roundsNeeded(logs []float64, alpha, margin float64) int {
	mean, _ := meanError(logs)
	return roundsFor(logs, alpha, toEdge(mean, math.Log1p(margin)))
}

// roundsFor returns the number of rounds after which the half-width of the t interval at level
// alpha is below half, if the standard deviation stays the same. It returns 0 if this number is
// unknown or exceeds mostRounds.
func roundsFor(logs []float64, alpha, half float64) int {
	n := len(logs)
	_, se := meanError(logs)
	if n < 2 || half <= 0 {
		return 0
	}
	k := n + 1
	for range 8 { // the quantile depends on k only weakly
		need := math.Ceil(math.Pow(quantile(k, alpha)*se*math.Sqrt(float64(n))/half, 2))
		if need > mostRounds {
			return 0
		}
		k = max(3, int(need))
	}
	return max(n+1, k)
}

// A contest is a comparison of the cells a and b that is still to be made. Its result is stored at
// the address into. Each pair holds the logarithm of T_a/T_b (the ratio of the makespans) in one
// turn, minus limit. limit is the logarithm of the ratio with which T_a/T_b is compared, and 0 for
// the ratio 1.
type contest struct {
	a, b  harness.Cell
	pairs []pair
	into  *Comparison
	limit float64
}

// judge makes the comparison of each contest and stores the result. It judges all comparisons
// together: once with and once without contaminated launches. It withdraws verdicts from too few
// rounds, and verdicts for which [table.held] returns a reason.
func (t *table) judge(family []contest) {
	all := mapped(family, func(c contest) []float64 { return logs(c.pairs) })
	cleaned := mapped(family, func(c contest) []float64 { return logs(unmarked(c.pairs)) })
	var without []Comparison
	if !slices.EqualFunc(all, cleaned, func(a, b []float64) bool { return len(a) == len(b) }) {
		without = compare(cleaned, t.set)
	}
	for i, c := range compare(all, t.set) {
		if without != nil && without[i].Ratio.N < c.Ratio.N && c.differs(without[i]) {
			w := without[i].tentative()
			c.Without = &w
		}
		if c.Held = t.held(family[i], c); c.Held != "" {
			c.Verdict, c.Rounds, c.Within = Unresolved, 0, math.Inf(1)
		}
		*family[i].into = c.tentative()
	}
}

// A versus holds the comparisons of all pairs of cells of a question. Each pair is judged once, so
// that all results about a pair use the same verdict. The comparisons are judged together: the
// probability that any verdict of a question is wrong is at most 1-confidence.
type versus map[[2]harness.Cell]*Comparison

// newVersus returns the comparisons of all pairs of the given cells.
func newVersus(t *table, cells []harness.Cell) versus {
	out := versus{}
	var family []contest
	for j, b := range cells {
		for _, a := range cells[j+1:] {
			c := new(Comparison)
			out[[2]harness.Cell{a, b}] = c
			family = append(family, contest{a: a, b: b, pairs: t.pairs(a, b), into: c})
		}
	}
	t.judge(family)
	return out
}

// of returns the comparison of a with b. It returns the zero Comparison if the two were not
// compared.
func (v versus) of(a, b harness.Cell) Comparison {
	if c := v[[2]harness.Cell{a, b}]; c != nil {
		return *c
	} else if c = v[[2]harness.Cell{b, a}]; c != nil {
		return c.swapped()
	}
	return Comparison{}
}

package analyze

import (
	"cmp"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Verdict compares a strategy with another by where the interval of the ratio of their
// makespans lies.
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

func (v Verdict) swapped() Verdict { return [...]Verdict{Unresolved, Worse, Better, Equivalent}[v] }

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
		switch v = region(mean, mean, m); {
		case v == Unresolved:
			return v, 1
		case se == 0:
			return v, 0
		}
		return v, 2 * student(n).Survival(toEdge(mean, m)/se)
	}
	sorted := slices.Sorted(slices.Values(logs))
	for k := 1; k <= n/2; k++ {
		if v := region(sorted[k-1], sorted[n-k], m); v != Unresolved {
			return v, signTail(n, k)
		}
	}
	return Unresolved, 1
}

// region returns the one of the three regions cut at ±m that the interval lies in.
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

// toEdge returns the distance of x from the nearest edge of the regions.
func toEdge(x, m float64) float64 { return min(math.Abs(x-m), math.Abs(x+m)) }

// A Comparison is of the makespans of two strategies on one task: T_A/T_B, paired by
// round.
type Comparison struct {
	Ratio   Estimate // interval for this comparison alone
	P       float64  // smallest level at which the verdict holds, adjusted for its family
	Verdict Verdict  // at that adjusted level
	Rounds  int      // where unresolved: rounds that may settle it in all, 0 if that is not known
	// Without is the same without contaminated launches, where that says something else:
	// another verdict, or a ratio outside the interval. Else nil.
	Without *Comparison
}

// swapped returns the comparison of B with A.
func (c Comparison) swapped() Comparison {
	if c.Ratio.Known() {
		c.Ratio = c.Ratio.Under(1)
	}
	c.Verdict = c.Verdict.swapped()
	if c.Without != nil {
		w := c.Without.swapped()
		c.Without = &w
	}
	return c
}

// differs reports whether other says something else: another verdict, or a ratio outside the
// interval.
func (c Comparison) differs(other Comparison) bool {
	return c.Verdict != other.Verdict || c.Ratio.Bounded() && other.Ratio.Known() && (other.Ratio.Value < c.Ratio.Lo || other.Ratio.Value > c.Ratio.Hi)
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
		c, left := &out[at], float64(len(family)-i)
		p = max(p, min(1, c.P*left))
		c.P = p
		if p > 1-confidence {
			c.Verdict = Unresolved
			c.Rounds = roundsNeeded(family[at], (1-confidence)/left, margin)
		}
	}
	return out
}

// roundsNeeded returns how many rounds would bring the t interval at level alpha off the
// nearest edge of the margin, were mean and spread to stay as they are; 0 where more
// than mostRounds, or where they are not known. From [SignTestFrom] on it is the interval of
// the median, which takes [medianNeeds] times as many.
func roundsNeeded(logs []float64, alpha, margin float64) int {
	n := len(logs)
	mean, se := meanError(logs)
	sd, d := se*math.Sqrt(float64(n)), toEdge(mean, math.Log1p(margin))
	if n < 2 || d == 0 {
		return 0
	}
	k := n + 1
	for range 8 { // the quantile depends on k only weakly
		need := math.Ceil(math.Pow(quantile(k, alpha)*sd/d, 2))
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

// A contest is two strategies on one task, and where the comparison of the two goes.
type contest struct {
	pairs []pair
	into  *Comparison
}

// judge compares the pairs of each contest, all as one family, and again without contaminated
// launches.
func (t *table) judge(family []contest) {
	all, cleaned := make([][]float64, len(family)), make([][]float64, len(family))
	for i, c := range family {
		all[i], cleaned[i] = logs(c.pairs), logs(only(c.pairs, func(p pair) bool { return !p.marked }))
	}
	without := compare(cleaned, t.set.Confidence, t.set.Margin)
	for i, c := range compare(all, t.set.Confidence, t.set.Margin) {
		if w := without[i]; w.Ratio.N < c.Ratio.N && c.differs(w) {
			c.Without = &w
		}
		*family[i].into = c
	}
}

// A versus holds the verdicts of a question: each two of its cells are judged once, and
// all that the analysis says of the two is read here. There are two families, in each of
// which the chance of any wrong verdict is at most 1-confidence: the strategies against
// direct, which is the comparison that most users ask for, and the strategies against each
// other.
type versus map[[2]harness.Cell]*Comparison

// newVersus judges each cell against those that stand before it.
func newVersus(t *table, cells []harness.Cell) versus {
	out := versus{}
	families := map[bool][]contest{}
	for j, b := range cells {
		for _, a := range cells[j+1:] {
			c := new(Comparison)
			out[[2]harness.Cell{a, b}] = c
			families[isDirect(b)] = append(families[isDirect(b)], contest{t.pairs(a, b), c})
		}
	}
	t.judge(families[true])
	t.judge(families[false])
	return out
}

// of compares a with b.
func (v versus) of(a, b harness.Cell) Comparison {
	if c := v[[2]harness.Cell{a, b}]; c != nil {
		return *c
	} else if c = v[[2]harness.Cell{b, a}]; c != nil {
		return c.swapped()
	}
	return Comparison{}
}

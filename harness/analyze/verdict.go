package analyze

import (
	"cmp"
	"math"
	"slices"
	"sort"

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
	averages := walsh(logs)
	last := len(averages) / 2
	k := 1 + sort.Search(last, func(i int) bool { return region(averages[i], averages[len(averages)-1-i], m) != Unresolved })
	if k > last {
		return Unresolved, 1
	}
	return region(averages[k-1], averages[len(averages)-k], m), rankTail(n, k)
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
	Ratio   Estimate // at the level, adjusted for its family, at which the verdict was made
	P       float64  // smallest level at which the verdict holds, adjusted for its family
	Verdict Verdict  // at that adjusted level
	// Within is the distance from 1 of the farther end of the interval for this comparison alone,
	// as a ratio less 1: the two differ by at most that. It is +Inf without an interval.
	Within float64
	Rounds int  // where unresolved: rounds that may settle it in all, 0 if that is not known
	Held   Note // where the verdict was withdrawn: why; else empty
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
// at most 1-confidence. The interval of each has the level of its step, and those after the
// first without a verdict have the level of that one, so that no interval contradicts its verdict.
//
// In a run that looks after every round, and stops for what it sees, the level of more rounds
// than the fewest is at most [stopLevel].
func compare(family [][]float64, set Settings) []Comparison {
	confidence, margin := set.Confidence, set.Margin
	out := make([]Comparison, len(family))
	rank := make([]int, len(family))
	for i, logs := range family {
		out[i].Verdict, out[i].P = decide(logs, margin)
		rank[i] = i
	}
	slices.SortStableFunc(rank, func(a, b int) int { return cmp.Compare(out[a].P, out[b].P) })
	p, level := 0.0, 0.0
	for i, at := range rank {
		c, left := &out[at], float64(len(family)-i)
		if set.looks && len(family[at]) > harness.FewestRounds {
			left = max(left, (1-confidence)/stopLevel)
		}
		if p <= 1-confidence {
			level = (1 - confidence) / left
		}
		p = max(p, min(1, c.P*left))
		c.P = p
		c.Ratio, c.Within = fromLogs(family[at], 1-level), farther(family[at], confidence)
		if p > 1-confidence {
			c.Verdict = Unresolved
			c.Rounds = roundsNeeded(family[at], level, margin)
		}
	}
	return out
}

// farther returns the distance from 1 of the farther end of the interval of logs.
func farther(logs []float64, confidence float64) float64 {
	if len(logs) < PairedFrom {
		return math.Inf(1)
	}
	_, lo, hi := bounds(logs, confidence)
	return math.Expm1(max(-lo, hi))
}

// mostRounds is the largest number of rounds that is worth asking for.
const mostRounds = 1000

// roundsNeeded returns how many rounds would bring the t interval at level alpha off the
// nearest edge of the margin, were mean and spread to stay as they are; 0 where more
// than mostRounds, or where they are not known.
func roundsNeeded(logs []float64, alpha, margin float64) int {
	mean, _ := meanError(logs)
	return roundsFor(logs, alpha, toEdge(mean, math.Log1p(margin)))
}

// roundsFor returns how many rounds would make the half-width of the t interval at level alpha
// less than half, were the spread to stay as it is; 0 for more than mostRounds.
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

// A contest is two cells that are compared, by these pairs, and where the result goes.
type contest struct {
	a, b  harness.Cell
	pairs []pair
	into  *Comparison
}

// judge compares the cells of each contest, all as one family, and again without contaminated
// launches. It withdraws verdicts that the table does not permit.
func (t *table) judge(family []contest) {
	all, cleaned := make([][]float64, len(family)), make([][]float64, len(family))
	for i, c := range family {
		all[i], cleaned[i] = logs(c.pairs), logs(only(c.pairs, func(p pair) bool { return !p.marked }))
	}
	var without []Comparison
	if !slices.EqualFunc(all, cleaned, func(a, b []float64) bool { return len(a) == len(b) }) {
		without = compare(cleaned, t.set)
	}
	for i, c := range compare(all, t.set) {
		if without != nil && without[i].Ratio.N < c.Ratio.N && c.differs(without[i]) {
			c.Without = &without[i]
		}
		if c.Held = t.held(family[i].a, family[i].b, c); c.Held != "" {
			c.Verdict, c.Rounds, c.Within = Unresolved, 0, math.Inf(1)
		}
		*family[i].into = c
	}
}

// A versus holds the verdicts of a question: each two of its cells are judged once, and
// all that the analysis says of the two is read here. They are one family: the chance of any
// wrong verdict in a question is at most 1-confidence.
type versus map[[2]harness.Cell]*Comparison

// newVersus judges each cell against those that stand before it.
func newVersus(t *table, cells []harness.Cell) versus {
	out := versus{}
	var family []contest
	for j, b := range cells {
		for _, a := range cells[j+1:] {
			c := new(Comparison)
			out[[2]harness.Cell{a, b}] = c
			family = append(family, contest{a, b, t.pairs(a, b), c})
		}
	}
	t.judge(family)
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

package analyze

import (
	"cmp"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// An evidence holds the measurements of two cells or two sides, and judges the ratio between them.
type evidence interface {
	// count returns the number of rounds. For sides that are not paired by round, it returns the
	// number of launches of the side with fewer launches.
	count() int
	// decide returns the strongest verdict v that the measurements support. p is the smallest
	// significance level at which they support v.
	decide(margin float64) (v Verdict, p float64)
	// interval returns the ratio with its confidence interval.
	interval(confidence float64) Estimate
	// needed returns how large count must become, probably, for a verdict at level alpha. It
	// returns 0 if this is unknown.
	needed(alpha, margin float64) int
}

// A paired holds the logarithms of ratios, each from two launches of the same round.
type paired []float64

func (p paired) count() int                               { return len(p) }
func (p paired) decide(margin float64) (Verdict, float64) { return decide(p, margin) }
func (p paired) interval(confidence float64) Estimate     { return fromLogs(p, confidence) }
func (p paired) needed(alpha, margin float64) int         { return roundsNeeded(p, alpha, margin) }

// Paired compares the two sides of each element of family, and judges all comparisons together (see
// [Unpaired]). Each element holds one logarithm of a ratio per round.
//
// Set repeated if the caller judges after several rounds and stops the measurement when it has
// verdicts. Each judgement is a further chance of a wrong verdict, so Paired then requires more
// evidence for comparisons of more than [harness.FewestRounds] rounds.
func Paired(family [][]float64, set Settings, repeated bool) []Comparison {
	set = set.filled()
	set.looks = repeated
	return mapped(compare(family, set), Comparison.tentative)
}

// Unpaired compares the two sides of each element of family. The launches of the sides are not
// paired, because one side was measured after the other. All comparisons are judged together by
// Holm's procedure: the probability that any verdict is wrong is at most 1 - set.Confidence.
func Unpaired(family []Sides, set Settings) []Comparison {
	set = set.filled()
	quantiles := quantiles{}
	return mapped(judged(mapped(family, func(s Sides) evidence { return newUnpaired(s, quantiles) }), set), Comparison.tentative)
}

// compare returns one comparison for each element of the family, and judges all of them together.
// An element holds the logarithms of paired ratios.
func compare(family [][]float64, set Settings) []Comparison {
	return judged(mapped(family, func(logs []float64) evidence { return paired(logs) }), set)
}

// judged returns one comparison for each element of the family. It judges them together by Holm's
// step-down procedure (Scand. J. Stat. 6, 1979), beginning with the smallest p. The probability
// that any verdict is wrong is at most 1-confidence.
//
// The interval of each comparison has the level of its step. From the first comparison without a
// verdict on, all intervals have the same level. So no interval contradicts its verdict.
//
// If set.looks is true, the run decided after each round whether to stop. Each comparison of more
// than [harness.FewestRounds] rounds then has a level of at most [stopLevel].
func judged(family []evidence, set Settings) []Comparison {
	confidence, margin := set.Confidence, set.Margin
	out := make([]Comparison, len(family))
	rank := make([]int, len(family))
	for i, one := range family {
		out[i].Verdict, out[i].P = one.decide(margin)
		rank[i] = i
	}
	slices.SortStableFunc(rank, func(a, b int) int { return cmp.Compare(out[a].P, out[b].P) })
	p, level := 0.0, 0.0
	for i, at := range rank {
		c, one, left := &out[at], family[at], float64(len(family)-i)
		if set.looks && one.count() > harness.FewestRounds {
			left = max(left, (1-confidence)/stopLevel)
		}
		if p <= 1-confidence {
			level = (1 - confidence) / left
		}
		p = max(p, min(1, c.P*left))
		c.P = p
		c.Ratio, c.Within = one.interval(1-level), farther(one.interval(confidence))
		if p > 1-confidence {
			c.Verdict = Unresolved
			c.Rounds = one.needed(level, margin)
		}
	}
	return out
}

// farther returns how far the interval reaches from 1, as a ratio minus 1. The ratio is the upper
// end or the reciprocal of the lower end, whichever is larger. farther returns +Inf if the estimate
// has no interval.
func farther(e Estimate) float64 {
	if e.N < PairedFrom {
		return math.Inf(1)
	}
	return max(1/e.Lo, e.Hi) - 1
}

package analyze

import (
	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// Few reports whether n rounds are too few for a verdict. All results and all reports of a run use
// this one rule.
func Few(n int) bool { return n < harness.FewestRounds }

// Tentative returns the words for a result of n rounds that are too few for a verdict: "likely, 2
// rounds". A single round makes nothing likely: "1 round". It returns "" for enough rounds.
func Tentative(n int) string {
	switch {
	case !Few(n):
		return ""
	case n < PairedFrom:
		return format.Count(n, "round")
	}
	return "likely, " + format.Count(n, "round")
}

// tentative returns the comparison without its verdict if it has too few rounds. The verdict that
// they suggest becomes Leans.
func (c Comparison) tentative() Comparison {
	if Few(c.Ratio.N) && c.Verdict != Unresolved {
		c.Leans, c.Verdict = c.Verdict, Unresolved
		c.Rounds = harness.FewestRounds
	}
	return c
}

// Words returns the verdict in words: "better", "unresolved", or "likely better" after too few
// rounds for a verdict.
func (c Comparison) Words() string {
	if c.Leans != Unresolved {
		return "likely " + c.Leans.String()
	}
	return c.Verdict.String()
}

package analyze

import (
	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// Few reports whether n rounds are too few for a verdict. All results and all reports of a run use
// this one rule.
func Few(n int) bool { return n < harness.FewestRounds }

// Tentative returns a phrase for a result of n rounds if these are too few for a verdict: "likely,
// 2 rounds". For a single round, which makes nothing likely, it returns "1 round". For enough
// rounds it returns "".
func Tentative(n int) string {
	switch {
	case !Few(n):
		return ""
	case n < PairedFrom:
		return format.Count(n, "round")
	}
	return "likely, " + format.Count(n, "round")
}

// tentative returns the comparison. If it has too few rounds for a verdict, tentative moves the
// verdict to the field Leans.
func (c Comparison) tentative() Comparison {
	if Few(c.Ratio.N) && c.Verdict != Unresolved {
		c.Leans, c.Verdict = c.Verdict, Unresolved
		c.Rounds = harness.FewestRounds
	}
	return c
}

// Words returns the verdict in words, such as "better" or "unresolved". If there are too few rounds
// for a verdict, it returns, for example, "likely better".
func (c Comparison) Words() string {
	if c.Leans != Unresolved {
		return "likely " + c.Leans.String()
	}
	return c.Verdict.String()
}

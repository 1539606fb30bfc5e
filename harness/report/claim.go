package report

import (
	"fmt"
	"strings"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// tested says what became of a claim, and where.
func tested(c analyze.Claim) string {
	said := fmt.Sprintf("Claim %s, %s: %s.", c.ID, c.Text, c.Answer())
	for _, part := range []struct {
		holds analyze.Answer
		name  string
	}{{analyze.Yes, "It holds"}, {analyze.No, "It does not hold"}, {analyze.Open, "Unresolved"}} {
		var at []string
		for _, e := range c.Evidence {
			if e.Holds == part.holds {
				at = append(at, evidence(e))
			}
		}
		if len(at) > 0 {
			said += fmt.Sprintf(" %s in %d of %d: %s.", part.name, len(at), len(c.Evidence), strings.Join(at, "; "))
		}
	}
	return said
}

// evidence writes a comparison in short: "pool (chunk 1) at 163 ns, 13 % (9.0 to 17 %) over
// chunk 16".
func evidence(e analyze.Evidence) string {
	s := fmt.Sprintf("%s (chunk %s) at %s", e.Cell.Strategy, e.Cell.Chunk, task(e.Work, e.Cell.Task()))
	if e.Than == "chunk "+string(e.Cell.Chunk) {
		return s + ", the best"
	}
	s += ", " + percents(e.Over.Ratio.Value-1) + " %"
	if e.Over.Ratio.Bounded() {
		s += fmt.Sprintf(" (%s to %s %%)", percents(e.Over.Ratio.Lo-1), percents(e.Over.Ratio.Hi-1))
	}
	return s + " over " + e.Than
}

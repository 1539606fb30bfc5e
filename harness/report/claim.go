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
		if n := len(at); n > 0 {
			if n > shown+1 {
				at = append(at[:shown:shown], fmt.Sprintf("and %d more", n-shown))
			}
			said += fmt.Sprintf(" %s in %d of %d: %s.", part.name, n, len(c.Evidence), strings.Join(at, "; "))
		}
	}
	return said
}

// shown is how much evidence of a kind is told before the rest is counted.
const shown = 6

// evidence names a cell and what it came to.
func evidence(e analyze.Evidence) string {
	at := task(e.Work, e.Cell.Task)
	if e.Cell.Memory > 0 || e.Cell.Shape != "" {
		at = tasksOf(e.Cell, e.Work)
	}
	s := fmt.Sprintf("%s at %s", analyze.Label(e.Cell), at)
	if e.Than == "chunk "+string(e.Cell.Chunk) {
		if e.Holds == analyze.Open {
			return s + ", the fastest in the median"
		}
		return s + ", the best"
	}
	of := ""
	if e.Of != "makespan" {
		of = " " + e.Of
	}
	if r := e.Over.Ratio; r.Value < 0.5 || r.Value > 2 || r.Bounded() && (r.Lo < 0.5 || r.Hi > 2) {
		return fmt.Sprintf("%s, %s times that of %s%s", s, ratio(e.Over.Ratio), e.Than, strings.Replace(of, " ", ", by ", 1))
	}
	r, side := e.Over.Ratio, "over"
	part := func(v float64) string { return percents(v - 1) }
	if r.Value < 1 {
		r.Lo, r.Hi, side = r.Hi, r.Lo, "under"
		part = func(v float64) string { return percents(1 - v) }
	}
	s += "," + of + " " + part(r.Value) + " %"
	if e.Over.Ratio.Bounded() {
		s += fmt.Sprintf(" (%s to %s %%)", part(r.Lo), part(r.Hi))
	}
	return s + " " + side + " " + e.Than
}

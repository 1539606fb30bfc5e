package report

import (
	"fmt"
	"strings"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// shown is the number of pieces of evidence to list before the rest is only counted.
const shown = 6

// tested returns the result of testing a claim, with its evidence.
func tested(c analyze.Claim) string {
	said := fmt.Sprintf("Claim %s, %s: %s.", c.ID, c.Text, c.Answer())
	for _, answer := range []struct {
		holds analyze.Answer
		name  string
	}{{analyze.Yes, "It holds"}, {analyze.No, "It does not hold"}, {analyze.Open, "Unresolved"}} {
		var at []string
		for _, e := range c.Evidence {
			if e.Holds == answer.holds {
				at = append(at, evidence(e))
			}
		}
		if n := len(at); n > 0 {
			if n > shown+1 {
				at = append(at[:shown:shown], fmt.Sprintf("and %d more", n-shown))
			}
			said += fmt.Sprintf(" %s in %d of %d: %s.", answer.name, n, len(c.Evidence), strings.Join(at, "; "))
		}
	}
	return said
}

// evidence returns a cell and its result in words.
func evidence(e analyze.Evidence) string {
	at := task(e.Work, e.Cell.Task)
	if analyze.OfMemory(e.Cell.Task) {
		at = tasksOf(e.Cell, e.Work)
	}
	s := fmt.Sprintf("%s at %s,", analyze.Label(e.Cell), at)
	r := e.Over.Ratio
	bounded := r.Bounded()
	switch {
	case e.Than == "chunk "+string(e.Cell.Chunk) && e.Holds == analyze.Open:
		return s + " the fastest in the median"
	case e.Than == "chunk "+string(e.Cell.Chunk):
		return s + " the best"
	case r.Value < 0.5 || r.Value > 2 || bounded && (r.Lo < 0.5 || r.Hi > 2):
		s += fmt.Sprintf(" %s times that of %s", ratio(r), e.Than)
		if e.Of != "" {
			s += ", by " + e.Of
		}
		return s
	}
	if e.Of != "" {
		s += " " + e.Of
	}
	side := "over"
	part := func(v float64) string { return format.Points(v - 1) }
	if r.Value < 1 {
		r.Lo, r.Hi, side = r.Hi, r.Lo, "under"
		part = func(v float64) string { return format.Points(1 - v) }
	}
	s += " " + part(r.Value) + " %"
	if bounded {
		s += fmt.Sprintf(" (%s to %s %%)", part(r.Lo), part(r.Hi))
	}
	return s + " " + side + " " + e.Than
}

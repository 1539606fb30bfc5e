package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// If there are more than shown+1 pieces of evidence, a text lists the first shown of them and only
// counts the others.
const shown = 6

// tested returns a text that says whether the claim holds, with its evidence.
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
			said += fmt.Sprintf(" %s in %d of %s: %s.", answer.name, n, format.Count(len(c.Evidence), "case"), strings.Join(at, "; "))
		}
	}
	return said
}

// distinct reports whether the verdict of the comparison is better or worse.
func distinct(c analyze.Comparison) bool {
	return c.Verdict == analyze.Better || c.Verdict == analyze.Worse
}

// apartness returns how far the ratio of a comparison is from 1: the absolute value of its
// logarithm.
func apartness(c analyze.Comparison) float64 { return math.Abs(math.Log(c.Ratio.Value)) }

// verdictCounts returns a clause that says how many comparisons have each verdict: "better in 2 of
// 5 cases, worse in 1 and unresolved in 2". It returns "" if all ratios are unknown.
func verdictCounts(all []analyze.Comparison) string {
	known := 0
	count := map[string]int{}
	for _, c := range all {
		if c.Ratio.Known() {
			known++
			count[c.Words()]++
		}
	}
	var parts []string
	for _, words := range []string{"better", "worse", "equivalent", "likely better", "likely worse", "likely equivalent", "unresolved"} {
		if n := count[words]; n > 0 {
			part := fmt.Sprintf("%s in %d", words, n)
			if len(parts) == 0 {
				part += " of " + format.Count(known, "case")
			}
			parts = append(parts, part)
		}
	}
	return format.List(parts, "and")
}

// quantities holds, by compared quantity, the words of a sentence: "takes 12 % less time than …",
// "takes 0.1 times as long as … to the first result".
var quantities = map[string]struct{ verb, part, whole, end string }{
	"":                         {"takes", "time than", "times as long as", ""},
	"time to the first result": {"takes", "time than", "times as long as", " to the first result"},
	"peak number of finished outcomes that wait for delivery": {"holds", "undelivered outcomes than", "times as many undelivered outcomes as", " at the peak"},
	analyze.OfMemoryUsed: {"uses", "memory than", "times the memory of", ""},
	analyze.OfStart:      {"takes", "time than", "times as long as", " to start and run its first job"},
	analyze.OfRoundTrip:  {"takes", "time than", "times as long as", " for a round trip"},
	analyze.OfTasksRun:   {"gives its busiest worker", "tasks than", "times as many tasks as", ""},
	analyze.OfUnderWay:   {"has", "tasks under way at once than", "times as many tasks under way at once as", ""},
}

// check returns a clause that says in how many launches a property held, such as that no update was
// lost. e is an exact check of this property.
func check(e analyze.Evidence) string {
	all := format.Count(e.Runs+e.Wrong, "launch")
	switch e.Of {
	case analyze.OfUpdates:
		return fmt.Sprintf("updates were lost in %d of %s", e.Wrong, all)
	case analyze.OfInherited:
		return fmt.Sprintf("workers inherited only what they need in %d of %s", e.Runs, all)
	case analyze.OfItems:
		return fmt.Sprintf("each item came out exactly once in %d of %s", e.Runs, all)
	}
	return fmt.Sprintf("each task that did not crash had its result in %d of %s", e.Runs, all)
}

// evidence returns a clause that names the cell of a piece of evidence and says its result.
func evidence(e analyze.Evidence) string {
	at := " at " + task(e.Work, e.Cell.Task)
	if analyze.OfMemory(e.Cell.Task) {
		at = " with " + tasksOf(e.Cell, e.Work)
	}
	who := analyze.Label(e.Cell)
	if e.Checked() {
		return check(e) + " of " + who + at
	}
	q := quantities[e.Of]
	r := e.Over.Ratio
	bounded := r.Bounded()
	switch {
	case e.Than == "chunk "+string(e.Cell.Chunk) && e.Holds == analyze.Open:
		return who + " has the shortest median makespan" + at
	case e.Than == "chunk "+string(e.Cell.Chunk):
		return who + " is itself the best chunk" + at
	case r.Value < 0.5 || r.Value > 2 || bounded && (r.Lo < 0.5 || r.Hi > 2):
		return fmt.Sprintf("%s %s %s %s %s%s%s", who, q.verb, ratio(r), q.whole, e.Than, q.end, at)
	}
	side := "more"
	part := func(v float64) string { return format.Points(v - 1) }
	if r.Value < 1 {
		r.Lo, r.Hi, side = r.Hi, r.Lo, "less"
		part = func(v float64) string { return format.Points(1 - v) }
	}
	if e.Of == "peak number of finished outcomes that wait for delivery" && side == "less" {
		side = "fewer"
	}
	share := part(r.Value) + " %"
	if bounded {
		share += fmt.Sprintf(" (%s to %s %%)", part(r.Lo), part(r.Hi))
	}
	return fmt.Sprintf("%s %s %s %s %s %s%s%s", who, q.verb, share, side, q.part, e.Than, q.end, at)
}

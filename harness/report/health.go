package report

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// headline returns a line that names the suite, the machine, the number of rounds and the duration
// of the run.
func headline(a *analyze.Analysis) string {
	i, m := a.Info, a.Info.Machine
	parts := []string{cmp.Or(strings.Join(i.Suites, "+"), "payoff")}
	if m.Cores > 0 {
		parts = append(parts, strings.TrimSpace(m.CPU+" "+format.Count(m.Cores, "core")))
	}
	parts = append(parts, rounds(a))
	if i.Spent.Wall > 0 {
		parts = append(parts, format.Elapsed(i.Spent.Wall))
	}
	return strings.Join(parts, ", ")
}

// health returns a line that says whether to trust the run, and why.
func health(a *analyze.Analysis) string {
	if a.Launches == 0 {
		return "no launch was measured: there is no answer"
	}
	verdict, evidence := quality(a)
	return "health: " + strings.TrimSuffix(verdict+"; "+evidence, "; ")
}

// quality returns a verdict on the quality of the run, and the evidence for this verdict, both in
// words.
func quality(a *analyze.Analysis) (verdict, evidence string) {
	var parts, doubts []string
	half := 0.0
	for _, c := range a.Classes {
		if c.Doubt != "" {
			doubts = append(doubts, string(c.Class))
		} else if c.Ratio.Bounded() {
			half = max(half, c.Ratio.Half())
		}
	}
	if l := a.Info.Limits; l.CPU > 0 && l.CPU < float64(a.Info.Machine.Cores) {
		parts = append(parts, fmt.Sprintf("a quota limits the run to the CPU time of %.3g of %s", l.CPU, format.Count(a.Info.Machine.Cores, "core")))
	}
	if speeds := a.Info.Machine.Speeds; speeds != "" {
		parts = append(parts, "the cores differ in speed: "+speeds)
	}
	if a.Kept != "" {
		parts = append(parts, string(a.Kept))
	}
	share := func(n int) string { return fmt.Sprintf("%.0f %%", 100*float64(n)/float64(max(1, a.Launches))) }
	verdict = "good"
	switch {
	case a.Info.Foreign != "":
		verdict = "doubtful, " + a.Info.Foreign
		if a.Busy() {
			parts = append(parts, "other processes took the cores of "+share(a.Starved)+" of the launches")
		}
	case a.Busy():
		verdict = "DO NOT DECIDE ON THIS RUN: other processes took the cores of " + share(a.Starved) + " of the launches"
	case a.Void > 0:
		verdict = fmt.Sprintf("doubtful, %d of %s had an impossible makespan", a.Void, format.Count(a.Launches, "launch"))
	case len(doubts) > 0:
		verdict = "doubtful, no winner among " + format.List(doubts, "and") + ", because two launches of one cell differ too much"
	case analyze.Few(a.Complete):
		verdict = rounds(a)
	case half > a.Precision() || 10*(a.Marked+a.Starved) > a.Launches:
		verdict = "fair"
	}
	if half > 0 {
		parts = append(parts, fmt.Sprintf("repeats agree within %s", format.Percent(roundUp(half))))
	}
	if !a.Busy() {
		of := "the launches"
		if half > 0 {
			of = "all launches"
		}
		parts = append(parts, fmt.Sprintf("other work disturbed %s of %s and starved %s", share(a.Marked), of, share(a.Starved)))
	}
	if analyze.Few(a.Complete) {
		parts = append(parts, fmt.Sprintf("verdicts need %d rounds", harness.FewestRounds))
	}
	return verdict, strings.Join(parts, ", ")
}

package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// hostCrossings returns the crossovers of a section between workers on other hosts and the strategy
// against, by round trip. Workers on other hosts are strategy A.
func hostCrossings(s analyze.Section, against string) (found []analyze.Crossover) {
	for _, c := range s.Crossovers {
		c = c.Upward()
		if c.A.Strategy == harness.Cluster && c.B.Strategy == against {
			found = append(found, c)
		}
	}
	slices.SortStableFunc(found, func(a, b analyze.Crossover) int { return cmp.Compare(a.A.RoundTrip, b.A.RoundTrip) })
	return found
}

// tripOf returns a phrase that names the round trip of the cell.
func tripOf(c harness.Cell) string {
	if c.RoundTrip == 0 {
		return "without a delay"
	}
	return "at a round trip of " + time.Duration(c.RoundTrip).String()
}

// hostsAgainstLoop returns a sentence for each kind of task that workers on other hosts ran: from which
// task size on they beat a loop, by round trip.
func hostsAgainstLoop(a *analyze.Analysis) (said []string) {
	for _, s := range a.Sections {
		var parts []string
		for _, c := range hostCrossings(s, harness.Direct) {
			parts = append(parts, whereFaster(c)+" "+tripOf(c.A))
		}
		if len(parts) > 0 {
			said = append(said, fmt.Sprintf("For %s, workers on other hosts beat a loop %s.", s.Place.Work(), strings.Join(parts, "; ")))
		}
	}
	return said
}

// onOtherHosts returns the section on the task sizes from which workers on other hosts pay off, by round
// trip.
func onOtherHosts(a *analyze.Analysis, _ string, _ *pictures) section {
	rows := [][]string{{"tasks", "strategy", "round trip", "is faster than a loop", "interval", "n"}}
	for _, s := range a.Sections {
		for _, c := range hostCrossings(s, harness.Direct) {
			interval := absent
			if c.Kind == analyze.Crosses && c.At.Bounded() {
				interval = c.At.Range()
			}
			who := c.A
			who.RoundTrip = 0
			rows = append(rows, []string{s.Place.Work(), analyze.Brief(who), time.Duration(c.A.RoundTrip).String(), whereFaster(c), interval, roundsOf(c)})
		}
	}
	if len(rows) == 1 {
		return section{}
	}
	text := "The workers ran on this machine, behind a proxy that adds the round trip, so these sizes show the cost of the way to another host. The cores of other hosts come on top. The server and the proxy used CPU time too; it is counted apart, as server-cpu-nsec/task."
	if analyze.Few(a.Complete) {
		text = fmt.Sprintf("%d rounds are needed to find the task size above which a strategy pays off; this run has %d. ", harness.FewestRounds, a.Complete) + text
	}
	return section{"Workers on other hosts", []part{{text: text},
		{rows: rows, caption: "Task sizes from which workers on other hosts beat a loop, by data and round trip"}}}
}

package report

import (
	"fmt"
	"strconv"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// A latency is what callers see at growing rates, for one kind of tasks.
type latency struct {
	title  string
	rows   [][]string
	legend string
}

// newLatencies returns one for each kind of tasks.
func newLatencies(a *analyze.Analysis, n *footnotes) (out []latency) {
	for _, l := range a.Latencies {
		title := "Response times: " + analyze.PlaceOf(l.Who).String()
		if l.Who.Grain > 0 {
			title += ", nominal " + analyze.Time(float64(l.Who.Grain), 3)
		}
		if len(out) == 0 || out[len(out)-1].title != title {
			out = append(out, latency{title: title, rows: [][]string{{"strategy", "arrive/s", "done/s", "in system", "p50", "p99", "p99.9", "n"}}})
		}
		to := &out[len(out)-1]
		void, loops := 0, 0
		for i, r := range l.Responses {
			who := ""
			if i == 0 {
				who = label(l.Who)
			}
			mark := ""
			if r.Behind() {
				mark = " !"
				to.legend = " ! tasks came faster than they were done: responses grow as long as it lasts."
			}
			to.rows = append(to.rows, []string{who, strconv.Itoa(r.Rate) + mark, number(r.Throughput), number(r.Concurrency),
				span(r.P50), span(r.P99), span(r.P999), strconv.Itoa(r.Throughput.N)})
			void, loops = void+r.Void, loops+r.Void+r.Throughput.N
		}
		if void > 0 {
			to.legend += fmt.Sprintf(" Of %s, %d of %s are not among these, since arrivals came late: the machine was busy, or the strategy kept it so.", label(l.Who), void, analyze.Count(loops, "loop"))
		}
	}
	for i := range out {
		out[i].legend = "Tasks arrive by a Poisson process; a response is from the instant at which a task was to arrive to its outcome. Medians over launches, with intervals; – is a percentile that too few tasks arrived for." + out[i].legend
	}
	return out
}

// number is an estimate in three digits.
func number(e analyze.Estimate) string {
	if !e.Known() {
		return "–"
	}
	return analyze.Number(e.Value, 3)
}

// span is a time with its interval.
func span(e analyze.Estimate) string {
	switch {
	case !e.Known():
		return "–"
	case !e.Bounded() || e.Lo == e.Hi:
		return analyze.Time(e.Value, 3)
	}
	return fmt.Sprintf("%s (%s to %s)", analyze.Time(e.Value, 3), analyze.Time(e.Lo, 3), analyze.Time(e.Hi, 3))
}

package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// responses is the section of the times that callers wait at growing rates, for one kind of tasks.
func responses(_ *analyze.Analysis, all []analyze.Latency, _ *footnotes) section {
	at := analyze.PlaceOf(all[0].Who)
	rows := [][]string{{"strategy", "arrive/s", "done/s", "in system", "p50", "p99", "p99.9", "n"}}
	notes := ""
	for _, l := range all {
		who := analyze.Brief(l.Who)
		for _, r := range l.Responses {
			arrive := strconv.Itoa(r.Rate)
			if r.Behind() {
				arrive += " !"
				notes = " ! tasks came faster than they were done: responses grow as long as it lasts."
			}
			rows = append(rows, []string{who, arrive, number(r.Throughput), number(r.Concurrency),
				duration(r.P50), duration(r.P99), duration(r.P999), strconv.Itoa(r.Throughput.N)})
			who = ""
		}
		if void, loops := l.Void(); void > 0 {
			notes += fmt.Sprintf(" Of %s, %d of %s are not among these, since arrivals came late: the machine was busy, or the strategy kept it so.", analyze.Brief(l.Who), void, format.Count(loops, "loop"))
		}
	}
	return section{"Response times: " + at.String() + at.Nominal(), []part{{rows: rows},
		{text: "Tasks arrive by a Poisson process; a response is from the instant at which a task was to arrive to its outcome. Medians over launches, with intervals; – is a percentile that too few tasks arrived for." + notes}}}
}

// throughput says of tasks that wait how many at once pay off.
func throughput(c analyze.Concurrency) string {
	head := fmt.Sprintf("%s: %s ", where(c.Who), analyze.Bare(c.Who))
	if l := c.Levels[0]; c.Unbound() {
		return head + fmt.Sprintf("does %s with %s, %s tasks under way at once on average (n = %d).", rate(l.Throughput),
			format.Count(l.Workers, "worker"), format.Number(l.UnderWay.Value, 2), l.Throughput.N)
	}
	most, last := c.Most(), c.Levels[len(c.Levels)-1]
	s := head + fmt.Sprintf("does the most, %s, with %s", rate(most.Throughput), format.Count(most.Workers, "worker"))
	switch {
	case most.Workers < last.Workers && (c.Knee == 0 || float64(most.Workers) <= c.Knee):
		s += ": more do not help"
	case c.Knee > 0:
		s += fmt.Sprintf("; from about %.0f on more gain little", c.Knee)
	case most.Workers == last.Workers:
		s += ", which is as many as were measured"
	}
	return fmt.Sprintf("%s (n = %d).", s, most.Throughput.N)
}

// waiting says how long callers wait.
func waiting(l analyze.Latency) string {
	kept, behind := l.Kept()
	var at []string
	for i, r := range kept {
		if i == 0 || i == len(kept)-1 {
			at = append(at, fmt.Sprintf("at %d a second half have their outcome within %s and 99 %% within %s", r.Rate, duration(r.P50), duration(r.P99)))
		}
	}
	if len(kept) == 0 {
		at = []string{"at no rate that was measured did it keep up"}
	}
	more := ""
	if behind > 0 {
		more = fmt.Sprintf("; from %d a second on tasks come faster than they are done", behind)
	}
	return fmt.Sprintf("%s, tasks that come by themselves: %s, %s: %s%s (n = %d).", where(l.Who), analyze.Bare(l.Who),
		format.Count(l.Who.Workers, "worker"), strings.Join(at, "; "), more, l.Responses[0].Throughput.N)
}

// where names tasks, and the cores that they run on.
func where(c harness.Cell) string {
	at := analyze.PlaceOf(c)
	return at.Work() + at.Nominal() + ", on " + format.Count(c.Cores, "core")
}

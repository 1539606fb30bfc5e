package report

import (
	"fmt"
	"strconv"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// An ordering is what it costs one strategy to keep the order of the inputs.
type ordering struct {
	title  string
	rows   [][]string // the first is the head
	legend string
}

func newOrdering(o analyze.Ordering) ordering {
	at := analyze.PlaceOf(o.Who)
	out := ordering{title: fmt.Sprintf("Order for %s: %s on %s", analyze.Label(o.Who), at.Work(), analyze.Count(at.Cores, "core"))}
	if o.Who.Grain > 0 {
		out.title += ", nominal " + analyze.Time(float64(o.Who.Grain), 3)
	}
	out.rows = [][]string{{"task", "window", "order", "T/N", "T/T map", "T/T compl.", "first result", "held", "by head", "most", "there", "n"}}
	for _, k := range o.Kinds {
		name := task(k.Work, k.Task)
		if k.Map.Known() {
			out.rows = append(out.rows, []string{name, "–", harness.MapOrder, nanos(k.Map), "1", "–", nanos(k.MapResult), "–", "–", "–", "–", strconv.Itoa(k.Map.N)})
			name = ""
		}
		for _, d := range k.Deliveries {
			out.rows = append(out.rows, []string{name, strconv.Itoa(d.Window()), d.Cell.Order, nanos(d.Makespan), judged(d.OverMap), judged(d.OverFree),
				nanos(d.First), nanos(d.Held), nanos(d.HeadOfLine), tasks(d.Most), share(d.Availability), strconv.Itoa(d.Makespan.N)})
			name = ""
		}
	}
	out.legend = "T/T: makespan over that of the map, and over that in completion order, paired by round: + is better, - worse, = equivalent, ? unresolved. First result: from submitting the job to its consumer's having the first outcome. " +
		"Held: from when an outcome was done to its delivery, on average; by the head of the line: until the last before it was done, which is what the order itself costs; most: how many at a time. There: the share of the job for which an outcome was there to be used, on average. " +
		"Medians of launches; what was held is of one job a launch that takes a clock at every outcome and is not timed."
	return out
}

// tasks is a number of tasks, of which a median may lie between two.
func tasks(e analyze.Estimate) string {
	if !e.Known() {
		return "–"
	}
	return strconv.FormatFloat(e.Value, 'f', -1, 64)
}

func share(e analyze.Estimate) string {
	if !e.Known() {
		return "–"
	}
	return strconv.FormatFloat(100*e.Value, 'f', 0, 64) + " %"
}

// judged is a ratio with its interval and verdict.
func judged(c analyze.Comparison) string {
	if !c.Ratio.Known() {
		return "–"
	}
	return ratio(c.Ratio) + " " + [...]string{"?", "+", "-", "="}[c.Verdict]
}

package report

import (
	"strconv"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// order returns the section that compares the orders of delivery of one strategy.
func order(_ *analyze.Analysis, o analyze.Ordering, _ *footnotes) section {
	at := analyze.PlaceOf(o.Who)
	rows := [][]string{{"task", "window", "order", "T/N", "T/T map", "T/T compl.", "first result", "held", "by head", "most", "avail.", "n"}}
	for _, k := range o.Kinds {
		name := task(k.Work, k.Task)
		if k.Map.Known() {
			rows = append(rows, []string{name, absent, harness.MapOrder, nanos(k.Map), "1", absent, nanos(k.MapResult), absent, absent, absent, absent, strconv.Itoa(k.Map.N)})
			name = ""
		}
		for _, d := range k.Deliveries {
			rows = append(rows, []string{name, strconv.Itoa(d.Window()), d.Cell.Order, nanos(d.Makespan), judged(d.OverMap), judged(d.OverFree),
				nanos(d.First), nanos(d.Held), nanos(d.HeadOfLine), tasks(d.Most), share(d.Availability), strconv.Itoa(d.Makespan.N)})
			name = ""
		}
	}
	const legend = "T/N is the makespan divided by the number of tasks. T/T map is the makespan divided by that of map, and T/T compl. is the makespan divided by that in completion order; both ratios are paired by round: + is better, - worse, = equivalent, ? unresolved. First result is the time from submitting the job until the consumer has the first outcome. " +
		"Held is the mean time from the completion of an outcome to its delivery. By head is the part of this time in which the outcome waited for earlier outcomes: the cost of input order. Most is the largest number of outcomes held at a time. Avail. is the mean share of the makespan in which an outcome was available. " +
		"Medians over launches; held, by head, most and avail. come from one extra job per launch, which is not timed."
	return section{"Order for " + analyze.Label(o.Who) + ": " + at.On() + at.Nominal(), []part{{rows: rows, narrow: narrowOrder}, {text: legend}}}
}

package report

import (
	"strconv"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// order is the section of one strategy that delivers in the order of the inputs and in that of
// completion.
func order(_ *analyze.Analysis, o analyze.Ordering, _ *footnotes) section {
	at := analyze.PlaceOf(o.Who)
	rows := [][]string{{"task", "window", "order", "T/N", "T/T map", "T/T compl.", "first result", "held", "by head", "most", "there", "n"}}
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
	const legend = "T/T: makespan over that of the map, and over that in completion order, paired by round: + is better, - worse, = equivalent, ? unresolved. First result: from submitting the job to its consumer's having the first outcome. " +
		"Held: from when an outcome was done to its delivery, on average; by the head of the line: until the last before it was done, which is what the order itself costs; most: how many at a time. There: the share of the job for which an outcome was there to be used, on average. " +
		"Medians of launches; what was held is of one job a launch that takes a clock at every outcome and is not timed."
	return section{"Order for " + analyze.Label(o.Who) + ": " + at.On() + at.Nominal(), []part{{rows: rows, narrow: narrowOrder}, {text: legend}}}
}

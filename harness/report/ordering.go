package report

import (
	"slices"
	"strconv"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// order returns the section that compares the orders of delivery of one strategy.
func order(_ *analyze.Analysis, o analyze.Ordering, _ *footnotes) section {
	at := analyze.PlaceOf(o.Who)
	times := [][]string{{"task", "window", "order", "makespan per task", "relative to map", "relative to completion order", "n"}}
	delivery := [][]string{{"task", "window", "order", "first result", "held", "held for earlier", "most held", "available", "n"}}
	for _, k := range o.Kinds {
		name := task(k.Work, k.Task)
		add := func(window, order string, time, result []string, n int) {
			first := []string{name, window, order}
			times = append(times, append(slices.Concat(first, time), strconv.Itoa(n)))
			delivery = append(delivery, append(slices.Concat(first, result), strconv.Itoa(n)))
			name = ""
		}
		if k.Map.Known() {
			add(absent, harness.MapOrder, []string{nanos(k.Map), "1", absent}, []string{nanos(k.MapResult), absent, absent, absent, absent}, k.Map.N)
		}
		for _, d := range k.Deliveries {
			add(strconv.Itoa(d.Window()), d.Cell.Order, []string{nanos(d.Makespan), judged(d.OverMap), judged(d.OverFree)},
				[]string{nanos(d.First), nanos(d.Held), nanos(d.HeadOfLine), tasks(d.Most), share(d.Availability)}, d.Makespan.N)
		}
	}
	const ofTimes = "Makespan per task: median over launches. Relative to map: makespan divided by that of map, paired by round. Relative to completion order: makespan divided by that in completion order, paired by round. + is better, - worse, = equivalent, ? unresolved."
	const ofDelivery = "First result: time from the submission of the job until the consumer has the first outcome. Held: mean time from the completion of an outcome to its delivery. Held for earlier: the part of this time in which the outcome waits for earlier ones; this is the cost of input order. Most held: largest number of outcomes held at a time. Available: mean share of the makespan that remains after the delivery of an outcome. " +
		"All values are medians over launches. The columns to the right of “first result” come from one extra job per launch, which is not timed."
	return section{"Order for " + analyze.Label(o.Who) + ": " + at.On() + at.Nominal(), []part{
		{rows: times, caption: "Makespans", narrow: narrowOrder}, {text: ofTimes},
		{rows: delivery, caption: "Delivery of outcomes", narrow: narrowOrder, gap: true}, {text: ofDelivery}}}
}

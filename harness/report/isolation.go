package report

import (
	"fmt"
	"strconv"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// isolation returns the section that compares worker processes with goroutines. It covers all tasks
// of the run that use memory or have injected faults, leaks or delays.
func isolation(a, _ *analyze.Analysis, _ *footnotes) (out section) {
	if len(a.Isolations) > 0 {
		rows := [][]string{{"tasks", "processes", "compared with", "makespan", "memory", "n"}}
		for _, i := range a.Isolations {
			rows = append(rows, []string{tasksOf(i.Cell, i.Work), analyze.Brief(i.Cell), analyze.Brief(i.Than), judged(i.Time), judged(i.Memory), strconv.Itoa(i.Time.Ratio.N)})
		}
		out = section{"Worker processes compared with goroutines", []part{{rows: rows, caption: "Ratios of makespans and of peak memory", narrow: withoutIntervals},
			{text: "A ratio is the value for processes divided by that for the other strategy, paired by round. Signs: + processes are better, - processes are worse, = equivalent, ? unresolved. " +
				"Memory is the peak of all processes together during one warm-up job; a page shared by several processes is divided among them. " +
				"If goroutines cannot survive the faults, payoff compares the processes with a direct loop whose tasks have no faults."}}}
	}
	if len(a.Holdings) > 0 {
		rows := [][]string{{"tasks", "strategy", "peak memory", "more than direct, per worker", "n"}}
		for _, h := range a.Holdings {
			name := h.Place.Anywhere()
			for _, r := range h.Rows {
				rows = append(rows, []string{name, analyze.Brief(r.Cell), memory(r.Peak), memory(r.Each), strconv.Itoa(r.Peak.N)})
				name = ""
			}
		}
		out.parts = append(out.parts, part{rows: rows, caption: "Peak memory", only: inFile})
	}
	return out
}

// tasksOf returns a label for the tasks of cell c: their workload, order of delivery, size and
// distribution.
func tasksOf(c harness.Cell, work analyze.Estimate) string {
	at := analyze.PlaceOf(c)
	at.Task.Spread = ""
	return at.Anywhere() + ", " + task(work, c.Task)
}

// isolated returns a sentence that compares worker processes with goroutines: their time, and their
// memory.
func isolated(i analyze.Isolation) string {
	s := fmt.Sprintf("Processes for %s: %s ", tasksOf(i.Cell, i.Work), analyze.Brief(i.Cell))
	than := analyze.Brief(i.Than)
	loop := i.Than.Strategy == harness.Direct
	if loop {
		s += "contains the faults, so that every other task has its result; it "
		than += ", which runs without the injected faults"
	}
	memory := i.Memory.Ratio.Known() && !loop
	switch timed := i.Time.Ratio.Known(); {
	case timed && memory:
		s += fmt.Sprintf("takes %s times the time and uses %s times the memory of %s; time: %s, memory: %s",
			ratio(i.Time.Ratio), ratio(i.Memory.Ratio), than, i.Time.Words(), i.Memory.Words())
	case timed:
		s += fmt.Sprintf("takes %s times the time of %s: %s", ratio(i.Time.Ratio), than, i.Time.Words())
	case memory:
		s += fmt.Sprintf("uses %s times the memory of %s: %s; no round measured the time of both", ratio(i.Memory.Ratio), than, i.Memory.Words())
	default:
		s += "was not measured in a round with " + than
	}
	return fmt.Sprintf("%s (n = %d).", s, i.Time.Ratio.N)
}

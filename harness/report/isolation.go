package report

import (
	"fmt"
	"strconv"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// isolation is the section that compares worker processes with goroutines, for all tasks of a
// run that work on memory or have a shape.
func isolation(a, _ *analyze.Analysis, _ *footnotes) (out section) {
	if len(a.Isolations) > 0 {
		rows := [][]string{{"tasks", "processes", "beside", "makespan", "memory", "n"}}
		for _, i := range a.Isolations {
			rows = append(rows, []string{tasksOf(i.Cell, i.Work), analyze.Brief(i.Cell), analyze.Brief(i.Than), judged(i.Time), judged(i.Memory), strconv.Itoa(i.Time.Ratio.N)})
		}
		out = section{"Worker processes beside goroutines", []part{{rows: rows, narrow: withoutIntervals},
			{text: "Ratios are of the first over the second, paired by round: + is better, - worse, = equivalent, ? unresolved. " +
				"Memory is the most that all processes held together during one job of the warm-up, pages that several share counted in parts. " +
				"direct stands in where goroutines cannot run such tasks, and is spared what befalls them."}}}
	}
	if len(a.Holdings) > 0 {
		rows := [][]string{{"tasks", "strategy", "held at most", "more than direct, by worker", "n"}}
		for _, h := range a.Holdings {
			name := h.Place.Anywhere()
			for _, r := range h.Rows {
				rows = append(rows, []string{name, analyze.Brief(r.Cell), memory(r.Peak), memory(r.Each), strconv.Itoa(r.Peak.N)})
				name = ""
			}
		}
		out.parts = append(out.parts, part{rows: rows, only: inFile})
	}
	return out
}

// tasksOf names tasks among others.
func tasksOf(c harness.Cell, work analyze.Estimate) string {
	at := analyze.PlaceOf(c)
	at.Task.Spread = ""
	return at.Anywhere() + ", " + task(work, c.Task)
}

// isolated says in a sentence how processes compare with goroutines.
func isolated(i analyze.Isolation) string {
	s := fmt.Sprintf("Processes for %s: %s ", tasksOf(i.Cell, i.Work), analyze.Brief(i.Cell))
	than := analyze.Brief(i.Than)
	loop := i.Than.Strategy == harness.Direct
	if loop {
		s += "contains what ends its workers, every other task has its result, and "
		than += ", which is spared that"
	}
	s += inWords(i.Time, "takes", "as long as "+than)
	if i.Memory.Ratio.Known() && !loop {
		s += "; " + inWords(i.Memory, "holds", "the memory")
	}
	return fmt.Sprintf("%s (n = %d).", s, i.Time.Ratio.N)
}

// inWords returns a comparison in words: "takes 0.55 times (0.53 to 0.57) as long as pool: better".
func inWords(c analyze.Comparison, verb, than string) string {
	if !c.Ratio.Known() {
		return "was not measured beside " + than
	}
	return fmt.Sprintf("%s %s times %s: %s", verb, ratio(c.Ratio), than, c.Verdict)
}

package report

import (
	"fmt"
	"math"
	"strconv"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// An isolation is worker processes beside goroutines, for all tasks of a run that memory or
// misfortune is about.
type isolation struct {
	rows [][]string // the first is the head; none if there is nothing
	held [][]string // likewise: the memory of each strategy
}

const (
	isolationTitle  = "Worker processes beside goroutines"
	isolationLegend = "Ratios are of the first over the second, paired by round: + is better, - worse, = equivalent, ? unresolved. " +
		"Memory is the most that all processes held together during one job of the warm-up, pages that several share counted in parts. " +
		"direct stands in where goroutines cannot run such tasks, and is spared what befalls them."
)

func newIsolation(a *analyze.Analysis) (out isolation) {
	if len(a.Isolations) > 0 {
		out.rows = [][]string{{"tasks", "processes", "beside", "makespan", "memory", "n"}}
	}
	for _, i := range a.Isolations {
		out.rows = append(out.rows, []string{tasksOf(i.Cell, i.Work), label(i.Cell), label(i.Than), judged(i.Time), judged(i.Memory), strconv.Itoa(i.Time.Ratio.N)})
	}
	if len(a.Holdings) > 0 {
		out.held = [][]string{{"tasks", "strategy", "held at most", "more than direct, by worker", "n"}}
	}
	for _, h := range a.Holdings {
		for k, r := range h.Rows {
			name := ""
			if k == 0 {
				name = h.Place.Anywhere()
			}
			out.held = append(out.held, []string{name, label(r.Cell), memory(r.Peak), memory(r.Each), strconv.Itoa(r.Peak.N)})
		}
	}
	return out
}

// tasksOf names tasks beside others.
func tasksOf(c harness.Cell, work analyze.Estimate) string {
	at := analyze.PlaceOf(c)
	at.Spread = ""
	return at.Anywhere() + ", " + task(work, c.Task)
}

// memory is an amount of memory with its interval.
func memory(e analyze.Estimate) string {
	if e.Known() && !math.IsInf(e.Hi, 1) {
		return fmt.Sprintf("%s (%.1f to %.1f)", mebibytes(e), e.Lo/(1<<20), e.Hi/(1<<20))
	}
	return mebibytes(e)
}

// isolated says in a sentence each what processes are worth.
func isolated(a *analyze.Analysis) (said []string) {
	for _, i := range a.Isolations {
		s := fmt.Sprintf("Processes for %s: %s ", tasksOf(i.Cell, i.Work), label(i.Cell))
		than := label(i.Than)
		if i.Than.Strategy == harness.Direct {
			s += "contains what ends its workers, every other task has its result, and "
			than += ", which is spared that"
		}
		s += told(i.Time, "takes", "as long as "+than)
		if m := i.Memory; m.Ratio.Known() && i.Than.Strategy != harness.Direct {
			s += "; " + told(m, "holds", "the memory")
		}
		said = append(said, fmt.Sprintf("%s (n = %d).", s, i.Time.Ratio.N))
	}
	return said
}

// told puts a comparison into words: "takes 0.55 times (0.53 to 0.57) as long as pool: better".
func told(c analyze.Comparison, verb, than string) string {
	if !c.Ratio.Known() {
		return "was not measured beside " + than
	}
	return fmt.Sprintf("%s %s times %s: %s", verb, ratio(c.Ratio), than, c.Verdict)
}

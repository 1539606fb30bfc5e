package report

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// efficiencyAt is the column of the rows of questions that efficiency stands in.
const efficiencyAt = 4

// questions is the section of one kind of task on some cores, in one order.
func questions(a *analyze.Analysis, s analyze.Section, n *footnotes) section {
	rows := [][]string{{"task", "strategy", "makespan per task", "speed-up", "efficiency", "vs direct", "best", "n"}}
	if s.Waits() {
		rows[0][efficiencyAt] = "workers"
	}
	var open []string
	for _, q := range s.Questions {
		about := fmt.Sprintf("%s, %s", s.Place, work(q))
		first := work(q) + n.all(q.Notes, about)
		for _, r := range q.Rows {
			name := analyze.Brief(r.Cell)
			rows = append(rows, []string{first, name + n.all(r.Notes, about+", "+name),
				makespan(r.Makespan), ratio(r.Speedup), efficiency(q, r), verdict(r), best(q.Winner, r), strconv.Itoa(r.N())})
			first = ""
		}
		if w := q.Winner; w.Kind == analyze.Undecided {
			open = append(open, work(q)+more(w))
		}
	}
	return section{s.Place.String(), []part{
		{rows: rows, narrow: narrowed},
		{text: listed("Undecided among those that may be best: at %s.", open)},
		{text: listed("Memory that all processes held, at most: %s.", held(s.Questions)), only: inTerminal},
		{rows: metgs(s, n), gap: true},
		{rows: accounts(s), only: inFile, lead: "Where the time of the cores went, per task (medians; cold is the makespan of a launch's first job and warm that of its timed ones, memory the most that all processes held; other CPU is beside the kernel's in the loop of the same turn, and ≤ 0 where their noise hides it):"},
		{list: crossings(a, s, n, false), only: inFile, lead: "Against each other:"},
	}}
}

// listed puts words into a sentence, if there are any.
func listed(sentence string, words []string) string {
	if len(words) == 0 {
		return ""
	}
	return fmt.Sprintf(sentence, format.List(words, "and"))
}

// metgs is the table of the curves of a section, the head alone where there are none.
func metgs(s analyze.Section, n *footnotes) [][]string {
	rows := [][]string{{"strategy", "METG: g = T·C/N", "W: work alone", "between grains", "n"}}
	for _, c := range s.Curves {
		if len(c.Points) < 2 {
			continue
		}
		name := analyze.Brief(c.Series)
		grains, samples := "", ""
		if c.METG.Kind == analyze.Passes {
			grains = fmt.Sprintf("%s and %s", time3(c.METG.Between[0]), time3(c.METG.Between[1]))
			samples = strconv.Itoa(c.METG.At.N)
		}
		notes := n.all(c.METG.Notes, fmt.Sprintf("METG of %s, %s", name, s.Place))
		rows = append(rows, []string{name, c.METG.String() + notes, c.Work.String(), grains, samples})
	}
	return rows
}

// accounts is the table of where the time of the cores went, after the makespans of the
// first job and of those that are timed; nil where the CPU time is not known.
func accounts(s analyze.Section) [][]string {
	waits, served := s.Waits(), s.Has(func(a analyze.Account) analyze.Estimate { return a.Server })
	if !s.Has(func(a analyze.Account) analyze.Estimate { return a.CPU }) {
		return nil
	}
	type item struct {
		head  string
		shown bool
		text  func(a analyze.Account) string
	}
	items := []item{
		{"cold", true, func(a analyze.Account) string { return nanos(a.Cold) }},
		{"warm", true, func(a analyze.Account) string { return nanos(a.Warm) }},
		{"CPU", waits, func(a analyze.Account) string { return nanos(a.CPU) }}, // of tasks that wait the cores do no work
		{"cores' time", !waits, func(a analyze.Account) string { return nanos(a.Granularity) }},
		{"kernel", !waits, func(a analyze.Account) string { return nanos(a.Work) }},
		{"other CPU", !waits, func(a analyze.Account) string { return nanos(a.Other) }},
		{"idle", !waits, func(a analyze.Account) string { return nanos(a.Idle) }},
		{"in the system", true, func(a analyze.Account) string { return nanos(a.System) }},
		{"ready, no core", true, func(a analyze.Account) string { return nanos(a.Ready) }},
		{"switches", true, func(a analyze.Account) string { return counted(a.Switches) }},
		{"faults", true, func(a analyze.Account) string { return counted(a.Faults) }},
		{"allocations", true, func(a analyze.Account) string { return counted(a.Allocs) }},
		{"memory", true, func(a analyze.Account) string { return mebibytes(a.Memory) }},
		{"server's CPU, apart", served, func(a analyze.Account) string { return nanos(a.Server) }},
	}
	items = slices.DeleteFunc(items, func(i item) bool { return !i.shown })
	head := []string{"task", "strategy"}
	for _, i := range items {
		head = append(head, i.head)
	}
	rows := [][]string{head}
	for _, q := range s.Questions {
		first := work(q)
		for _, r := range q.Rows {
			row := []string{first, analyze.Brief(r.Cell)}
			for _, i := range items {
				row = append(row, i.text(r.Account))
			}
			rows, first = append(rows, row), ""
		}
	}
	return rows
}

// held returns how much memory each strategy took, where a section is of one task that works on
// memory or has a shape: a leak shows nowhere else.
func held(qs []analyze.Question) (all []string) {
	if len(qs) > 1 || !analyze.OfMemory(qs[0].Task) {
		return nil
	}
	for _, r := range qs[0].Rows {
		if m := r.Account.Memory; m.Known() {
			all = append(all, analyze.Brief(r.Cell)+" "+mebibytes(m))
		}
	}
	return all
}

// work names a question's task size: measured, and where it was not, nominal.
func work(q analyze.Question) string {
	switch {
	case q.Work.Known():
		return time3(q.Work.Value)
	case q.Task.Grain > 0:
		return "nominal " + time3(float64(q.Task.Grain))
	}
	return "?"
}

func verdict(r analyze.Row) string {
	if r.Cell.Strategy == harness.Direct || !r.Speedup.Known() {
		return ""
	}
	return r.VsDirect.Verdict.String()
}

func best(w analyze.Winner, r analyze.Row) string {
	if !slices.Contains(w.Best, r.Cell) {
		return ""
	}
	return map[analyze.WinnerKind]string{analyze.Won: "winner", analyze.Tied: "tie", analyze.Close: "close", analyze.Undecided: "maybe"}[w.Kind]
}

// more returns the rounds that may decide a question, or why none can.
func more(w analyze.Winner) string {
	switch {
	case w.Why != "":
		return fmt.Sprintf(" (%s)", w.Why)
	case w.More == 0:
		return ""
	}
	return fmt.Sprintf(" (about %d rounds may decide)", w.More)
}

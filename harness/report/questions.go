package report

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// efficiencyAt is the index of the efficiency column in the table of questions.
const efficiencyAt = 4

// questions returns the section on the questions about one kind of task, number of cores and order
// of delivery.
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
		{rows: rows, caption: "Makespans", narrow: narrowed},
		{text: listed("The best strategy is undecided at %s.", open)},
		{text: listed("Peak memory of all processes: %s.", peakMemories(s.Questions)), only: inTerminal},
		{rows: metgs(s, n), caption: "Smallest useful task size", gap: true},
		{text: explainedOnce(a, s, curved, "T is the makespan, C the number of cores, N the number of tasks, and W the time of a task in the direct loop. METG is the smallest g = T·C/N with an efficiency of "+format.Percent(a.Settings.Efficiency)+".")},
		{rows: accounts(s, false), only: inFile, caption: "Core time (cores × makespan) per task", legend: explainedOnce(a, s, accounted, columnsOfAccounts+partsOfAccounts(s))},
		{list: crossings(a, s, n, false), only: inFile, lead: "Against each other:"},
	}}
}

// listed returns sentence, a format string, with the words inserted as a list. It returns "" if
// there are no words.
func listed(sentence string, words []string) string {
	if len(words) == 0 {
		return ""
	}
	return fmt.Sprintf(sentence, format.List(words, "and"))
}

// columnsOfAccounts explains the columns of the full table of accounts.
const columnsOfAccounts = "“Cold” is the makespan of the first job of a launch, and “warm” that of its timed jobs. “Memory” is the peak of all processes. "

// partsOfAccounts explains the columns that the full and the brief table of accounts (the parts of
// the core time) have in common.
func partsOfAccounts(s analyze.Section) string {
	text := "“CPU” is the CPU time of all processes. "
	if !s.Waits() {
		text = "“Cores' time” is the sum of “task work”, “other CPU” and “idle”. Task work is the time of the task in the direct loop. " +
			"“Other CPU” is the CPU time minus task work, in the same round; ≤ 0 means that the strategy used no more CPU time than the direct loop. "
	}
	return text + "“OS” is the part of the CPU time that is spent inside the operating system. " +
		"“Ready, no core” is the time in which threads were ready to run but had no core. Values are medians over launches, so parts add up only approximately."
}

// explainedOnce returns text, the explanation of a table, if s is the first section of the run that
// has such a table. It returns "" for all other sections. The function hasTable reports whether a
// section has the table.
func explainedOnce(a *analyze.Analysis, s analyze.Section, hasTable func(analyze.Section) bool, text string) string {
	if first := slices.IndexFunc(a.Sections, hasTable); first >= 0 && a.Sections[first].Place == s.Place {
		return text
	}
	return ""
}

// curved reports whether the section gets a table of METG (the smallest task with the target
// efficiency).
func curved(s analyze.Section) bool {
	return slices.ContainsFunc(s.Curves, func(c analyze.Curve) bool { return len(c.Points) > 1 })
}

// accounted reports whether the section gets a table of accounts (the parts of the core time). The
// table needs the CPU time of at least one strategy.
func accounted(s analyze.Section) bool {
	return s.Has(func(a analyze.Account) analyze.Estimate { return a.CPU })
}

// metgs returns the table of the METG values of a section, one row for each curve. Without curves,
// it returns only the head of the table.
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

// accounts returns the table of accounts (the parts of the core time) of a section, or nil if the
// CPU time is unknown. A brief table has no columns other than the parts of the core time.
func accounts(s analyze.Section, brief bool) [][]string {
	waits, served := s.Waits(), s.Has(func(a analyze.Account) analyze.Estimate { return a.Server })
	if !accounted(s) {
		return nil
	}
	type item struct {
		head  string
		shown bool
		text  func(a analyze.Account) string
	}
	items := []item{
		{"cold", !brief, func(a analyze.Account) string { return nanos(a.Cold) }},
		{"warm", !brief, func(a analyze.Account) string { return nanos(a.Warm) }},
		{"CPU", waits, func(a analyze.Account) string { return nanos(a.CPU) }}, // there is no work to divide it by if tasks wait
		{"cores' time", !waits, func(a analyze.Account) string { return nanos(a.Granularity) }},
		{"task work", !waits, func(a analyze.Account) string { return nanos(a.Work) }},
		{"other CPU", !waits, func(a analyze.Account) string { return nanos(a.Other) }},
		{"idle", !waits, func(a analyze.Account) string { return nanos(a.Idle) }},
		{"OS", true, func(a analyze.Account) string { return nanos(a.System) }},
		{"ready, no core", true, func(a analyze.Account) string { return nanos(a.Ready) }},
		{"switches", !brief, func(a analyze.Account) string { return counted(a.Switches) }},
		{"faults", !brief, func(a analyze.Account) string { return counted(a.Faults) }},
		{"allocations", !brief, func(a analyze.Account) string { return counted(a.Allocs) }},
		{"memory", !brief, func(a analyze.Account) string { return mebibytes(a.Memory) }},
		{"server CPU (separate)", served, func(a analyze.Account) string { return nanos(a.Server) }},
	}
	items = slices.DeleteFunc(items, func(i item) bool { return !i.shown })
	row := func(task, strategy string, text func(item) string) []string {
		return append([]string{task, strategy}, each(items, text)...)
	}
	rows := [][]string{row("task", "strategy", func(i item) string { return i.head })}
	for _, q := range s.Questions {
		first := work(q)
		for _, r := range q.Rows {
			rows = append(rows, row(first, analyze.Brief(r.Cell), func(i item) string { return i.text(r.Account) }))
			first = ""
		}
	}
	return rows
}

// peakMemories returns a text for each strategy with its peak memory. It returns nil if qs has
// several tasks, or if its task neither uses memory nor has an injected fault, leak or delay. The
// terminal shows a leak only in these texts.
func peakMemories(qs []analyze.Question) (all []string) {
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

// work returns the task size of a question as text: the measured size, or the nominal size if no
// size was measured. If the task is a batch, the text adds how many inputs it has.
func work(q analyze.Question) string {
	size := "?"
	switch {
	case q.Work.Known():
		size = time3(q.Work.Value)
	case q.Task.Grain > 0:
		size = "nominal " + time3(float64(q.Task.Grain))
	}
	return size + batches([2]int{q.Task.Batch, q.Task.Batch})
}

// verdict returns the verdict of row r in its comparison with the direct loop, as text. It returns
// "" if there is no such comparison.
func verdict(r analyze.Row) string {
	if r.Cell.Strategy == harness.Direct || !r.Speedup.Known() {
		return ""
	}
	return r.VsDirect.Words()
}

// best returns a word for row r: winner, tie, close, maybe or likely, if it is one of the best
// strategies of its question. w holds these best strategies. best returns "" for all other rows.
func best(w analyze.Winner, r analyze.Row) string {
	if !slices.Contains(w.Best, r.Cell) {
		return ""
	}
	if analyze.Few(w.Rounds) && w.Kind == analyze.Undecided {
		return "likely"
	}
	return map[analyze.WinnerKind]string{analyze.Won: "winner", analyze.Tied: "tie", analyze.Close: "close", analyze.Undecided: "maybe"}[w.Kind]
}

// more returns, in brackets, why a question is undecided, or else the number of rounds that it
// needs. It returns "" if neither is known.
func more(w analyze.Winner) string {
	switch {
	case w.Why != "":
		return fmt.Sprintf(" (%s)", w.Why)
	case w.More == 0:
		return ""
	}
	return fmt.Sprintf(" (needs about %d rounds in total)", w.More)
}

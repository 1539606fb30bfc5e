package report

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// A Run is one of the runs that [SideBySide] compares.
type Run struct {
	Name string // folder, or another name for the reader
	*analyze.Analysis
	Samples []harness.Sample // samples from which the analysis was made
}

// ErrNothingShared is the error for runs of which no two measured the same task.
var ErrNothingShared = errors.New("no two of these runs measured the same task; choose runs that have tasks in common")

const screenLines = 25 // of the first screen

// SideBySide writes how the runs differ, and then the answers of all runs for the tasks that at
// least two of them measured. Tasks for which the answers disagree come first. If all is false, it
// writes only as many rows as fit on a screen. It does not compare times, since the runs may be
// from different machines.
func SideBySide(w io.Writer, runs []Run, all bool) error {
	tasks := shared(runs)
	if len(tasks) == 0 {
		return ErrNothingShared
	}
	b := bufio.NewWriter(w)
	head := &strings.Builder{}
	for i, r := range runs {
		fmt.Fprintln(head, format.Clipped(fmt.Sprintf("%s: %s: %s", letter(i), r.Name, headline(r.Analysis)), screenWidth))
	}
	wrappedAt(head, "", differences(runs), screenWidth)
	for _, text := range suspicions(runs) {
		wrappedAt(head, "", text, screenWidth)
	}
	tail := &strings.Builder{}
	wrappedAt(tail, "", sideNote, screenWidth)
	rows := len(tasks)
	if free := screenLines - strings.Count(head.String()+tail.String(), "\n") - 5; !all { // blank lines, the head of the table, the rest
		rows = min(rows, max(1, free/len(runs)))
	}
	fmt.Fprintf(b, "%s\n", head)
	for _, line := range sideTable(tasks[:rows], len(runs)) {
		fmt.Fprintln(b, format.Clipped(line, screenWidth))
	}
	if more := len(tasks) - rows; more > 0 {
		fmt.Fprintf(b, "and %s; -v shows all tasks\n", format.Count(more, "more task"))
	}
	fmt.Fprintf(b, "\n%s", tail)
	return b.Flush()
}

// sideNote follows the table of several runs.
const sideNote = "≠ marks tasks for which the runs name different strategies. Each answer comes from one run. " +
	"This table does not compare times between runs; for two runs on one machine, use payoff compare A B."

// letter returns the letter for the run with index i: A, B, …, Z. Further runs have the numbers 27,
// 28, and so on.
func letter(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return strconv.Itoa(i + 1)
}

// A trait is a property of a run, such as its machine, in which two runs may differ.
type trait struct {
	name string
	of   func(a *analyze.Analysis) string
}

var traits = []trait{
	{"host", func(a *analyze.Analysis) string { return a.Info.Machine.Host }},
	{"CPU", func(a *analyze.Analysis) string { return a.Info.Machine.CPU }},
	{"cores", func(a *analyze.Analysis) string { return strconv.Itoa(a.Info.Machine.Cores) }},
	{"speeds of cores", func(a *analyze.Analysis) string { return a.Info.Machine.Speeds }},
	{"CPU quota", func(a *analyze.Analysis) string {
		if a.Info.Limits.CPU == 0 {
			return ""
		}
		return format.Number(a.Info.Limits.CPU, 3)
	}},
	{"limits", func(a *analyze.Analysis) string {
		l := a.Info.Limits
		l.CPU = 0 // the quota above
		return strings.Join(l.Words(), ", ")
	}},
	{"system", func(a *analyze.Analysis) string { m := a.Info.Machine; return m.GOOS + "/" + m.GOARCH }},
	{"operating system release", func(a *analyze.Analysis) string { return a.Info.Machine.Kernel }},
	{"hypervisor", func(a *analyze.Analysis) string { return a.Info.Machine.Virtual }},
	{"Go", func(a *analyze.Analysis) string { return a.Info.Go }},
	{"payoff", func(a *analyze.Analysis) string {
		return strings.TrimSpace(a.Info.Version + " " + short(a.Info.Commit))
	}},
	{"suite", func(a *analyze.Analysis) string { return strings.Join(a.Info.Suites, "+") }},
	{"program", func(a *analyze.Analysis) string { return strings.Join(a.Info.Program, " ") }},
	{"content of the program and its inputs", func(a *analyze.Analysis) string { return a.Info.Content }},
	{"filter", func(a *analyze.Analysis) string { return a.Info.Filter }},
	{"plan", func(a *analyze.Analysis) string { return a.Info.Plan }},
	{"seed", func(a *analyze.Analysis) string { return strconv.FormatUint(a.Info.Seed, 10) }},
	{"precision", func(a *analyze.Analysis) string { return format.Percent(a.Info.Precision) }},
	{"pinned", func(a *analyze.Analysis) string { return strconv.FormatBool(a.Info.Pinned) }},
	{"measured", rounds},
	{"started", func(a *analyze.Analysis) string { return a.Info.Started.Format(time.DateOnly) }},
}

// short returns the first nine digits of a commit. If the commit has the suffix +dirty (for
// uncommitted changes), short keeps it.
func short(commit string) string {
	hash, dirty, _ := strings.Cut(commit, "+")
	if hash = hash[:min(len(hash), 9)]; dirty != "" {
		hash += "+" + dirty
	}
	return hash
}

// differences returns a sentence that names the properties in which the runs differ. For each
// property it lists the values in the order of the runs.
func differences(runs []Run) string {
	var parts []string
	for _, t := range traits {
		values := each(runs, func(r Run) string { return cmp.Or(t.of(r.Analysis), absent) })
		if len(slices.Compact(slices.Clone(values))) > 1 {
			parts = append(parts, t.name+" "+strings.Join(values, " / "))
		}
	}
	if names := variables(runs); len(names) > 0 {
		if more := len(names) - shown; more > 1 {
			names = append(names[:shown:shown], fmt.Sprintf("%d more", more))
		}
		parts = append(parts, "environment variables "+format.List(names, "and"))
	}
	if len(parts) == 0 {
		return "The runs do not differ in machine, versions, suite or settings."
	}
	return "The runs differ in: " + strings.Join(parts, "; ") + "."
}

// variables returns the sorted names of the environment variables that differ between the runs. It
// ignores runs that did not record their environment.
func variables(runs []Run) []string {
	var recorded []map[string]string
	all := map[string]bool{}
	for _, r := range runs {
		if env := r.Info.Environment; env != nil {
			recorded = append(recorded, env)
			for name := range env {
				all[name] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(name string) bool {
		return !slices.ContainsFunc(recorded, func(env map[string]string) bool { return env[name] != recorded[0][name] })
	})
}

// A sideTask is a task at one grain, or at successive grains with the same answers. It has the
// answer of each run, which is nil if the run did not measure the task.
type sideTask struct {
	place    analyze.Place
	from, to harness.Size // as the suite gives them
	answers  []*analyze.Advice
}

// shared returns the tasks that at least two runs measured. Tasks for which the runs give different
// answers come first.
func shared(runs []Run) (all []sideTask) {
	at, order := map[analyze.Place]int{}, map[analyze.Place]int{}
	for i, r := range runs {
		for _, d := range r.AdviceByTask() {
			key := analyze.Place{Task: d.Task, Order: d.Order}
			k, ok := at[key]
			if !ok {
				k = len(all)
				at[key] = k
				all = append(all, sideTask{place: key, from: d.Task.Size(), to: d.Task.Size(), answers: make([]*analyze.Advice, len(runs))})
				all[k].place.Task = d.Task.Sized(harness.Size{})
				if _, ok := order[all[k].place]; !ok {
					order[all[k].place] = k
				}
			}
			all[k].answers[i] = &d.Advice
		}
	}
	all = slices.DeleteFunc(all, func(t sideTask) bool { return len(t.given()) < 2 })
	slices.SortStableFunc(all, func(a, b sideTask) int { // a run may have grains between those of the first
		return cmp.Or(order[a.place]-order[b.place], a.from.Compare(b.from))
	})
	var merged []sideTask
	for _, t := range all {
		if last := len(merged) - 1; last >= 0 && merged[last].join(t) {
			continue
		}
		merged = append(merged, t)
	}
	slices.SortStableFunc(merged, func(a, b sideTask) int {
		rank := func(t sideTask) int {
			if t.differs() {
				return 0
			}
			return 1
		}
		return rank(a) - rank(b)
	})
	return merged
}

// given returns the answers of all runs that measured the task.
func (t sideTask) given() (all []*analyze.Advice) {
	return slices.DeleteFunc(slices.Clone(t.answers), func(d *analyze.Advice) bool { return d == nil })
}

// join extends t to the grains of next, and reports whether it did. It does so only if next is the
// same task at the next grain, and each run gives the same answer for both.
func (t *sideTask) join(next sideTask) bool {
	joined := make([]*analyze.Advice, len(t.answers))
	for i, d := range t.answers {
		if (d == nil) != (next.answers[i] == nil) || t.place != next.place {
			return false
		}
		if d != nil {
			one, ok := d.Joined(*next.answers[i])
			if !ok {
				return false
			}
			joined[i] = &one
		}
	}
	t.answers, t.to = joined, next.to
	return true
}

// differs reports whether two runs disagree: each names strategies for the task, but no strategy is
// in both answers.
func (t sideTask) differs() bool {
	named := slices.DeleteFunc(t.given(), func(d *analyze.Advice) bool { return d.Why != "" })
	for i, a := range named {
		for _, b := range named[:i] {
			if !slices.ContainsFunc(a.Use, func(c harness.Cell) bool {
				return slices.ContainsFunc(b.Use, func(d harness.Cell) bool { return choice(c) == choice(d) })
			}) {
				return true
			}
		}
	}
	return false
}

// name returns the name of the task and its range of nominal sizes: "spin, 100 ns–1.00 µs".
func (t sideTask) name() string {
	name := workOf(t.place.Task)
	switch from, to := float64(t.from.Grain), float64(t.to.Grain); {
	case to > from:
		return name + ", " + strings.Replace(format.TimeRangeOf(from, to, 2), " to ", "–", 1)
	case from > 0:
		return name + ", " + format.Time(from, 2)
	}
	return name + batches([2]int{t.from.Batch, t.to.Batch})
}

// sideTable returns the lines of the table that shows the answers of all runs. It has one line for
// each task and run.
func sideTable(tasks []sideTask, runs int) (lines []string) {
	rows := [][]string{{"task (nominal)", "run", "", "use", "against a loop", "how sure"}}
	for _, t := range tasks {
		name, mark := t.name(), ""
		if t.differs() {
			mark = "≠"
		}
		for i := range runs {
			row := []string{name, letter(i), mark, "not measured", absent, absent}
			if d := t.answers[i]; d != nil {
				copy(row[3:], []string{used(*d), loopGain(*d), sure(*d)})
				if d.Use[0].Strategy == harness.Direct {
					row[4] = absent // it is the loop
				}
			}
			rows = append(rows, row)
			name = ""
		}
	}
	return aligned(rows)
}

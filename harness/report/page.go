package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// A page is the report before it is set as Markdown or as text.
type page struct {
	title    string
	facts    []string // the run and its machine, and doubts about all of it
	sections []section
	chunks   []chunking
	orders   []ordering
	apart    isolation
	waits    []latency
	scales   []scale
	controls []string
	said     []sentence
	notes    []string
}

// A section is one workload on some cores, in one order.
type section struct {
	title string
	rows  [][]string // the first is the head
	open  string     // the questions without an answer
	held  string     // the memory of each strategy, where that matters; in the terminal alone
	metg  [][]string // likewise with a head; empty where there is none
	spent [][]string // where the cores' time went, likewise; in report.md alone
	pairs []string   // of strategies against each other; in report.md alone
}

// efficiencyAt is the column of rows that efficiency stands in.
const efficiencyAt = 4

// A sentence that a person can use.
type sentence struct {
	text  string
	short bool // stands in the terminal too
}

func newPage(a *analyze.Analysis) page {
	n := &footnotes{}
	p := page{title: title(a.Info), facts: facts(a)}
	for _, qs := range groups(a.Questions) {
		p.sections = append(p.sections, newSection(a, qs, n))
	}
	for _, c := range a.Chunkings {
		p.chunks = append(p.chunks, newChunking(c, n))
	}
	for _, o := range a.Orderings {
		p.orders = append(p.orders, newOrdering(o))
	}
	p.apart = newIsolation(a)
	p.waits = newLatencies(a, n)
	for _, s := range a.Scales {
		p.scales = append(p.scales, newScale(s))
	}
	for _, b := range a.Besides {
		p.scales = append(p.scales, newBeside(b))
	}
	p.controls = controls(a, n)
	p.said = sentences(a, n)
	p.notes = n.lines()
	return p
}

func title(i harness.Info) string {
	s := "payoff"
	if len(i.Suites) > 0 {
		s += " " + strings.Join(i.Suites, ", ")
	}
	if i.Machine.CPU != "" {
		s += " on " + i.Machine.CPU
	}
	return s
}

func facts(a *analyze.Analysis) []string {
	i, m := a.Info, a.Info.Machine
	var where, what []string
	add := func(to *[]string, ok bool, format string, args ...any) {
		if ok {
			*to = append(*to, fmt.Sprintf(format, args...))
		}
	}
	add(&where, m.Host != "", "%s", m.Host)
	add(&where, m.CPU != "", "%s", m.CPU)
	add(&where, m.Cores > 0, "%s", analyze.Count(m.Cores, "core"))
	add(&where, m.Memory > 0, "%.3g GiB", float64(m.Memory)/(1<<30))
	add(&where, m.GOOS != "", "%s/%s", m.GOOS, m.GOARCH)
	add(&where, m.Kernel != "", "kernel %s", m.Kernel)
	add(&where, m.Virtual != "", "under %s", m.Virtual)
	add(&where, i.Go != "", "%s", i.Go)
	add(&what, true, "%s%s, %s", analyze.Count(a.Complete, "round"), map[bool]string{true: " and a part of one more"}[a.Complete < a.Rounds], analyze.Count(a.Launches, "launch"))
	add(&what, a.Marked > 0, "%d of them marked as suspect", a.Marked)
	add(&what, i.Filter != "", "filter %q", i.Filter)
	add(&what, true, "seed %d", i.Seed)
	add(&what, i.Version != "", "payoff %s", i.Version)
	add(&what, i.Commit != "", "commit %s", i.Commit)
	add(&what, !i.Started.IsZero(), "started %s", i.Started.Format(time.RFC3339))
	add(&what, !i.Started.IsZero() && !i.Finished.IsZero(), "took %s", i.Finished.Sub(i.Started).Round(time.Second))
	add(&what, i.Finished.IsZero(), "not finished")
	var out []string
	if len(where) > 0 {
		out = append(out, "Machine: "+strings.Join(where, ", ")+".")
	}
	out = append(out, "Run: "+strings.Join(what, ", ")+".",
		fmt.Sprintf("Verdicts at %s, margin %s; intervals are paired by round.", analyze.Percent(a.Settings.Confidence), analyze.Percent(a.Settings.Margin)))
	for _, note := range a.Notes {
		out = append(out, "Note: "+capital(readable(string(note)))+".")
	}
	return out
}

// groups cuts questions into runs that differ in nothing but the grain.
func groups(qs []analyze.Question) [][]analyze.Question {
	var out [][]analyze.Question
	for i, q := range qs {
		if i == 0 || q.Place() != qs[i-1].Place() {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], q)
	}
	return out
}

// work names a question's task size: measured, and where it was not, nominal.
func work(q analyze.Question) string {
	if q.Work.Known() {
		return analyze.Time(q.Work.Value, 3)
	}
	if q.Task.Grain > 0 {
		return "nominal " + analyze.Time(float64(q.Task.Grain), 3)
	}
	return "?"
}

// label leaves the order to the section's title.
func label(c harness.Cell) string {
	c.Order = harness.MapOrder
	return analyze.Label(c)
}

func newSection(a *analyze.Analysis, qs []analyze.Question, n *footnotes) section {
	at := qs[0].Place()
	s := section{title: at.String()}
	head := []string{"task", "strategy", "makespan per task", "speed-up", "efficiency", "vs direct", "best", "n"}
	if qs[0].Waits {
		head[efficiencyAt] = "workers"
	}
	s.rows = append(s.rows, head)
	var open []string
	for _, q := range qs {
		about := fmt.Sprintf("%s, %s", at, work(q))
		for i, r := range q.Rows {
			first := ""
			if i == 0 {
				first = work(q) + n.all(q.Notes, about)
			}
			s.rows = append(s.rows, []string{first, label(r.Cell) + n.all(r.Notes, about+", "+label(r.Cell)),
				makespan(r.Makespan), ratio(r.Speedup), efficiency(q, r), verdict(r), best(q.Winner, r.Cell), strconv.Itoa(paired(r))})
		}
		if w := q.Winner; w.Kind == analyze.Undecided {
			open = append(open, work(q)+more(w))
		}
	}
	if len(open) > 0 {
		s.open = fmt.Sprintf("Undecided among those that may be best: at %s.", list(open, "and"))
	}
	for _, c := range a.Curves {
		if analyze.PlaceOf(c.Series) != at || len(c.Points) < 2 {
			continue
		}
		if len(s.metg) == 0 {
			s.metg = append(s.metg, []string{"strategy", "METG: g = T·C/N", "W: work alone", "between grains", "n"})
		}
		about := fmt.Sprintf("METG of %s, %s", label(c.Series), at)
		grains, samples := "", ""
		if c.METG.Kind == analyze.Passes {
			grains = fmt.Sprintf("%s and %s", analyze.Time(c.METG.Between[0], 3), analyze.Time(c.METG.Between[1], 3))
			samples = strconv.Itoa(c.METG.At.N)
		}
		s.metg = append(s.metg, []string{label(c.Series), c.METG.String() + n.all(c.METG.Notes, about), c.Work.String(), grains, samples})
	}
	s.spent = accountOf(qs)
	s.held = held(qs)
	s.pairs = crossings(a, qs, n, false)
	return s
}

// held says how much memory each strategy took, where a section is of one task that is
// about memory or that something befalls: a leak shows nowhere else.
func held(qs []analyze.Question) string {
	if len(qs) != 1 || qs[0].Task.Memory == 0 && qs[0].Task.Shape == "" {
		return ""
	}
	var all []string
	for _, r := range qs[0].Rows {
		if m := r.Account.Memory; m.Known() {
			all = append(all, label(r.Cell)+" "+mebibytes(m))
		}
	}
	if len(all) == 0 {
		return ""
	}
	return fmt.Sprintf("Memory that all processes held, at most: %s.", list(all, "and"))
}

func more(w analyze.Winner) string {
	switch {
	case w.Why != "":
		return fmt.Sprintf(" (%s)", w.Why)
	case w.More == 0:
		return ""
	}
	return fmt.Sprintf(" (about %d rounds may decide)", w.More)
}

package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// title returns the title of the report, which names the suites and the CPU.
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

// facts returns lines that describe the machine and the run, and the notes on the whole run.
func facts(a *analyze.Analysis) []string {
	i, m := a.Info, a.Info.Machine
	var where, what []string
	add := func(to *[]string, ok bool, form string, args ...any) {
		if ok {
			*to = append(*to, fmt.Sprintf(form, args...))
		}
	}
	add(&where, m.Host != "", "%s", m.Host)
	add(&where, m.CPU != "", "%s", m.CPU)
	add(&where, m.Cores > 0, "%s", format.Count(m.Cores, "core"))
	add(&where, m.Speeds != "", "cores of different speed: %s", m.Speeds)
	add(&where, m.Memory > 0, "%.3g GiB", float64(m.Memory)/(1<<30))
	add(&where, m.GOOS != "", "%s/%s", m.GOOS, m.GOARCH)
	add(&where, m.Kernel != "", "operating system release %s", m.Kernel)
	add(&where, m.Virtual != "", "under %s", m.Virtual)
	add(&where, i.Go != "", "%s", i.Go)
	add(&what, true, "%s, %s", rounds(a), format.Count(a.Launches, "launch"))
	add(&what, a.Starved > 0, "%d of them starved", a.Starved)
	add(&what, a.Marked > 0, "%d contaminated", a.Marked)
	add(&what, i.Filter != "", "filter %q", i.Filter)
	add(&what, true, "seed %d", i.Seed)
	add(&what, i.Version != "", "payoff %s", i.Version)
	add(&what, i.Commit != "", "commit %s", i.Commit)
	add(&what, !i.Started.IsZero(), "started %s", i.Started.Format(time.RFC3339))
	add(&what, i.Spent.Wall > 0, "took %s", i.Spent.Wall.Round(time.Second))
	add(&what, i.Finished.IsZero(), "not finished")
	var out []string
	if len(where) > 0 {
		out = append(out, "Machine: "+strings.Join(where, ", ")+".")
	}
	out = append(out, "Run: "+strings.Join(what, ", ")+".",
		fmt.Sprintf("Verdicts have a confidence of %s and a margin of %s. Intervals are those of ratios of launches in the same round. Makespans are medians over launches and ratios are means over rounds, so a ratio can differ a little from the quotient of two makespans. n is the number of rounds in which the cells of a result were measured. It may be smaller than the number of rounds of the run, because cells of answered questions are not measured again.", format.Percent(a.Settings.Confidence), format.Percent(a.Settings.Margin)))
	terms := "The direct loop runs the same tasks without an executor. Every speed-up is relative to it."
	if slices.ContainsFunc(a.Launched, func(l analyze.Launched) bool { return l.Cell.Strategy == "serial" }) {
		terms += " The strategy serial runs all tasks on one goroutine through the executor interface."
	}
	out = append(out, terms)
	for _, note := range a.Notes {
		out = append(out, "Note: "+capital(readable(string(note)))+".")
	}
	return out
}

// rounds returns the number of rounds of the run as text, such as "5 rounds and part of another".
func rounds(a *analyze.Analysis) string {
	s := format.Count(a.Complete, "round")
	if a.Complete < a.Rounds {
		s += " and part of another"
	}
	return s
}

// warnings returns doubts about the whole run, which apply to all of its findings.
func warnings(a *analyze.Analysis) (out []string) {
	if a.Info.Foreign != "" {
		out = append(out, "WARNING: the findings are doubtful: "+a.Info.Foreign+".")
	}
	if t := a.Twins; t.Noisy {
		out = append(out, fmt.Sprintf("WARNING: this machine was too noisy for a margin of %s: two launches of the same cell differed by %s (median of %s). Treat small differences as noise despite their verdicts; measure again on a quieter machine.",
			format.Percent(a.Settings.Margin), distance(t.Typical), format.Count(t.Ratio.N, "pair")))
	}
	if a.Busy() {
		out = append(out, fmt.Sprintf("The machine was busy: other processes took the cores of %d of %d launches. Do not decide on this run; measure again on a quiet machine.", a.Starved, a.Launches))
	}
	if !a.Whole() {
		out = append(out, fmt.Sprintf("This run may be incomplete: it has %s. The findings cover only the tasks that it measured.", rounds(a)))
	}
	return out
}

// controls returns the section on the quality of the measurement: A/A pairs, control work, and
// checks that strategies take equal time for coarse tasks.
func controls(_, a *analyze.Analysis, n *footnotes) section {
	var out []string
	add := func(form string, args ...any) { out = append(out, fmt.Sprintf(form, args...)) }
	if t := a.Twins; !t.Ratio.Known() {
		add("A/A: no pair was measured.%s", n.all(t.Notes, ""))
	} else {
		ratio := ""
		if t.Ratio.Bounded() {
			ratio = "; the mean ratio of all pairs is " + within(t.Ratio, four, four)
		}
		differ := format.Count(t.Outside, "pair") + " differ"
		if t.Outside == 1 {
			differ += "s"
		}
		add("A/A: two launches of the same cell differ by %s (median of %s); the largest difference is %s; %s by more than %s%s.%s",
			distance(t.Typical), format.Count(t.Ratio.N, "pair"), distance(t.Worst), differ, format.Percent(a.Settings.Margin), ratio, n.all(t.Notes, ""))
	}
	for _, c := range a.Classes {
		if !c.Ratio.Bounded() {
			continue
		}
		s := fmt.Sprintf("A/A of %s: the mean ratio is %s, n = %d; the interval ", c.Class.Words(), within(c.Ratio, four, four), c.Ratio.N)
		if c.Holds {
			s += "includes 1"
		} else {
			s += "excludes 1"
		}
		if c.Doubt != "" {
			s += "; no winner among these strategies: " + string(c.Doubt)
		}
		add("%s.", s)
	}
	names := map[string]string{harness.UnitControl: "Fixed loop", harness.UnitPingPong: "Ping-pong between two cores"}
	for _, c := range a.Controls {
		add("%s: median %s, %s to %s over %s.%s", names[c.Unit],
			time3(c.Median), time3(c.Min), time3(c.Max), format.Count(c.N, "launch"), n.all(c.Notes, ""))
	}
	if len(a.Controls) == 0 {
		add("No launch ran the controls of the machine: a fixed loop and a ping-pong between cores.")
	}
	for _, g := range a.Agreement {
		who := fmt.Sprintf("%d strategies", g.Cells)
		if g.Cells <= 3 {
			who = format.List(analyze.Labels(g.Who), "and")
		}
		s := fmt.Sprintf("%s, %s: %s should take equal time for the coarsest tasks; they differ by %s", capital(g.Place.String()), format.Count(g.Workers, "worker"), who, distance(g.Spread))
		switch {
		case len(g.Differ) > 0:
			s += ", which is too much. Outside the margin: " + format.List(analyze.Labels(g.Differ), "and")
		case g.Apart:
			s += ", which is too much: the difference is resolved and exceeds the margin"
		default:
			s += ", which is acceptable: no resolved difference exceeds the margin"
		}
		add("%s.", s)
	}
	return section{"Controls", []part{{list: out}}}
}

// distance returns the fraction f as text in per cent, with two significant digits.
func distance(f float64) string { return format.Number(100*f, 2) + " %" }

// four returns v as text with four significant digits.
func four(v float64) string { return format.Number(v, 4) }

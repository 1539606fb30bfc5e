package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// chunks is the section of the chunks of one strategy: tasks by chunks, and in report.md each
// chunk with its interval.
func chunks(_ *analyze.Analysis, c analyze.Chunking, n *footnotes) section {
	title := "Chunks for " + who(c)
	regret := [][]string{{"longer by %"}}
	each := [][]string{{"task", "chunk", "makespan per task", "over the best number", "verdict", "n"}}
	for _, chunk := range c.Chunks {
		regret[0] = append(regret[0], string(chunk))
	}
	for _, s := range c.Sweeps {
		line, first := []string{kind(s)}, kind(s)
		for _, chunk := range c.Chunks {
			line = append(line, tile(s, s.Row(chunk)))
		}
		regret = append(regret, line)
		for _, r := range s.Rows {
			verdict := r.Over.Verdict.String()
			if r.Chunk == s.Best {
				verdict = "best number"
			}
			each = append(each, []string{first, string(r.Chunk), makespan(r.Makespan), ratio(r.Over.Ratio), verdict, strconv.Itoa(r.Over.Ratio.N)})
			first = ""
		}
	}
	legend := "How much longer a job takes than with the best fixed number (*), in %, paired by round; ? is unresolved."
	if len(c.Sweeps) > 1 { // sums of one would repeat it
		regret = append(regret, sums(c)...)
		legend = "How much longer a job takes than with the best fixed number for these tasks (*), in %, paired by round; ? is unresolved; the mean is geometric."
	}
	legend += n.all(c.Notes, title)
	return section{title, []part{{rows: regret}, {text: legend}, {rows: each, only: inFile}}}
}

// sums are the lines of a chunking that sum up all of its tasks.
func sums(c analyze.Chunking) (lines [][]string) {
	for _, sum := range []struct {
		name string
		of   func(analyze.Policy) float64
	}{
		{"mean", func(p analyze.Policy) float64 { return p.Mean.Value - 1 }},
		{"95 % of tasks within", func(p analyze.Policy) float64 { return p.P95 }},
		{"worst", func(p analyze.Policy) float64 { return p.Worst }},
	} {
		line := []string{sum.name}
		for _, chunk := range c.Chunks {
			p := c.Policy(chunk)
			line = append(line, known(p.Mean, func(float64) string { return format.Points(sum.of(p)) }))
		}
		lines = append(lines, line)
	}
	return lines
}

// who names the strategy of a chunking and where it ran.
func who(c analyze.Chunking) string {
	w := c.Who
	name := strings.Join(append([]string{w.Strategy}, w.Settings()...), ", ")
	if w.Window > 0 {
		name += fmt.Sprintf(", window %d", w.Window)
	}
	if w.Workers != w.Cores {
		name += ", " + format.Count(w.Workers, "worker")
	}
	return name + ": " + analyze.PlaceOf(w).String()
}

// kind names the tasks of a sweep: "8.27 µs (lognormal)".
func kind(s analyze.Sweep) string { return task(s.Work, s.Task) }

// task names the size of a task, and how it differs from others.
func task(work analyze.Estimate, t harness.Task) string {
	name := "nominal " + time3(float64(t.Grain))
	if work.Known() {
		name = time3(work.Value)
	}
	if t.Spread != "" {
		name += " (" + t.Spread + ")"
	}
	return name
}

func tile(s analyze.Sweep, r analyze.Regret) string {
	switch {
	case r.Chunk == s.Best:
		return "*"
	case !r.Over.Ratio.Known():
		return absent
	case r.Over.Verdict == analyze.Unresolved:
		return format.Points(r.Value()) + "?"
	}
	return format.Points(r.Value())
}

// policies says how much longer a job takes with the choices of a user without knowledge of the
// tasks: auto, one by one, and the number that would have been best over all of them.
func policies(c analyze.Chunking) string {
	plain, number := c.Plain()
	if number == "" {
		return ""
	}
	if len(c.Sweeps) == 1 {
		return oneKind(c)
	}
	var parts, best []string
	for _, p := range plain {
		name := "chunk " + string(p.Chunk)
		if p.Chunk == number {
			name += " throughout, of the numbers the least,"
		}
		interval := "(no interval)"
		if p.Mean.Bounded() {
			interval = fmt.Sprintf("(%s to %s %%)", format.Points(p.Mean.Lo-1), format.Points(p.Mean.Hi-1))
		}
		parts = append(parts, fmt.Sprintf("%s costs %s %% %s on average and %s %% at worst, at %s", name, format.Points(p.Mean.Value-1), interval, format.Points(p.Worst), kind(p.At)))
	}
	for _, s := range c.Sweeps {
		best = append(best, fmt.Sprintf("%s at %s", s.Best, kind(s)))
	}
	return fmt.Sprintf("Chunks for %s: the best number is %s. Against it %s (n = %d).", who(c), format.List(best, "and"), strings.Join(parts, "; "), c.Policies[0].Mean.N)
}

// oneKind is policies for a single kind of task.
func oneKind(c analyze.Chunking) string {
	s := c.Sweeps[0]
	var parts []string
	n := 0
	for _, r := range s.Rows {
		if r.Chunk != s.Best && (r.Chunk == "1" || r.Chunk == "auto") && r.Over.Ratio.Known() {
			parts = append(parts, fmt.Sprintf("chunk %s takes %s times as long: %s", r.Chunk, ratio(r.Over.Ratio), r.Over.Verdict))
			n = r.Over.Ratio.N
		}
	}
	text := fmt.Sprintf("Chunks for %s, %s: the best number is %s.", who(c), kind(s), s.Best)
	if len(parts) > 0 {
		text += fmt.Sprintf(" Beside it %s (n = %d).", strings.Join(parts, "; "), n)
	}
	return text
}

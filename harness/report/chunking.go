package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// A chunking is what the chunks of one strategy cost.
type chunking struct {
	title  string
	regret [][]string // tasks by chunks, the first is the head
	legend string
	rows   [][]string // each chunk with its interval; in report.md alone
}

func newChunking(c analyze.Chunking, n *footnotes) chunking {
	out := chunking{title: "Chunks for " + who(c)}
	head := []string{"longer by %"}
	for _, p := range c.Chunks() {
		head = append(head, string(p))
	}
	out.regret = [][]string{head}
	out.rows = [][]string{{"task", "chunk", "makespan per task", "over the best number", "verdict", "n"}}
	for _, s := range c.Sweeps {
		line := []string{kind(s)}
		for _, chunk := range c.Chunks() {
			i := slices.IndexFunc(s.Rows, func(r analyze.Regret) bool { return r.Chunk == chunk })
			if i < 0 {
				line = append(line, "–")
				continue
			}
			line = append(line, tile(s, s.Rows[i]))
		}
		out.regret = append(out.regret, line)
		for i, r := range s.Rows {
			first := ""
			if i == 0 {
				first = kind(s)
			}
			verdict := r.Over.Verdict.String()
			if r.Chunk == s.Best {
				verdict = "best number"
			}
			out.rows = append(out.rows, []string{first, string(r.Chunk), makespan(r.Makespan), ratio(r.Over.Ratio), verdict, strconv.Itoa(r.Over.Ratio.N)})
		}
	}
	if len(c.Sweeps) == 1 { // sums of one would repeat it
		out.legend = "How much longer a job takes than with the best fixed number (*), in %, paired by round; ? is unresolved." + n.all(c.Notes, out.title)
		return out
	}
	for _, sum := range []struct {
		name string
		of   func(analyze.Policy) string
	}{
		{"mean", func(p analyze.Policy) string { return percents(p.Mean.Value - 1) }},
		{"95 % of tasks within", func(p analyze.Policy) string { return percents(p.P95) }},
		{"worst", func(p analyze.Policy) string { return percents(p.Worst) }},
	} {
		line := []string{sum.name}
		for _, chunk := range c.Chunks() {
			if p, ok := c.Policy(chunk); ok && p.Mean.Known() {
				line = append(line, sum.of(p))
			} else {
				line = append(line, "–")
			}
		}
		out.regret = append(out.regret, line)
	}
	out.legend = "How much longer a job takes than with the best fixed number for these tasks (*), in %, paired by round; ? is unresolved; the mean is geometric." + n.all(c.Notes, out.title)
	return out
}

// who names the strategy of a chunking and where it ran.
func who(c analyze.Chunking) string {
	w := c.Who
	w.Chunk = "1"
	name := w.Strategy
	for _, set := range w.Settings() {
		name += ", " + set
	}
	if w.Window > 0 {
		name += fmt.Sprintf(", window %d", w.Window)
	}
	if w.Workers != w.Cores {
		name += ", " + analyze.Count(w.Workers, "worker")
	}
	return name + ": " + analyze.PlaceOf(w).String()
}

// kind names the tasks of a sweep: "8.27 µs (lognormal)".
func kind(s analyze.Sweep) string { return task(s.Work, s.Task) }

func task(work analyze.Estimate, t harness.Task) string {
	name := "nominal " + analyze.Time(float64(t.Grain), 3)
	if work.Known() {
		name = analyze.Time(work.Value, 3)
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
		return "–"
	case r.Over.Verdict == analyze.Unresolved:
		return percents(r.Value()) + "?"
	}
	return percents(r.Value())
}

// percents writes a fraction in %, with a digit behind the point where it is small.
func percents(f float64) string {
	digits := 0
	if f < 0.0995 && f > -0.0995 {
		digits = 1
	}
	s := strconv.FormatFloat(100*f, 'f', digits, 64)
	if s == "-0.0" {
		return "0.0"
	}
	return s
}

// policies says what the choices cost that somebody makes who does not know the tasks: auto,
// one by one, and the number that would have been best over all of them.
func policies(c analyze.Chunking) string {
	numbers := slices.DeleteFunc(slices.Clone(c.Policies), func(p analyze.Policy) bool { return p.Chunk.Fixed() == 0 || !p.Mean.Known() })
	if len(numbers) == 0 {
		return ""
	}
	if len(c.Sweeps) == 1 {
		return oneKind(c)
	}
	same := slices.MinFunc(numbers, func(a, b analyze.Policy) int { return cmp.Compare(a.Mean.Value, b.Mean.Value) }).Chunk
	var parts []string
	for _, p := range c.Policies {
		if !slices.Contains([]harness.Chunk{"auto", "1", same}, p.Chunk) || !p.Mean.Known() {
			continue
		}
		name := "chunk " + string(p.Chunk)
		if p.Chunk == same {
			name += " throughout, of the numbers the least,"
		}
		mean := percents(p.Mean.Value-1) + " %"
		if p.Mean.Bounded() {
			mean += fmt.Sprintf(" (%s to %s %%)", percents(p.Mean.Lo-1), percents(p.Mean.Hi-1))
		} else {
			mean += " (no interval)"
		}
		at := c.Sweeps[slices.IndexFunc(c.Sweeps, func(s analyze.Sweep) bool { return s.Task == p.At })]
		parts = append(parts, fmt.Sprintf("%s costs %s on average and %s %% at worst, at %s", name, mean, percents(p.Worst), kind(at)))
	}
	var best []string
	for _, s := range c.Sweeps {
		best = append(best, fmt.Sprintf("%s at %s", s.Best, kind(s)))
	}
	return fmt.Sprintf("Chunks for %s: the best number is %s. Against it %s (n = %d).", who(c), list(best, "and"), strings.Join(parts, "; "), c.Policies[0].Mean.N)
}

// oneKind is policies for a single kind of task.
func oneKind(c analyze.Chunking) string {
	s := c.Sweeps[0]
	var parts []string
	n := 0
	for _, r := range s.Rows {
		if r.Chunk == s.Best || r.Chunk != "1" && r.Chunk != "auto" || !r.Over.Ratio.Known() {
			continue
		}
		part := fmt.Sprintf("chunk %s takes %s times as long: %s", r.Chunk, ratio(r.Over.Ratio), r.Over.Verdict)
		parts, n = append(parts, part), r.Over.Ratio.N
	}
	text := fmt.Sprintf("Chunks for %s, %s: the best number is %s", who(c), kind(s), s.Best)
	if len(parts) == 0 {
		return text + "."
	}
	return fmt.Sprintf("%s. Beside it %s (n = %d).", text, strings.Join(parts, "; "), n)
}

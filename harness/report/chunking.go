package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// chunks returns the section on the chunks of one strategy. A chunk is the number of tasks that a
// worker receives at a time, and its regret is how much longer a job takes than with the best fixed
// chunk. The section has a table of regrets by task and chunk and, in report.html only, a table
// with intervals.
func chunks(_ *analyze.Analysis, c analyze.Chunking, n *footnotes) section {
	title := "Chunks for " + chunkingName(c)
	line := func(name string, text func(harness.Chunk) string) []string {
		return append([]string{name}, each(c.Chunks, text)...)
	}
	regret := [][]string{line("longer by %", func(chunk harness.Chunk) string { return string(chunk) })}
	rows := [][]string{{"task", "chunk", "makespan per task", "over the reference", "verdict", "n"}}
	for _, s := range c.Sweeps {
		regret = append(regret, line(kind(s), func(chunk harness.Chunk) string { return tile(s, s.Row(chunk)) }))
		first := kind(s)
		for _, r := range s.Rows {
			verdict := r.Over.Words()
			if r.Chunk == s.Best {
				verdict = "reference, the " + fastest(r.Over.Ratio.N) + " number"
			}
			rows = append(rows, []string{first, string(r.Chunk), makespan(r.Makespan), ratio(r.Over.Ratio), verdict, strconv.Itoa(r.Over.Ratio.N)})
			first = ""
		}
	}
	legend := "A number is the additional time of a job in %, compared with the reference (*) in the same round. The reference is the fixed number of tasks per chunk with the smallest median makespan. A question mark means unresolved."
	if len(c.Sweeps) > 1 { // a summary of one sweep would repeat it
		regret = append(regret, sums(c, line)...)
		legend = "A number is the additional time of a job in %, compared with the reference (*) in the same round. The reference is the fixed number of tasks per chunk with the smallest median makespan for the tasks of the row. A question mark means unresolved. The mean is geometric."
	}
	legend += n.all(c.Notes, title)
	return section{title, []part{{rows: regret, caption: "Additional time"}, {text: legend}, {rows: rows, caption: "Makespans", only: inFile}}}
}

// sums returns the lines below a table of chunks. They have, for each chunk, the mean, the 95th
// percentile and the worst of its regrets over all tasks. The function line makes a line from a
// name and a function that returns the text for a chunk.
func sums(c analyze.Chunking, line func(name string, text func(harness.Chunk) string) []string) (lines [][]string) {
	for _, sum := range []struct {
		name string
		of   func(analyze.Policy) float64
	}{
		{"mean", func(p analyze.Policy) float64 { return p.Mean.Value - 1 }},
		{"95 % of tasks within", func(p analyze.Policy) float64 { return p.P95 }},
		{"worst", func(p analyze.Policy) float64 { return p.Worst }},
	} {
		lines = append(lines, line(sum.name, func(chunk harness.Chunk) string {
			p := c.Policy(chunk)
			return known(p.Mean, func(float64) string { return format.Points(sum.of(p)) })
		}))
	}
	return lines
}

// chunkingName returns a text that names the strategy, the tasks and the number of cores of c. A
// Chunking has the results of one strategy with several chunks.
func chunkingName(c analyze.Chunking) string {
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

// kind returns the size and the distribution of the tasks of sweep s as text: "8.27 µs
// (lognormal)".
func kind(s analyze.Sweep) string { return task(s.Work, s.Task) }

// task returns the size and the distribution of tasks as text. It prefers the measured size, work,
// to the nominal size.
func task(work analyze.Estimate, t harness.Task) string {
	name := "nominal " + time3(float64(t.Grain))
	if work.Known() {
		name = time3(work.Value)
	}
	name += batches([2]int{t.Batch, t.Batch})
	if t.Spread != "" {
		name += " (" + t.Spread + ")"
	}
	return name
}

// tile returns the text for a chunk in the table of regrets. It is the additional time of a job in
// %, compared with the best fixed chunk, or * for the best fixed chunk itself.
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

// policies returns a sentence on the chunks that a user can choose without knowledge of the tasks:
// auto, 1, and the fixed chunk that is best over all tasks. It says how much longer jobs take with
// them than with the best fixed chunk for each task.
func policies(c analyze.Chunking) string {
	plain, number := c.Plain()
	if number == "" {
		return ""
	}
	if len(c.Sweeps) == 1 {
		return oneKind(c)
	}
	var parts []string
	for _, p := range plain {
		name := "chunk " + string(p.Chunk)
		if p.Chunk == number {
			name += ", the " + fastest(p.Mean.N) + " single number for all tasks,"
		}
		interval := "(no interval)"
		if p.Mean.Bounded() {
			interval = fmt.Sprintf("(%s to %s %%)", format.Points(p.Mean.Lo-1), format.Points(p.Mean.Hi-1))
		}
		parts = append(parts, fmt.Sprintf("%s takes %s %% %s longer on average and %s %% longer at worst, at %s", name, format.Points(p.Mean.Value-1), interval, format.Points(p.Worst), kind(p.At)))
	}
	best := each(c.Sweeps, func(s analyze.Sweep) string { return fmt.Sprintf("%s at %s", s.Best, kind(s)) })
	return fmt.Sprintf("Chunks for %s: the %s number of tasks per chunk is %s. Compared with this, %s (%s).", chunkingName(c), fastest(c.Policies[0].Mean.N), format.List(best, "and"), strings.Join(parts, "; "), ofRounds(c.Policies[0].Mean.N))
}

// fastest returns the words that describe the chunk with the shortest time: "best", or "so far
// fastest" if there are too few rounds for a verdict.
func fastest(rounds int) string {
	if analyze.Few(rounds) {
		return "so far fastest"
	}
	return "best"
}

// oneKind is like [policies], for a strategy whose chunks were measured with only one kind of task.
func oneKind(c analyze.Chunking) string {
	s := c.Sweeps[0]
	var parts []string
	n := 0
	for _, r := range s.Rows {
		if r.Chunk != s.Best && (r.Chunk == "1" || r.Chunk == "auto") && r.Over.Ratio.Known() {
			parts = append(parts, fmt.Sprintf("chunk %s takes %s times as long: %s", r.Chunk, ratio(r.Over.Ratio), r.Over.Words()))
			n = r.Over.Ratio.N
		}
	}
	text := fmt.Sprintf("Chunks for %s, %s: the %s number of tasks per chunk is %s.", chunkingName(c), kind(s), fastest(s.Row(s.Best).Over.Ratio.N), s.Best)
	if len(parts) > 0 {
		text += fmt.Sprintf(" Compared with this chunk, %s (n = %d).", strings.Join(parts, "; "), n)
	}
	return text
}

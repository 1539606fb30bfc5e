package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// Limits of the first screen.
const (
	screenWidth = 100 // columns
	mostLines   = 23  // largest number of lines that [Screen] writes; the subcommand that calls it adds two
	screenRows  = 10  // largest number of rows of the table of advice
)

// Screen writes a summary of a run in at most 23 lines: the run, its quality, a table with the
// strategy to use for each kind of task, and conclusions. dir is the folder of the run, for the
// command that continues the run.
func Screen(w io.Writer, dir string, a *analyze.Analysis) error {
	head := append([]string{format.Clipped(headline(a), screenWidth)}, lines(health(a))...)
	head = append(head, lines(measuredInputs(a))...)
	var answer []string
	for _, line := range found(a) {
		answer = append(answer, lines(line)...)
	}
	head = paragraph(head, answer)
	var tail []string
	if !a.Busy() {
		var said []string
		for _, text := range conclusions(a) {
			said = append(said, lines(text)...)
		}
		tail = paragraph(tail, said)
	}
	if line, open := xargs(a); line != "" { // on one line, for copying
		what := "Run the program with the best number of processes at a time:"
		if open != nil {
			what = fmt.Sprintf("%s at a time are each faster than one; which is fastest is open. Run the fewest:", format.List(open, "and"))
		}
		tail = paragraph(tail, []string{what, line})
	}
	if code := pythonCode(a); code != nil {
		tail = paragraph(tail, code)
	}
	open, resume := openQuestions(dir, a)
	said := lines(open)
	if resume != "" {
		said = append(said, resume)
	}
	tail = paragraph(tail, said)
	if table := adviceTable(a, mostLines-len(head)-len(tail)-1); len(table) > 0 {
		head = paragraph(head, table)
	}
	_, err := io.WriteString(w, strings.Join(append(head, tail...), "\n")+"\n")
	return err
}

// paragraph returns the lines in the argument all, then an empty line, then the lines in more. If
// more is empty, it returns only the lines in all.
func paragraph(all, more []string) []string {
	if len(more) == 0 {
		return all
	}
	return slices.Concat(all, []string{""}, more)
}

// lines returns a text as lines that are at most as long as the screen is wide.
func lines(text string) []string {
	if text == "" {
		return nil
	}
	var b strings.Builder
	wrappedAt(&b, "", text, screenWidth)
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

// adviceTable returns the lines of the table of advice. The parameter most limits their number.
func adviceTable(a *analyze.Analysis, most int) (lines []string) {
	advice := a.Advice()
	rowsMost := min(most-1, screenRows) // below the heading
	if len(advice) > rowsMost {
		rowsMost = min(rowsMost, most-2) // a line says how many more there are
	}
	if len(advice) == 0 || rowsMost < 1 {
		return nil
	}
	more := len(advice) - rowsMost
	advice = advice[:min(len(advice), rowsMost)]
	rows := adviceRows(advice, screenWidth)
	if over := columns(rows) - 2 - screenWidth; over > 0 { // names may be long: the other columns are needed
		rows = adviceRows(advice, max(8, widths(rows)[0]-over))
	}
	lines = aligned(rows)
	if more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more tasks: %s; other task sizes: %s", more, inFiles(a, "report", "-v"), inFiles(a, "advise", "--cpu", "5us")))
	}
	return lines
}

// aligned returns the rows of a table as lines of text. Columns are aligned and separated by two
// spaces.
func aligned(rows [][]string) (lines []string) {
	widths := widths(rows)
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			line += format.Padded(cell, widths[i]+2)
		}
		lines = append(lines, format.Clipped(strings.TrimRight(line, " "), screenWidth))
	}
	return lines
}

// adviceRows returns the rows of the table of advice. The parameter first limits the width of the
// first column, in characters.
func adviceRows(advice []analyze.Advice, first int) [][]string {
	head := "your task, time in a loop"
	if format.Width(head) > first {
		head = "your task"
	}
	rows := [][]string{{head, "use", "against a loop", "other kind, slower by", "how sure"}}
	for _, d := range advice {
		rows = append(rows, []string{yourTask(d, first), used(d), loopGain(d), nextBest(d), sure(d)})
	}
	return rows
}

// yourTask returns the tasks of an advice as text: "spin, 84–842 ns", "files (4 KiB), 260 µs,
// waits", and for batches "logline ×1–4, 1.2–4.9 µs". The times are those of a task in the direct
// loop. yourTask cuts the name of the workload so that the text fits into the given number of
// columns.
func yourTask(d analyze.Advice, columns int) string {
	size := format.Time(d.From, 2)
	if d.To > d.From {
		size = strings.Replace(format.TimeRangeOf(d.From, d.To, 2), " to ", "–", 1)
	}
	times := ""
	switch {
	case d.Waits:
		size += ", waits"
	case d.Batch[1] > 0:
		times = " ×" + inputs(d.Batch)
	}
	return format.Clipped(workOf(d.Place.Task), max(2, columns-format.Width(times+size)-2)) + times + ", " + size
}

// batches returns the smallest and the largest number of inputs in a task as text, such as " (batch
// 1–16)". It returns "" if a task is not a batch of inputs.
func batches(of [2]int) string {
	if of[1] == 0 {
		return ""
	}
	return " (batch " + inputs(of) + ")"
}

// inputs returns the smallest and the largest number of inputs in a task as text, such as "1–16".
func inputs(of [2]int) string {
	if of[0] == of[1] {
		return strconv.Itoa(of[1])
	}
	return fmt.Sprintf("%d–%d", max(1, of[0]), of[1])
}

// workOf returns a short name for a kind of task, such as "spin/last" or "alloc (64 MiB)".
func workOf(t harness.Task) string {
	name := t.Workload
	for _, word := range []string{t.Spread, t.Shape} {
		if word != "" {
			name += "/" + word
		}
	}
	for _, bytes := range []int{t.Memory, t.Payload} {
		if bytes > 0 {
			name += " (" + format.Bytes(bytes) + ")"
		}
	}
	return name
}

// used returns the names of the strategies that the advice recommends: "pool", "pool or procs",
// "steal, pool or static". If some differ only in their settings and there are more than two, it
// says how many there are: "pool or procs, 3 ways".
func used(d analyze.Advice) string {
	if d.Why != "" {
		return "no winner"
	}
	var names []string
	for _, c := range d.Use {
		if name := choice(c); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	switch {
	case len(names) > 2:
		kinds := strategies(d.Use)
		last := len(kinds) - 1
		text := kinds[last]
		if last > 0 {
			text = strings.Join(kinds[:last], ", ") + " or " + text
		}
		if len(kinds) < len(names) {
			text += fmt.Sprintf(", %d ways", len(names))
		}
		return text
	case len(names) == 2:
		name, settings, _ := strings.Cut(names[0], ",")
		if _, other, _ := strings.Cut(names[1], ","); settings == other {
			return name + " or " + names[1] // "pool or procs, 16 workers"
		}
	}
	return strings.Join(names, " or ")
}

// strategies returns the names of the strategies of the cells, without repetition and at most
// three.
func strategies(cells []harness.Cell) (names []string) {
	for _, c := range cells {
		name := c.Strategy
		if analyze.KindOf(c) == analyze.Loops {
			name = "a loop"
		}
		if !slices.Contains(names, name) && len(names) < 3 {
			names = append(names, name)
		}
	}
	return names
}

// choice returns the strategy of a cell and its parameters as text: "pool, chunk 64", "procs, 16
// workers".
func choice(c harness.Cell) string {
	if analyze.KindOf(c) == analyze.Loops {
		return "a loop"
	}
	if c.Strategy == "loop" {
		return "event loop"
	}
	parts := append([]string{c.Strategy}, c.Settings()...)
	if c.Chunk != "1" {
		parts = append(parts, "chunk "+string(c.Chunk))
	}
	if c.Workers != c.Cores {
		parts = append(parts, format.Count(c.Workers, "worker"))
	}
	return strings.Join(parts, ", ")
}

// loopGain returns, as text, the speed-up over a loop of the strategy that the advice names.
func loopGain(d analyze.Advice) string {
	if d.Why != "" {
		return absent
	}
	return gain(d.Loop)
}

// gain returns a text that says how much faster a strategy is: "1.9 × faster", "1.9–2.0 × faster",
// "34 × slower". The span s has the smallest and the largest of its speed-ups.
func gain(s analyze.Span) string {
	switch {
	case !s.Known():
		return absent
	case s.Most.Value < 1:
		return ranged(analyze.Span{Least: s.Most.Under(1), Most: s.Least.Under(1)}) + " slower"
	}
	return ranged(s) + " faster"
}

// ranged returns the smallest and the largest ratio in s as text: "1.9–2.0 ×", or "1.9 ×" if both
// look alike.
func ranged(s analyze.Span) string {
	n := max(digits(s.Least), digits(s.Most))
	if s.Least != s.Most && format.Number(s.Least.Value, 2) == format.Number(s.Most.Value, 2) {
		n = 2 // one number says enough
	}
	lo, hi := format.Number(s.Least.Value, n), format.Number(s.Most.Value, n)
	if lo != hi {
		lo += "–" + hi
	}
	return lo + " ×"
}

// digits returns the number of significant digits with which to print a ratio: three if the ratio
// is within 10 % of 1 or if its interval is narrower than ± 2 %, and two otherwise.
func digits(e analyze.Estimate) int {
	if e.Half() < 0.02 || math.Abs(e.Value-1) < 0.1 {
		return 3
	}
	return 2
}

// nextBest returns the name of the best strategy of the other kind, such as processes if the advice
// names goroutines, and by how much it is slower. If the advice already names that strategy, or if
// there is none, nextBest returns a dash.
func nextBest(d analyze.Advice) string {
	if !d.Ahead.Known() || d.Why != "" {
		return absent
	}
	if slices.Contains(d.Use, d.Next) {
		if slices.Contains(strategies(d.Use), d.Next.Strategy) {
			return absent
		}
		return d.Next.Strategy + ", equally fast"
	}
	return d.Next.Strategy + ", " + ranged(d.Ahead)
}

// sure returns, as text, how certain the advice is. For an open question the text has the time that
// a continued run needs, if known.
func sure(d analyze.Advice) string {
	switch {
	case d.Why != "":
		return "not known"
	case analyze.Few(d.Rounds):
		return analyze.Tentative(d.Rounds)
	case d.Sure == analyze.Uncertain && d.More > 0:
		return "open, " + minutes(d.More)
	}
	return d.Sure.String()
}

// minutes returns a duration as text, rounded up: "40 s", "12 min".
func minutes(d time.Duration) string {
	if d < 2*time.Minute {
		return strconv.Itoa(int((d+time.Second-1)/time.Second)) + " s"
	}
	return strconv.Itoa(int((d+time.Minute-1)/time.Minute)) + " min"
}

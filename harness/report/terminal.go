package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

const wide = 120 // columns of a terminal

// terminal sets the page as text.
func terminal(w io.Writer, p page) error {
	b := bufio.NewWriter(w)
	lines := func(title string, lines []string, number bool) {
		if len(lines) == 0 {
			return
		}
		fmt.Fprintf(b, "\n%s\n", title)
		for i, l := range lines {
			mark := "- "
			if number {
				mark = fmt.Sprintf("[%d] ", i+1)
			}
			wrapped(b, "  "+mark, l)
		}
	}
	wrapped(b, "", p.title)
	for _, f := range p.facts {
		wrapped(b, "", f)
	}
	for _, s := range p.sections {
		fmt.Fprintf(b, "\n%s\n", s.title)
		textTable(b, narrowed(s.rows))
		if s.open != "" {
			wrapped(b, "  ", s.open)
		}
		if s.held != "" {
			wrapped(b, "  ", s.held)
		}
		if len(s.metg) > 0 {
			b.WriteString("\n")
			textTable(b, s.metg)
		}
	}
	for _, c := range p.chunks {
		fmt.Fprintf(b, "\n%s\n", c.title)
		textTable(b, c.regret)
		wrapped(b, "  ", c.legend)
	}
	for _, o := range p.orders {
		fmt.Fprintf(b, "\n%s\n", o.title)
		textTable(b, narrowOrder(o.rows))
		wrapped(b, "  ", o.legend)
	}
	if len(p.apart.rows) > 0 {
		fmt.Fprintf(b, "\n%s\n", isolationTitle)
		textTable(b, withoutIntervals(p.apart.rows))
		wrapped(b, "  ", isolationLegend)
	}
	for _, l := range p.waits {
		fmt.Fprintf(b, "\n%s\n", l.title)
		textTable(b, l.rows)
		wrapped(b, "  ", l.legend)
	}
	for _, s := range p.scales {
		fmt.Fprintf(b, "\n%s\n", s.title)
		textTable(b, turned(s.rows))
		wrapped(b, "  ", s.legend)
	}
	lines("Controls", p.controls, false)
	lines("Notes", p.notes, true)
	var said []string
	for _, s := range p.said {
		if s.short {
			said = append(said, s.text)
		}
	}
	lines("What this run says", said, false)
	return b.Flush()
}

// textTable aligns columns two blanks apart; a line over a row that begins a new group
// is not needed, since the first column is empty within one.
// narrowed leaves out the intervals of efficiency where rows are too wide for a terminal:
// narrowOrder leaves out intervals, and the column of n, which is the last.
func narrowOrder(rows [][]string) [][]string {
	out := withoutIntervals(rows)
	for i, row := range out {
		out[i] = row[:len(row)-1]
	}
	return out
}

// withoutIntervals leaves out intervals, which are in brackets behind a number.
func withoutIntervals(rows [][]string) [][]string {
	out := make([][]string, len(rows))
	for i, row := range rows {
		out[i] = slices.Clone(row)
		for j, cell := range row {
			if from := strings.Index(cell, " ("); i > 0 && j > 0 && from >= 0 && cell[0] >= '0' && cell[0] <= '9' {
				out[i][j] = cell[:from] + cell[strings.LastIndex(cell, ")")+1:]
			}
		}
	}
	return out
}

// they are those of the speed-up beside them, over the number of cores.
func narrowed(rows [][]string) [][]string {
	if size(rows) <= wide {
		return rows
	}
	out := make([][]string, len(rows))
	for i, row := range rows {
		out[i] = slices.Clone(row)
		out[i][efficiencyAt], _, _ = strings.Cut(row[efficiencyAt], " (")
	}
	return out
}

// size returns how many columns rows take.
func size(rows [][]string) int {
	n := 2 * len(rows[0])
	for _, width := range widths(rows) {
		n += width
	}
	return n
}

func widths(rows [][]string) []int {
	w := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			w[i] = max(w[i], utf8.RuneCountInString(cell))
		}
	}
	return w
}

func textTable(w io.Writer, rows [][]string) {
	widths := widths(rows)
	for _, row := range rows {
		line := " "
		for i, cell := range row {
			line += " " + cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+1)
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

// wrapped prints text after a lead, broken between words but not between a number and
// its unit; later lines are indented alike.
func wrapped(w io.Writer, lead, text string) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(lead))
	line := lead
	for i, word := range pieces(text) {
		if i > 0 && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > wide {
			fmt.Fprintln(w, line)
			line = indent + word
			continue
		}
		if i > 0 {
			line += " "
		}
		line += word
	}
	fmt.Fprintln(w, line)
}

// pieces are what a line must not be broken within.
func pieces(text string) []string {
	var out []string
	for _, word := range strings.Fields(text) {
		n := len(out) - 1
		switch strings.TrimRight(word, ".,;:)") {
		case "%", "ns", "µs", "ms", "s", "=":
			if n >= 0 {
				out[n] += " " + word
				continue
			}
		}
		if n >= 0 && strings.HasSuffix(out[n], "=") {
			out[n] += " " + word
			continue
		}
		out = append(out, word)
	}
	return out
}

// turned makes columns of rows: what has more series than points is narrower so.
func turned(rows [][]string) [][]string {
	if len(rows[0]) <= len(rows) {
		return rows
	}
	out := make([][]string, len(rows[0]))
	for i := range out {
		for _, row := range rows {
			out[i] = append(out[i], row[i])
		}
	}
	return out
}

package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness/format"
)

const wide = 120 // columns of a terminal

// terminal writes the page as text for a terminal.
func terminal(w io.Writer, p page) error {
	b := bufio.NewWriter(w)
	for _, line := range append([]string{plain(p.title)}, p.facts...) {
		wrapped(b, "", line)
	}
	for _, s := range p.appendix {
		parts := s.shown(inTerminal)
		if len(parts) > 0 {
			fmt.Fprintf(b, "\n%s\n", s.title)
		}
		for _, part := range parts {
			if part.gap {
				b.WriteString("\n")
			}
			if part.text != "" {
				wrapped(b, "  ", part.text)
			}
			if part.command != "" { // on one line, for copying
				fmt.Fprintf(b, "  %s\n", part.command)
			}
			if rows := part.rows; rows != nil {
				if part.narrow != nil {
					rows = part.narrow(rows)
				}
				textTable(b, rows)
			}
			for i, line := range part.list {
				mark := "- "
				if part.numbered {
					mark = fmt.Sprintf("[%d] ", i+1)
				}
				wrapped(b, "  "+mark, line)
			}
		}
	}
	return b.Flush()
}

// narrowed returns the rows of a table. If they are too wide for a terminal, it removes the
// intervals of efficiency. Readers can compute these: they are the intervals of the speed-up in the
// previous column, divided by the number of cores.
func narrowed(rows [][]string) [][]string {
	if columns(rows) <= wide {
		return rows
	}
	return changed(rows, func(column int, cell string) string {
		if column == efficiencyAt {
			cell, _, _ = strings.Cut(cell, " (")
		}
		return cell
	})
}

// narrowOrder returns the rows of a table without intervals and without the last column, n.
func narrowOrder(rows [][]string) [][]string {
	out := withoutIntervals(rows)
	for i, row := range out {
		out[i] = row[:len(row)-1]
	}
	return out
}

// fitting returns rows without intervals if they are too wide for a terminal.
func fitting(rows [][]string) [][]string {
	if columns(rows) <= wide {
		return rows
	}
	return withoutIntervals(rows)
}

// withoutIntervals returns the rows without intervals. An interval is in brackets after a number.
func withoutIntervals(rows [][]string) [][]string {
	return changed(rows, func(column int, cell string) string {
		if from := strings.Index(cell, " ("); column > 0 && from >= 0 && cell[0] >= '0' && cell[0] <= '9' {
			return cell[:from] + cell[strings.LastIndex(cell, ")")+1:]
		}
		return cell
	})
}

// changed returns a copy of rows in which each cell is the result of the function change for that
// cell.
func changed(rows [][]string, change func(column int, cell string) string) [][]string {
	out := make([][]string, len(rows))
	for i, row := range rows {
		for j, cell := range row {
			out[i] = append(out[i], change(j, cell))
		}
	}
	return out
}

// columns returns the width of a table on a terminal, in characters.
func columns(rows [][]string) int {
	n := 2 * len(rows[0])
	for _, width := range widths(rows) {
		n += width
	}
	return n
}

// widths returns the width of each column of a table.
func widths(rows [][]string) []int {
	w := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			w[i] = max(w[i], format.Width(cell))
		}
	}
	return w
}

// textTable writes the rows of a table. Columns are aligned and separated by two spaces.
func textTable(w io.Writer, rows [][]string) {
	widths := widths(rows)
	for _, row := range rows {
		line := " "
		for i, cell := range row {
			line += " " + format.Padded(cell, widths[i]+1)
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

// wrapped writes lead and then text. It breaks lines between words, but not between a number and
// its unit. It indents all lines but the first by the width of lead.
func wrapped(w io.Writer, lead, text string) { wrappedAt(w, lead, text, wide) }

// wrappedAt is like wrapped, but with lines of at most the given number of columns.
func wrappedAt(w io.Writer, lead, text string, columns int) {
	text = plain(text)
	indent := strings.Repeat(" ", format.Width(lead))
	line := lead
	for i, word := range pieces(text) {
		if i > 0 && format.Width(line)+1+format.Width(word) > columns {
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

// pieces returns text in pieces. A line may be broken between two pieces, but not within one.
func pieces(text string) (out []string) {
	for _, word := range strings.Fields(text) {
		n := len(out) - 1
		unit := slices.Contains([]string{"%", "ns", "µs", "ms", "s", "="}, strings.TrimRight(word, ".,;:)"))
		if n >= 0 && (unit || strings.HasSuffix(out[n], "=")) {
			out[n] += " " + word
		} else {
			out = append(out, word)
		}
	}
	return out
}

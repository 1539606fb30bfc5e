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
	for _, line := range append([]string{p.title}, p.facts...) {
		wrapped(b, "", line)
	}
	for _, s := range p.sections {
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

// narrowed leaves out the intervals of efficiency where rows are too wide for a terminal: they
// are those of the speed-up in the column before, over the number of cores.
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
	return changed(rows, func(column int, cell string) string {
		if from := strings.Index(cell, " ("); column > 0 && from >= 0 && cell[0] >= '0' && cell[0] <= '9' {
			return cell[:from] + cell[strings.LastIndex(cell, ")")+1:]
		}
		return cell
	})
}

// changed returns rows with each cell changed.
func changed(rows [][]string, change func(column int, cell string) string) [][]string {
	out := make([][]string, len(rows))
	for i, row := range rows {
		for j, cell := range row {
			out[i] = append(out[i], change(j, cell))
		}
	}
	return out
}

// columns returns how many columns of the terminal rows take.
func columns(rows [][]string) int {
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

// textTable aligns the columns of rows, two blanks apart.
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
func wrapped(w io.Writer, lead, text string) { wrappedAt(w, lead, text, wide) }

// wrappedAt is wrapped for so many columns.
func wrappedAt(w io.Writer, lead, text string, columns int) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(lead))
	line := lead
	for i, word := range pieces(text) {
		if i > 0 && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > columns {
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

// pieces are the parts of a text within which a line must not break.
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

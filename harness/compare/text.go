package compare

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// text writes the table as plain text, for a terminal. Refusals and warnings come first, then the
// summary, the rows and the notes.
func text(w io.Writer, t *Table) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "%s\n%s: %s\n%s: %s\n", t.Title, t.Old.Name, t.Old.Of, t.New.Name, t.New.Of)
	list := func(lead string, lines []string) {
		for _, line := range lines {
			fmt.Fprintf(b, "%s%s\n", lead, line)
		}
	}
	list("refused: ", t.Refusals)
	list("warning: ", t.Warnings)
	if len(t.Rows) > 0 {
		fmt.Fprintf(b, "\n%s\n", t.Summary())
	}
	for _, g := range t.grids() {
		fmt.Fprintln(b)
		if g.title != "" {
			fmt.Fprintln(b, g.title)
		}
		aligned(b, g.rows)
	}
	if floor := t.floor(); floor != nil {
		fmt.Fprintf(b, "\nnoise floor: %s compared with itself\n", t.Old.Name)
		aligned(b, floor)
	}
	if doubts := t.footnotes(); len(doubts) > 0 {
		fmt.Fprintln(b)
		list("", doubts)
	}
	if missing := t.Absences(); len(missing) > 0 {
		fmt.Fprintln(b, "\nmissing:")
		list("  ", missing)
	}
	if len(t.Notes) > 0 {
		fmt.Fprintln(b)
		list("", t.Notes)
	}
	return b.Flush()
}

// aligned writes rows of texts as a table. It pads the columns with spaces, and separates them by
// two spaces.
func aligned(w io.Writer, rows [][]string) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], format.Width(cell))
		}
	}
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			line += "  " + format.Padded(cell, widths[i])
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

// markdown writes the table in Markdown, for a comment on a pull request.
func markdown(w io.Writer, t *Table) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "### %s\n\n%s: %s, %s: %s\n", escaped(t.Title), escaped(t.Old.Name), escaped(t.Old.Of), escaped(t.New.Name), escaped(t.New.Of))
	list := func(lead string, lines []string) {
		if len(lines) > 0 {
			fmt.Fprintln(b)
		}
		for _, line := range lines {
			fmt.Fprintf(b, "- %s%s\n", lead, escaped(line))
		}
	}
	list("**refused**: ", t.Refusals)
	list("**warning**: ", t.Warnings)
	if len(t.Rows) > 0 {
		fmt.Fprintf(b, "\n**%s**\n", escaped(t.Summary()))
	}
	for _, g := range t.grids() {
		if g.title != "" {
			fmt.Fprintf(b, "\n%s\n", escaped(g.title))
		}
		piped(b, g.rows)
	}
	if floor := t.floor(); floor != nil {
		fmt.Fprintf(b, "\nNoise floor: %s compared with itself\n", escaped(t.Old.Name))
		piped(b, floor)
	}
	list("", t.footnotes())
	list("missing: ", t.Absences())
	list("", t.Notes)
	return b.Flush()
}

// piped writes rows of texts as a table in Markdown, which separates columns by pipes.
func piped(w io.Writer, rows [][]string) {
	fmt.Fprintln(w)
	for i, row := range rows {
		for _, cell := range row {
			fmt.Fprintf(w, "| %s ", escaped(cell))
		}
		fmt.Fprintln(w, "|")
		if i == 0 {
			fmt.Fprintf(w, "|%s\n", strings.Repeat(" --- |", len(row)))
		}
	}
}

// special matches characters that have a meaning in Markdown.
var special = regexp.MustCompile("[\\\\`*<>|\\[\\]~$&]|\\b_|_\\b")

// escaped returns the text on a single line, with a backslash before each character that has a
// meaning in Markdown.
func escaped(text string) string {
	return special.ReplaceAllString(strings.Join(strings.Fields(text), " "), `\$0`)
}

// Summary returns a text with the number of rows for each verdict. It counts only the rows that
// affect the outcome.
func (t *Table) Summary() string {
	var parts []string
	for _, v := range []analyze.Verdict{analyze.Worse, analyze.Better, analyze.Equivalent, analyze.Unresolved} {
		if n := t.Count(v); n > 0 || v == analyze.Worse {
			parts = append(parts, fmt.Sprintf("%d %s", n, v))
		}
	}
	s := fmt.Sprintf("%s of %d", strings.Join(parts, ", "), t.gates())
	if len(t.Missing) > 0 {
		s += fmt.Sprintf(", %d missing", len(t.Missing))
	}
	return s
}

// Absences returns a line of text for each entry of t.Missing: a cell, or a unit of a cell, that a
// side lacks.
func (t *Table) Absences() (lines []string) {
	for _, m := range t.Missing {
		line := m.Name
		if m.Unit != "" {
			line += " " + m.Unit
		}
		line += ": not in " + m.Side
		if m.Hint != "" {
			line += "; " + m.Hint
		}
		lines = append(lines, line)
	}
	return lines
}

// floor returns the rows of the noise floor, which compare the old side with itself, below a line
// of titles. It returns nil if there are no such rows.
func (t *Table) floor() [][]string {
	if len(t.Floor) == 0 {
		return nil
	}
	again := *t
	again.New.Name = t.Old.Name + " again"
	rows, _ := again.list(t.Floor)
	return rows
}

package report

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/payoff-bench/payoff/harness/chart"
)

// briefest is the largest number of rows of each table in report.md except the first table.
const briefest = 6

// markdown writes the front of the page as Markdown of at most 80 lines, for a pull request or a
// design document. The first sections and the last one keep their charts and tables. Each other
// section becomes one line.
func markdown(w io.Writer, p page) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "# %s\n\n%s  \n**%s**: %s\n", escaped(p.title), escaped(p.run), escaped(p.health.word), escaped(p.health.text))
	for _, text := range p.answer {
		fmt.Fprintf(b, "\n%s\n", escaped(text))
	}
	inList := false
	for i, s := range p.front {
		if i < full || i == len(p.front)-1 {
			brief := most
			if i > 0 {
				brief = briefest
			}
			markdownSection(b, s, brief)
			inList = false
			continue
		}
		if !inList {
			b.WriteString("\n## In short\n\n")
			inList = true
		}
		markdownLine(b, s)
	}
	fmt.Fprintf(b, "\n---\n\n[report.html](%s) has all charts and tables, the controls, the notes, the machine and the samples.\n", PageFile)
	return b.Flush()
}

// full is the number of sections at the beginning of report.md that keep their charts and tables.
const full = 2

func markdownSection(b *bufio.Writer, s section, rows int) {
	fmt.Fprintf(b, "\n## %s\n", escaped(s.title))
	for _, p := range s.parts {
		if p.text != "" {
			fmt.Fprintf(b, "\n%s\n", escaped(p.text))
		}
		if p.chart != nil {
			fmt.Fprintf(b, "\n![%s](%s)\n", escaped(p.chart.Question), target(*p.chart))
		}
		if p.command != "" {
			fmt.Fprintf(b, "\n%s\n", code(p.command))
		}
		if len(p.rows) < 2 {
			continue
		}
		b.WriteString("\n")
		table, left := top(p.rows, rows)
		for i, row := range table {
			cells := make([]string, len(row))
			for k, cell := range row {
				cells[k] = escaped(cell)
			}
			fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
			if i == 0 {
				fmt.Fprintf(b, "|%s\n", strings.Repeat(" --- |", len(row)))
			}
		}
		if left > 0 {
			fmt.Fprintf(b, "\nreport.html has %s.\n", moreRows(left))
		}
		if p.legend != "" {
			more := ""
			if p.glossary {
				more = fmt.Sprintf(" The [glossary](%s#%s) explains the other terms.", PageFile, glossaryAnchor)
			}
			fmt.Fprintf(b, "\n%s%s\n", escaped(p.legend), more)
		}
	}
}

// markdownLine writes a section as an item of a list: its title, its sentence and links to its
// charts.
func markdownLine(b *bufio.Writer, s section) {
	fmt.Fprintf(b, "- **%s**:", escaped(s.title))
	for _, p := range s.parts {
		if p.text != "" {
			fmt.Fprintf(b, " %s", escaped(p.text))
		}
		if p.chart != nil {
			fmt.Fprintf(b, " [chart](%s)", target(*p.chart))
		}
	}
	b.WriteString("\n")
}

// target returns the file name of chart c, to which the report links.
func target(c chart.Chart) string {
	return strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", " ", "%20").Replace(plain(c.Name)) + ".svg"
}

// special matches characters with a meaning in Markdown. An underscore has one only at the edge of a
// word.
var special = regexp.MustCompile("[\\\\`*<>|\\[\\]~$&]|\\b_|_\\b")

// escaped returns text as one line of Markdown in which special characters are escaped, so that it
// is shown unchanged.
func escaped(text string) string { return special.ReplaceAllString(plain(text), `\$0`) }

// code returns text as Markdown code. It encloses the text in more backticks than the text has in a
// row.
func code(text string) string {
	text = plain(text)
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + text + fence
}

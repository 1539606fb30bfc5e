package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/payoff-bench/payoff/harness/chart"
)

// markdown writes the page as Markdown for report.md.
func markdown(w io.Writer, p page, charts []chart.Chart) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "# %s\n\n", p.title)
	for _, f := range p.facts {
		fmt.Fprintf(b, "%s  \n", f)
	}
	for _, c := range charts {
		fmt.Fprintf(b, "\n![%s](%s.svg)\n", c.Question, c.Name)
	}
	for _, s := range p.sections {
		parts := s.shown(inFile)
		if len(parts) > 0 && s.title != "" {
			fmt.Fprintf(b, "\n## %s\n", s.title)
		}
		for _, part := range parts {
			b.WriteString("\n")
			if part.text != "" {
				fmt.Fprintf(b, "%s\n", part.text)
			}
			if part.lead != "" {
				fmt.Fprintf(b, "%s\n\n", part.lead)
			}
			for i, row := range part.rows {
				fmt.Fprintf(b, "| %s |\n", strings.Join(row, " | "))
				if i == 0 {
					fmt.Fprintf(b, "|%s\n", strings.Repeat(" --- |", len(row)))
				}
			}
			for i, line := range part.list {
				mark := "-"
				if part.numbered {
					mark = fmt.Sprintf("%d.", i+1)
				}
				fmt.Fprintf(b, "%s %s\n", mark, line)
			}
		}
	}
	return b.Flush()
}

package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/payoff-bench/payoff/harness/chart"
)

// markdown sets the page for report.md.
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
		fmt.Fprintf(b, "\n## %s\n\n", s.title)
		markdownTable(b, s.rows)
		if s.open != "" {
			fmt.Fprintf(b, "\n%s\n", s.open)
		}
		if len(s.metg) > 0 {
			b.WriteString("\n")
			markdownTable(b, s.metg)
		}
		if len(s.spent) > 0 {
			b.WriteString("\nWhere the time of the cores went, per task (medians; cold is the makespan of a launch's first job and warm that of its timed ones, memory the most that all processes held; other CPU is beside the kernel's in the loop of the same turn, and ≤ 0 where their noise hides it):\n\n")
			markdownTable(b, s.spent)
		}
		for i, line := range s.pairs {
			if i == 0 {
				b.WriteString("\nAgainst each other:\n\n")
			}
			fmt.Fprintf(b, "- %s\n", line)
		}
	}
	for _, c := range p.chunks {
		fmt.Fprintf(b, "\n## %s\n\n", c.title)
		markdownTable(b, c.regret)
		fmt.Fprintf(b, "\n%s\n\n", c.legend)
		markdownTable(b, c.rows)
	}
	for _, o := range p.orders {
		fmt.Fprintf(b, "\n## %s\n\n", o.title)
		markdownTable(b, o.rows)
		fmt.Fprintf(b, "\n%s\n", o.legend)
	}
	if len(p.apart.rows) > 0 {
		fmt.Fprintf(b, "\n## %s\n\n", isolationTitle)
		markdownTable(b, p.apart.rows)
		fmt.Fprintf(b, "\n%s\n", isolationLegend)
	}
	if len(p.apart.held) > 0 {
		b.WriteString("\n")
		markdownTable(b, p.apart.held)
	}
	for _, l := range p.waits {
		fmt.Fprintf(b, "\n## %s\n\n", l.title)
		markdownTable(b, l.rows)
		fmt.Fprintf(b, "\n%s\n", l.legend)
	}
	for _, s := range p.scales {
		fmt.Fprintf(b, "\n## %s\n\n", s.title)
		markdownTable(b, turned(s.rows))
		fmt.Fprintf(b, "\n%s\n", s.legend)
	}
	heading := func(title string, lines []string, mark string) {
		if len(lines) == 0 {
			return
		}
		fmt.Fprintf(b, "\n## %s\n\n", title)
		for i, l := range lines {
			if mark == "" {
				fmt.Fprintf(b, "%d. %s\n", i+1, l)
			} else {
				fmt.Fprintf(b, "%s %s\n", mark, l)
			}
		}
	}
	heading("Controls", p.controls, "-")
	heading("Notes", p.notes, "")
	var said []string
	for _, s := range p.said {
		said = append(said, s.text)
	}
	heading("What this run says", said, "-")
	return b.Flush()
}

func markdownTable(w io.Writer, rows [][]string) {
	for i, row := range rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Fprintf(w, "|%s\n", strings.Repeat(" --- |", len(row)))
		}
	}
}

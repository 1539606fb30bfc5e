package report

import (
	"strings"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// scale returns the section that shows the cost of strategies by payload or by number of tasks.
func scale(_ *analyze.Analysis, s analyze.Scale, _ *footnotes) section {
	head := []string{"payload"}
	legend := "Time per task: median of launches ± the wider half of its interval. Signs: * the cheapest strategy except direct, = equivalent to *, ? may cost as little as *, + beats the direct loop."
	if s.Axis == analyze.ByTasks {
		head[0] = "tasks"
		legend += " The time covers the start of the workers and the first job."
	}
	for k := range s.Who {
		head = append(head, s.Label(k))
	}
	rows := [][]string{append(head, "n")}
	for i := range s.At {
		row := append([]string{s.Point(i)}, each(s.Costs[i], cost)...)
		rows = append(rows, append(row, format.Count(s.N(i), "launch")))
	}
	return section{capital(s.Name()), []part{{rows: turned(rows), caption: "Time per task"}, {text: legend}}}
}

// lineup returns the section that shows several workloads next to each other.
func lineup(_ *analyze.Analysis, l analyze.Lineup, _ *footnotes) section {
	rows := [][]string{{"payload"}}
	for _, name := range l.Workloads {
		rows = append(rows, []string{name})
	}
	for i := range l.At {
		for k := range l.Who {
			rows[0] = append(rows[0], l.Point(i)+", "+l.Label(k))
			for w := range l.Workloads {
				rows[w+1] = append(rows[w+1], makespan(l.Times[k][i][w]))
			}
		}
	}
	const legend = "Time per task: median of launches ± the wider half of its interval. Each workload is measured in its own blocks. Changes of the machine therefore add to the differences between workloads, and there are no verdicts."
	return section{capital(l.Name()), []part{{rows: turned(rows), caption: "Time per task"}, {text: legend}}}
}

// turned returns the table in its narrower form: it exchanges columns and rows if there are more
// columns than rows.
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

// cost returns the time of a series as text, with signs for its verdicts. The sign +, for example,
// means that the series beats the direct loop.
func cost(c analyze.Cost) string {
	text := makespan(c.Time)
	if !c.Time.Known() {
		return text
	}
	if c.VsDirect.Verdict == analyze.Better {
		text += " +"
	}
	switch {
	case c.Best:
		text += " *"
	case !c.VsBest.Ratio.Known(): // direct
	case c.VsBest.Verdict == analyze.Equivalent:
		text += " ="
	case c.VsBest.Verdict != analyze.Worse:
		text += " ?"
	}
	return text
}

// costs returns a sentence that names the cheapest series of scale s, and the smallest payload or
// number of tasks at which each series beats the direct loop.
func costs(s analyze.Scale) string {
	text := capital(s.Name()) + ": the cheapest is " + s.Winners() + ". Compared with the direct loop, "
	var claims []claim
	for k := range s.Who[1:] {
		one := s.Pays(k + 1)
		many := "pay" + strings.TrimPrefix(one, "pays")
		if not, ok := strings.CutPrefix(one, "is "); ok {
			many = "are " + not
		}
		claims = append(claims, claim{who: s.Label(k + 1), one: one, many: many})
	}
	lines := merged(claims)
	if one := claims[0].one; len(lines) == 1 && len(claims) > 2 {
		if not, ok := strings.CutPrefix(one, "is not "); ok {
			return text + "none of these strategies is " + not + "."
		}
		return text + "each of them " + one + "."
	}
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(line, " ")
	}
	return text + strings.Join(lines, "; ") + "."
}

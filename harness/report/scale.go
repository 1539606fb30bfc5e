package report

import (
	"strings"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// scale is the section of the cost of ways to run tasks along an axis other than the grain.
func scale(_ *analyze.Analysis, s analyze.Scale, _ *footnotes) section {
	head := []string{"payload"}
	legend := "Time per task: median of launches, and the wider half of its interval. * costs least beside the plain loop (direct), = is equivalent to that, ? is not shown to cost more; + beats the plain loop."
	if s.Axis == analyze.ByTasks {
		head[0] = "tasks"
		legend += " The time is that of starting the workers and of the first job, together."
	}
	for k := range s.Who {
		head = append(head, s.Label(k))
	}
	rows := [][]string{append(head, "n")}
	for i := range s.At {
		row := []string{s.Point(i)}
		for _, c := range s.Costs[i] {
			row = append(row, cost(c))
		}
		rows = append(rows, append(row, format.Count(s.N(i), "launch")))
	}
	return section{capital(s.Name()), []part{{rows: turned(rows)}, {text: legend}}}
}

// lineup is the section of workloads side by side.
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
	const legend = "Time per task: median of launches, and the wider half of its interval. The workloads stand in blocks of their own, so what the machine did meanwhile is between them, and there are no verdicts."
	return section{capital(l.Name()), []part{{rows: turned(rows)}, {text: legend}}}
}

// turned makes columns of rows: a table with more series than points is narrower so.
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

// costs says which way costs least where, and from where on each pays.
func costs(s analyze.Scale) string {
	text := capital(s.Name()) + ": what costs least is " + s.Winners() + ". Against the plain loop "
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
			return text + "none of them is " + not + "."
		}
		return text + "each of them " + one + "."
	}
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(line, " ")
	}
	return text + strings.Join(lines, "; ") + "."
}

package report

import "github.com/payoff-bench/payoff/harness/analyze"

// newBeside is the table of workloads side by side.
func newBeside(b analyze.Beside) scale {
	out := scale{title: capital(b.Name()), rows: [][]string{{"payload"}}}
	for i := range b.At {
		for k := range b.Who {
			out.rows[0] = append(out.rows[0], b.Point(i)+", "+b.Label(k))
		}
	}
	for w, name := range b.Workloads {
		row := []string{name}
		for i := range b.At {
			for k := range b.Who {
				row = append(row, makespan(b.Times[k][i][w]))
			}
		}
		out.rows = append(out.rows, row)
	}
	out.legend = "Time per task: median of launches, and the wider half of its interval. The workloads stand in blocks of their own, so what the machine did meanwhile is between them, and there are no verdicts."
	return out
}

package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// Compare writes a table for each question of a run. Each row compares two strategies by the ratio
// of their makespans, paired by round, with its interval and verdict. If contaminated launches
// change a result, a second row shows the result without them.
func Compare(w io.Writer, a *analyze.Analysis) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "%s\n", title(a.Info))
	wrapped(b, "", fmt.Sprintf("Ratios of makespans, paired by round: above 1 the first strategy takes longer. With fewer than %d rounds, an interval is the t interval of the logarithms, otherwise that of the signed-rank test. A verdict is better or worse if the whole interval lies on one side of the margin of %s, and equivalent if it lies inside the margin. All other verdicts are unresolved. Holm's procedure gives the verdicts of a question a joint confidence of %s. The procedure makes each interval as wide as its verdict requires.",
		analyze.SignedRankFrom, format.Percent(a.Settings.Margin), format.Percent(a.Settings.Confidence)))
	for _, q := range a.Questions() {
		rows := [][]string{{"strategy", "against", "ratio", "verdict", "p", "n", ""}}
		for i, one := range q.Rows {
			for _, other := range q.Rows[:i] {
				c := q.Versus(one.Cell, other.Cell)
				rows = append(rows, compared(analyze.Brief(one.Cell), analyze.Brief(other.Cell), c, a.Precision()))
				if c.Without != nil {
					rows = append(rows, compared("", "without contaminated", *c.Without, a.Precision()))
				}
			}
		}
		if len(rows) > 1 {
			fmt.Fprintf(b, "\n%s: %s\n", q.Place, work(q))
			textTable(b, rows)
		}
	}
	fmt.Fprintln(b)
	for _, line := range controls(a, a, &footnotes{}).parts[0].list {
		wrapped(b, "  ", line)
	}
	return b.Flush()
}

// compared returns the table row for comparison c of the strategies named one and other. Two
// strategies count as equally fast if their ratio differs from 1 by at most precision.
func compared(one, other string, c analyze.Comparison, precision float64) []string {
	more := ""
	switch {
	case c.Held != "":
		more = string(c.Held)
	case c.Verdict == analyze.Unresolved && c.Within <= precision:
		more = "within " + format.Percent(roundUp(c.Within))
	case c.Rounds > 0:
		more = fmt.Sprintf("needs about %d rounds in total", c.Rounds)
	}
	p := absent
	if c.Ratio.Bounded() {
		p = strconv.FormatFloat(c.P, 'g', 2, 64)
	}
	return []string{one, other, ratio(c.Ratio), c.Words(), p, strconv.Itoa(c.Ratio.N), more}
}

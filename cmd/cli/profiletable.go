package cli

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/payoff-bench/payoff/harness/profile"
)

// most is the number of functions in the table of a difference.
const most = 20

// A differenceTable prints the rows of a difference between profiles.
type differenceTable struct {
	w        io.Writer
	interval bool // the rows have intervals
	rows     int  // number of rows since the last head
	err      error
}

// head prints the heads of the columns. The last column has names of the given kind.
func (t *differenceTable) head(names string) {
	t.rows = 0
	half := ""
	if t.interval {
		half = "  (95 %)  "
	}
	_, t.err = fmt.Fprintf(t.w, "%10s %10s %10s%s  %s\n", "A", "B", "A-B", half, names)
}

// row prints a row. If rows have intervals, the interval of its difference follows from the error
// of sampling.
func (t *differenceTable) row(r profile.Row) {
	t.rows++
	half := ""
	switch {
	case t.interval && r.Half > 0:
		half = fmt.Sprintf(" ± %-7s", digits(r.Half))
	case t.interval:
		half = strings.Repeat(" ", 10)
	}
	_, t.err = fmt.Fprintf(t.w, "%10s %10s %10s%s  %s\n", digits(r.A), digits(r.B), signed(r.Diff()), half, readable(r.Name))
}

// ledger prints the rows that divide makespan × cores, and below them the rows that are not in this
// sum.
func (t *differenceTable) ledger(l profile.Ledger) {
	for _, r := range []profile.Row{l.CPU, l.Rest, l.Idle, l.Core} {
		t.row(r)
	}
	fmt.Fprintln(t.w, "not in the sum, since other threads may run meanwhile:")
	t.row(l.Waited)
	t.row(l.Blocks)
}

// digits returns a number of ns or bytes as text.
func digits(v float64) string {
	if v != 0 && math.Abs(v) < 10 {
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// signed returns a difference as text, with its sign.
func signed(v float64) string {
	if v > 0 {
		return "+" + digits(v)
	}
	return digits(v)
}

// readable returns the name of a function without type arguments and without the module of payoff.
func readable(name string) string {
	name = strings.ReplaceAll(name, "github.com/payoff-bench/payoff/", "")
	for {
		open := strings.IndexByte(name, '[')
		end := matching(name, open)
		if open < 0 || end < 0 {
			return name
		}
		name = name[:open] + name[end+1:]
	}
}

// matching returns the index of the bracket that closes the bracket at index open, or -1 if none
// does.
func matching(s string, open int) int {
	depth := 0
	for i := max(open, 0); i < len(s); i++ {
		switch s[i] {
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// makespan shows the digits of benchstat, and its way to say how wide the interval is.
func makespan(e analyze.Estimate) string {
	switch {
	case !e.Known():
		return "–"
	case !e.Bounded():
		return analyze.ExactTime(e.Value) + " ± ∞"
	}
	return fmt.Sprintf("%s ± %.0f%%", analyze.ExactTime(e.Value), 100*max(e.Hi/e.Value-1, 1-e.Lo/e.Value))
}

// paired is how many rounds the speed-up beside it is of, and where there is none, how
// many launches the makespan is of.
func paired(r analyze.Row) int {
	if r.Speedup.Known() {
		return r.Speedup.N
	}
	return r.Makespan.N
}

func ratio(e analyze.Estimate) string {
	switch {
	case !e.Known():
		return "–"
	case e.Lo == e.Hi:
		return analyze.Number(e.Value, 3)
	case !e.Bounded():
		return analyze.Number(e.Value, 3) + " (?)"
	}
	return fmt.Sprintf("%s (%s to %s)", analyze.Number(e.Value, 3), bound(e.Lo), bound(e.Hi))
}

// bound is an end of the interval of a ratio. Of two or three launches it may be anywhere.
func bound(v float64) string {
	switch {
	case v < 0.001:
		return "<0.001"
	case v > 1000:
		return ">1000"
	}
	return analyze.Number(v, 3)
}

func efficiency(q analyze.Question, r analyze.Row) string {
	e := r.Efficiency
	one := func(v float64) string {
		if v > 10 {
			return ">1000"
		}
		if v < 0.0995 {
			return analyze.Number(100*v, 2)
		}
		return analyze.Number(100*v, 3)
	}
	switch {
	case q.Waits:
		words := strconv.Itoa(r.Cell.Workers)
		if u := r.Account.UnderWay; u.Known() {
			words += ", " + analyze.Number(u.Value, 3) + " used"
		}
		return words
	case !e.Known():
		return "–"
	case e.Lo == e.Hi || !e.Bounded():
		return one(e.Value) + " %"
	}
	return fmt.Sprintf("%s %% (%s to %s)", one(e.Value), one(e.Lo), one(e.Hi))
}

func verdict(r analyze.Row) string {
	if r.Cell.Strategy == harness.Direct || !r.Speedup.Known() {
		return ""
	}
	return r.VsDirect.Verdict.String()
}

func best(w analyze.Winner, c harness.Cell) string {
	if !slices.Contains(w.Best, c) {
		return ""
	}
	return map[analyze.WinnerKind]string{analyze.Won: "winner", analyze.Tied: "tie", analyze.Undecided: "maybe"}[w.Kind]
}

func join(cells []harness.Cell, last string) string {
	var names []string
	for _, c := range cells {
		names = append(names, label(c))
	}
	return list(names, last)
}

// list joins words for reading: "a, b and c".
func list(words []string, last string) string {
	if n := len(words) - 1; n > 0 {
		return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
	}
	return strings.Join(words, "")
}

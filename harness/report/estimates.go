package report

import (
	"cmp"
	"fmt"
	"math"
	"strconv"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// absent is the text of a missing value in a table.
const absent = "–"

// known returns the value of an estimate as text, formatted by the function write, or a dash if the
// estimate is unknown.
func known(e analyze.Estimate, write func(v float64) string) string {
	if !e.Known() {
		return absent
	}
	return write(e.Value)
}

// ofRounds returns a text with the number of rounds of a result: "n = 6", or "likely, 2 rounds" if
// these are too few for a verdict.
func ofRounds(n int) string { return cmp.Or(analyze.Tentative(n), fmt.Sprintf("n = %d", n)) }

// within returns an estimate as text, with its interval if there is one. The function value formats
// the estimate itself, and the function bound formats an end of the interval.
func within(e analyze.Estimate, value, bound func(v float64) string) string {
	s := known(e, value)
	if e.Bounded() && e.Lo < e.Hi {
		s += fmt.Sprintf(" (%s to %s)", bound(e.Lo), bound(e.Hi))
	}
	return s
}

// three returns v as text with three significant digits.
func three(v float64) string { return format.Number(v, 3) }

// time3 returns a time in ns as text, with three significant digits.
func time3(ns float64) string { return format.Time(ns, 3) }

func number(e analyze.Estimate) string { return known(e, three) }

// makespan returns a time and its interval as text, in the form that benchstat prints.
func makespan(e analyze.Estimate) string {
	return known(e, func(ns float64) string {
		if half := e.Half(); !math.IsInf(half, 1) {
			return fmt.Sprintf("%s ± %.0f%%", format.ExactTime(ns), 100*half)
		}
		return format.ExactTime(ns)
	})
}

// duration returns an estimated time and its interval as text.
func duration(e analyze.Estimate) string { return within(e, time3, time3) }

// ratio returns a ratio and its interval as text.
func ratio(e analyze.Estimate) string {
	// The interval of two or three launches may be extremely wide.
	return within(e, three, func(v float64) string {
		switch {
		case v < 0.001:
			return "<0.001"
		case v > 1000:
			return ">1000"
		}
		return three(v)
	})
}

// judged returns the ratio of comparison c as text, with its interval and a sign for its verdict:
// +, -, = or ?.
func judged(c analyze.Comparison) string {
	if !c.Ratio.Known() {
		return absent
	}
	return ratio(c.Ratio) + " " + [...]string{"?", "+", "-", "="}[c.Verdict]
}

// efficiency returns the efficiency of row r as text, or its number of workers if the tasks wait.
func efficiency(q analyze.Question, r analyze.Row) string {
	if q.Waits {
		words := strconv.Itoa(r.Cell.Workers)
		if u := r.Account.UnderWay; u.Known() {
			words += ", " + number(u) + " used"
		}
		return words
	}
	one := func(v float64) string {
		switch {
		case v > 10:
			return ">1000"
		case v < 0.0995:
			return format.Number(100*v, 2)
		}
		return three(100 * v)
	}
	return within(r.Efficiency, func(v float64) string { return one(v) + " %" }, one)
}

// nanos returns a time in ns, or a difference of two times, as text. It returns "≤ 0" for a
// negative difference whose interval includes zero.
func nanos(e analyze.Estimate) string {
	return known(e, func(ns float64) string {
		switch {
		case math.Abs(ns) < 0.5:
			return "0"
		case ns < 0 && e.Hi >= 0:
			return "≤ 0"
		case ns < 0:
			return "-" + format.Time(-ns, 2)
		}
		return time3(ns)
	})
}

// counted returns an average number of events per task as text, with two significant digits.
func counted(e analyze.Estimate) string {
	return known(e, func(n float64) string {
		if n < 0.0001 {
			return "0"
		}
		return format.Number(n, 2)
	})
}

// roundUp returns the fraction share rounded up to whole per cent, so that a phrase such as "within
// 3 %" remains true.
func roundUp(share float64) float64 { return math.Ceil(100*share) / 100 }

func mebibytes(e analyze.Estimate) string { return known(e, format.Mebibytes) }

// memory returns a difference of two amounts of memory as text, with its interval. The difference
// may be negative.
func memory(e analyze.Estimate) string {
	if e.Known() && !math.IsInf(e.Hi, 1) {
		return fmt.Sprintf("%s (%.1f to %.1f)", mebibytes(e), e.Lo/(1<<20), e.Hi/(1<<20))
	}
	return mebibytes(e)
}

// tasks returns a number of tasks as text. A median may lie between two numbers; the text then has
// a fraction.
func tasks(e analyze.Estimate) string {
	return known(e, func(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) })
}

// share returns a fraction as text in whole per cent.
func share(e analyze.Estimate) string {
	return known(e, func(f float64) string { return strconv.FormatFloat(100*f, 'f', 0, 64) + " %" })
}

// rate returns a throughput and its interval as text.
func rate(e analyze.Estimate) string {
	whole := func(v float64) string { // three significant digits
		if unit := math.Pow(10, math.Floor(math.Log10(v))-2); unit > 1 {
			v = math.Round(v/unit) * unit
		}
		return three(v)
	}
	return within(e, whole, whole) + " a second"
}

package report

import (
	"fmt"
	"math"
	"strconv"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// absent stands where a table has no value.
const absent = "–"

// known writes the value of an estimate, if there is one.
func known(e analyze.Estimate, write func(v float64) string) string {
	if !e.Known() {
		return absent
	}
	return write(e.Value)
}

// within writes an estimate with its interval, if there is one.
func within(e analyze.Estimate, value, bound func(v float64) string) string {
	s := known(e, value)
	if e.Bounded() && e.Lo < e.Hi {
		s += fmt.Sprintf(" (%s to %s)", bound(e.Lo), bound(e.Hi))
	}
	return s
}

// three writes a number with three digits.
func three(v float64) string { return format.Number(v, 3) }

// time3 writes a time with three digits.
func time3(ns float64) string { return format.Time(ns, 3) }

func number(e analyze.Estimate) string { return known(e, three) }

// makespan writes a time with the digits of benchstat, and its interval as benchstat does.
func makespan(e analyze.Estimate) string {
	return known(e, func(ns float64) string {
		if half := e.Half(); !math.IsInf(half, 1) {
			return fmt.Sprintf("%s ± %.0f%%", format.ExactTime(ns), 100*half)
		}
		return format.ExactTime(ns) + " ± ∞"
	})
}

// duration writes a time with its interval.
func duration(e analyze.Estimate) string { return within(e, time3, time3) }

// ratio writes a ratio with its interval.
func ratio(e analyze.Estimate) string {
	if e.Known() && !e.Bounded() && e.Lo < e.Hi {
		return three(e.Value) + " (?)"
	}
	// The interval of two or three launches may end anywhere.
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

// judged writes a ratio with its interval and verdict.
func judged(c analyze.Comparison) string {
	if !c.Ratio.Known() {
		return absent
	}
	return ratio(c.Ratio) + " " + [...]string{"?", "+", "-", "="}[c.Verdict]
}

// efficiency writes the column of that name; for tasks that wait it is of workers.
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

// nanos writes a time. One below zero is a difference of two that were measured: where its
// interval reaches zero the two may be equal.
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

// counted writes a count per task, with digits for small ones.
func counted(e analyze.Estimate) string {
	return known(e, func(n float64) string {
		if n < 0.0001 {
			return "0"
		}
		return format.Number(n, 2)
	})
}

// roundUp rounds a share up to whole per cents, so that "within 3 %" is true.
func roundUp(share float64) float64 { return math.Ceil(100*share) / 100 }

func mebibytes(e analyze.Estimate) string { return known(e, format.Mebibytes) }

// memory writes an amount of memory, which may be below zero, with its interval.
func memory(e analyze.Estimate) string {
	if e.Known() && !math.IsInf(e.Hi, 1) {
		return fmt.Sprintf("%s (%.1f to %.1f)", mebibytes(e), e.Lo/(1<<20), e.Hi/(1<<20))
	}
	return mebibytes(e)
}

// tasks writes a number of tasks, which has a fraction where a median lies between two.
func tasks(e analyze.Estimate) string {
	return known(e, func(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) })
}

func share(e analyze.Estimate) string {
	return known(e, func(f float64) string { return strconv.FormatFloat(100*f, 'f', 0, 64) + " %" })
}

// rate writes a throughput with its interval.
func rate(e analyze.Estimate) string {
	whole := func(v float64) string { // to three digits
		if unit := math.Pow(10, math.Floor(math.Log10(v))-2); unit > 1 {
			v = math.Round(v/unit) * unit
		}
		return three(v)
	}
	return within(e, whole, whole) + " a second"
}

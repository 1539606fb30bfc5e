package analyze

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"golang.org/x/perf/benchunit"

	"github.com/payoff-bench/payoff/harness"
)

// Label returns how people are told of a cell's strategy: "pool (chunk 1)",
// "procs (chunk 16, input order, 4 workers)". Only what differs from the plain case is
// said; direct and unchunked serial are bare names.
func Label(c harness.Cell) string { return labelled(c, c.Settings()) }

// labelled is Label with the settings that are to be said.
func labelled(c harness.Cell, settings []string) string {
	one := c.Strategy == harness.Direct || c.Strategy == "serial"
	parts := append([]string(nil), settings...)
	if !one || c.Chunk != "1" {
		parts = append(parts, "chunk "+string(c.Chunk))
	}
	if c.Order != "" && c.Order != harness.MapOrder {
		parts = append(parts, c.Order+" order")
	}
	if c.Window > 0 {
		parts = append(parts, fmt.Sprintf("window %d", c.Window))
	}
	if !one && c.Workers != c.Cores {
		workers := "workers"
		if c.Workers == 1 {
			workers = "worker"
		}
		parts = append(parts, fmt.Sprintf("%d %s", c.Workers, workers))
	}
	if len(parts) == 0 {
		return c.Strategy
	}
	return c.Strategy + " (" + strings.Join(parts, ", ") + ")"
}

// Time returns ns in the unit that people read, with so many significant digits:
// "8.1 µs", "101 ns", "1.02 ms".
func Time(ns float64, digits int) string {
	if !(ns > 0) || math.IsInf(ns, 1) {
		return "?"
	}
	units := []string{"ns", "µs", "ms", "s"}
	round := func(v float64) float64 {
		f := math.Pow(10, float64(digits-1)-math.Floor(math.Log10(v)))
		return math.Round(v*f) / f
	}
	u := 0
	for ; u < len(units)-1 && round(ns) >= 1000; u++ {
		ns /= 1000
	}
	return Number(ns, digits) + " " + units[u]
}

// ExactTime returns ns with the four digits that benchstat shows: "8.104 µs".
func ExactTime(ns float64) string {
	if !(ns > 0) || math.IsInf(ns, 1) {
		return "?"
	}
	s := benchunit.Scale(ns*1e-9, benchunit.Decimal)
	digits := strings.TrimRight(s, "pnµmkM")
	return digits + " " + s[len(digits):] + "s"
}

// Range returns the interval of a time: "7.50 to 8.80 µs".
func (e Estimate) Range() string {
	lo, hi := Time(e.Lo, 3), Time(e.Hi, 3)
	if n, unit, _ := strings.Cut(lo, " "); strings.HasSuffix(hi, " "+unit) {
		lo = n
	}
	return lo + " to " + hi
}

// Number returns v > 0 with so many significant digits, without an exponent.
func Number(v float64, digits int) string {
	if !(v > 0) || math.IsInf(v, 1) {
		return strconv.FormatFloat(v, 'g', digits, 64)
	}
	// The exponent is read after rounding: at 3 digits 9.996 is 10.0.
	s := strconv.FormatFloat(v, 'e', digits-1, 64)
	exp, _ := strconv.Atoi(s[strings.IndexByte(s, 'e')+1:])
	return strconv.FormatFloat(v, 'f', max(0, digits-1-exp), 64)
}

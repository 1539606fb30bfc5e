// Package format writes numbers, times, sizes, shares and counts as text. All of payoff's output
// uses it, so quantities look the same everywhere.
package format

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/perf/benchunit"
)

// Number returns the text of a number v above 0, with the given number of significant digits and
// without an exponent.
func Number(v float64, digits int) string {
	if !(v > 0) || math.IsInf(v, 1) {
		return strconv.FormatFloat(v, 'g', digits, 64)
	}
	// The exponent is read after rounding: at 3 digits 9.996 is 10.0.
	s := strconv.FormatFloat(v, 'e', digits-1, 64)
	exp, _ := strconv.Atoi(s[strings.IndexByte(s, 'e')+1:])
	return strconv.FormatFloat(v, 'f', max(0, digits-1-exp), 64)
}

// Time returns the text of a time of ns nanoseconds, such as "8.1 µs": with the given number of
// significant digits, and a unit from ns to s that suits the time. It returns "?" unless ns is
// positive and finite.
func Time(ns float64, digits int) string {
	if !isTime(ns) {
		return "?"
	}
	v, unit := scaled(ns, digits, times)
	return Number(v, digits) + " " + unit
}

// TimeRange returns the text of an interval of times, given in ns, such as "7.50 to 8.80 µs" or
// "950 ns to 1.20 µs". The times have three significant digits.
func TimeRange(lo, hi float64) string { return TimeRangeOf(lo, hi, 3) }

// TimeRangeOf is like [TimeRange], but the times have the given number of significant digits.
func TimeRangeOf(lo, hi float64, digits int) string {
	from, to := Time(lo, digits), Time(hi, digits)
	if n, unit, _ := strings.Cut(from, " "); strings.HasSuffix(to, " "+unit) {
		from = n
	}
	return from + " to " + to
}

// RoundTime returns the text of a time of ns nanoseconds, with up to three digits and without
// trailing zeros, such as "200 µs".
func RoundTime(ns float64) string { return short(ns, times) }

// ExactTime returns the text of a time of ns nanoseconds, such as "8.104 µs". It has the same four
// digits that benchstat prints for this time.
func ExactTime(ns float64) string {
	if !isTime(ns) {
		return "?"
	}
	s := benchunit.Scale(ns*1e-9, benchunit.Decimal)
	digits := strings.TrimRight(s, "pnµmkM")
	return digits + " " + s[len(digits):] + "s"
}

// Elapsed returns the text of a duration rounded to seconds, in one or two units, such as "9s",
// "1m40s" or "2h05m".
func Elapsed(d time.Duration) string {
	switch d = d.Round(time.Second); {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
}

// Rate returns the text of a rate in bytes per second, without trailing zeros, such as "200 MB/s".
func Rate(bytes float64) string { return short(bytes, []string{"B/s", "kB/s", "MB/s", "GB/s"}) }

// short returns the text of a value with a unit, such as "200 MB/s": up to three digits, without
// trailing zeros. Each element of units is 1000 times the element before it, and v is given in the
// first of them.
func short(v float64, units []string) string {
	v, unit := scaled(v, 3, units)
	return strconv.FormatFloat(v, 'g', 3, 64) + " " + unit
}

// Bytes returns the text of a number of bytes, such as "64 KiB". The text is exact: the unit is the
// largest binary unit that divides the number.
func Bytes(n int) string {
	units := []string{"B", "KiB", "MiB", "GiB"}
	u := 0
	for ; u < len(units)-1 && n > 0 && n%1024 == 0; u++ {
		n /= 1024
	}
	return strconv.Itoa(n) + " " + units[u]
}

// Mebibytes returns the text of a number of bytes in MiB, with one decimal, such as "3.0 MiB".
func Mebibytes(bytes float64) string { return strconv.FormatFloat(bytes/(1<<20), 'f', 1, 64) + " MiB" }

// Percent returns the text of a fraction as a percentage, such as "0.5 %" for 0.005.
func Percent(f float64) string {
	if f >= 1 {
		return Number(100*f, 3) + " %"
	}
	return strconv.FormatFloat(100*f, 'g', 3, 64) + " %"
}

// Points returns the text of a fraction as a percentage without the percent sign, such as "12" for
// 0.12. Percentages below 10 have one decimal, such as "3.4".
func Points(f float64) string {
	digits := 0
	if math.Abs(f) < 0.0995 {
		digits = 1
	}
	s := strconv.FormatFloat(100*f, 'f', digits, 64)
	if s == "-0.0" {
		return "0.0"
	}
	return s
}

// Count returns a number with its noun as text, such as "1 core" or "6 launches". The argument noun
// is the singular; Count makes the plural.
func Count(n int, noun string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(noun, "ch"), strings.HasSuffix(noun, "ss"):
		noun += "es"
	default:
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}

// List joins words to a text such as "a, b and c". The argument last is the conjunction before the
// last word, such as "and".
func List(words []string, last string) string {
	if n := len(words) - 1; n > 0 {
		return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
	}
	return strings.Join(words, "")
}

// Stretches returns a summary of texts that belong to points, such as "a at 1" and "b from 2 to 4".
// The text texts[i] belongs to the point points[i]. Consecutive points with equal texts share an
// element of the result.
func Stretches(texts, points []string) (all []string) {
	for from, i := 0, 1; i <= len(texts); i++ {
		if i == len(texts) || texts[i] != texts[from] {
			all = append(all, texts[from]+" "+Span(points[from], points[i-1]))
			from = i
		}
	}
	return all
}

// Span returns text for a range of points, such as "from 2 to 4". If both points are equal, it
// returns text such as "at 2".
func Span(from, to string) string {
	if from == to {
		return "at " + from
	}
	return "from " + from + " to " + to
}

var times = []string{"ns", "µs", "ms", "s"}

func isTime(ns float64) bool { return ns > 0 && !math.IsInf(ns, 1) }

// scaled converts v to the unit in which the number is from 1 to 999, and returns this number and
// the unit. Each element of units is 1000 times the element before it, and v is given in the first
// of them. A number that rounds to 1000, with the given number of significant digits, is converted
// to the next unit.
func scaled(v float64, digits int, units []string) (float64, string) {
	for ; len(units) > 1; units = units[1:] {
		f := math.Pow(10, float64(digits-1)-math.Floor(math.Log10(v)))
		if !(math.Round(v*f)/f >= 1000) {
			break
		}
		v /= 1000
	}
	return v, units[0]
}

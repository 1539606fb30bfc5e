package report

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// Benchmarks writes a report on benchmarks that payoff did not run. The report has the medians of
// their results, and says why it has no speed-ups, verdicts or advice. source names the input.
func Benchmarks(w io.Writer, source string, all []harness.Benchmark, m harness.Machine, notes []string) error {
	b := bufio.NewWriter(w)
	where := slices.DeleteFunc([]string{strings.Trim(m.GOOS+"/"+m.GOARCH, "/"), m.CPU}, func(s string) bool { return s == "" })
	wrappedAt(b, "", strings.Join(append([]string{source, format.Count(len(all), "result") + " of Go benchmarks that payoff did not run"}, where...), ", "), screenWidth)
	packages := slices.Compact(slices.Sorted(slices.Values(each(all, func(x harness.Benchmark) string { return x.Package }))))
	rows := [][]string{{"benchmark", "median", "interval", "unit", "n"}}
	fewest := math.MaxInt
	for _, x := range all {
		name := x.Name
		if len(packages) > 1 && x.Package != "" {
			name = x.Package + "." + name
		}
		e := analyze.Summary(x.Values, analyze.Settings{})
		rows = append(rows, []string{name, benchValue(e.Value), benchRange(e), x.Unit, strconv.Itoa(e.N)})
		fewest = min(fewest, e.N)
	}
	fmt.Fprintln(b)
	textTable(b, rows)
	fmt.Fprintln(b)
	for _, note := range notes {
		wrappedAt(b, "", "Note: "+capital(note)+".", screenWidth)
	}
	text := "There are no speed-ups, verdicts or advice: the lines do not say which results belong to the same round, and there is no direct loop. " +
		"payoff run measures rounds and a direct loop. To compare two files of benchmark lines, use go tool benchstat."
	if fewest < analyze.MedianFrom {
		text = fmt.Sprintf("An interval needs %d results of a benchmark (go test -bench . -count %d). ", analyze.MedianFrom, analyze.MedianFrom) + text
	}
	wrappedAt(b, "", text, screenWidth)
	return b.Flush()
}

// benchValue returns v as text with four significant digits, without an exponent.
func benchValue(v float64) string {
	digits := 0
	if v != 0 {
		digits = max(0, 3-int(math.Floor(math.Log10(math.Abs(v)))))
	}
	return strconv.FormatFloat(v, 'f', min(digits, 12), 64)
}

// benchRange returns the interval of a median as text, or a dash if there is no interval.
func benchRange(e analyze.Estimate) string {
	if e.N < 2 || math.IsInf(e.Hi, 0) {
		return absent
	}
	return benchValue(e.Lo) + " to " + benchValue(e.Hi)
}

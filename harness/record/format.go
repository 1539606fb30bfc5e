package record

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// Samples are not written by benchfmt's Writer, because it prints large numbers as 2.5e+07 and
// validates nothing. They are read by benchfmt's Reader.

// appendHeader appends the first lines of samples.txt to dst. They describe the machine, and have
// the form "key: value".
func appendHeader(dst []byte, m harness.Machine) []byte {
	line := func(key, value string) {
		if value = strings.Join(strings.Fields(value), " "); value != "" {
			dst = append(dst, key+": "+value+"\n"...)
		}
	}
	line("goos", m.GOOS)
	line("goarch", m.GOARCH)
	line("cpu", m.CPU)
	if m.Host != "" {
		line("machine", fmt.Sprintf("%s-%dc", m.Host, m.Cores))
	}
	return append(dst, '\n')
}

// appendSample appends the lines that describe a sample to dst: a comment with the round and other
// fields, and a benchmark line. Before these lines, it appends a line "Unit" for each unit that the
// file does not have yet.
func (r *Run) appendSample(dst []byte, s harness.Sample) ([]byte, error) {
	units, err := order(s.Values)
	if err != nil {
		return dst, fmt.Errorf("sample of %s: %w", s.Cell, err)
	}
	for _, u := range units {
		if u.Better != "" && !r.samples.units[u.Name] {
			dst = append(dst, "Unit "+u.Name+" better="+u.Better+"\n"...)
		}
	}
	name := benchmark(s)
	if strings.ContainsAny(name, " \t\n") {
		return dst, fmt.Errorf("sample of %s: the name contains a space", s.Cell)
	}
	dst = fmt.Appendf(dst, "%sround=%d block=%d attempt=%d at=%s subsample=%t marks=%s",
		launchLine, s.Round, s.Block, s.Attempt, s.At.UTC().Format(time.RFC3339Nano), s.Subsample, strings.Join(s.Marks, ","))
	for i, ns := range s.Inputs {
		dst = fmt.Appendf(dst, "%s%.0f", map[bool]string{true: " inputs=", false: ","}[i == 0], ns)
	}
	dst = append(dst, '\n')
	dst = fmt.Appendf(dst, "%s %d", name, max(1, s.Reps))
	for _, u := range units {
		dst = append(dst, ' ')
		dst = appendValue(dst, s.Values[u.Name])
		dst = append(dst, " "+u.Name...)
	}
	return append(dst, '\n'), nil
}

// benchmark returns the benchmark name with which the line of the sample begins.
func benchmark(s harness.Sample) string {
	name := s.Cell.Name()
	if s.Twin {
		name = s.Cell.TwinName()
	}
	return fmt.Sprintf("Benchmark%s-%d", name, s.Cell.Cores)
}

// appendMarks appends to dst a comment with the final marks of the sample s. It is for a sample
// whose benchmark line is already in the file, with other marks.
func appendMarks(dst []byte, s harness.Sample) []byte {
	return fmt.Appendf(dst, "%sround=%d block=%d attempt=%d marks=%s %s\n",
		markedLine, s.Round, s.Block, s.Attempt, strings.Join(s.Marks, ","), benchmark(s))
}

// The beginnings of comments in samples.txt that describe a sample.
const (
	launchLine = "# launch "
	markedLine = "# marked "
)

// order returns the units of values in the order in which samples.txt lists them. The units of the
// table [harness.Units] come first, in the order of the table. All other units follow, sorted by
// name. order returns an error if a unit or a value is invalid.
func order(values map[string]float64) ([]harness.Unit, error) {
	units := harness.Units()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.ContainsFunc(units, func(u harness.Unit) bool { return u.Name == name }) {
			units = append(units, harness.Unit{Name: name, Better: "lower"})
		}
		if name == "" || strings.ContainsAny(name, " \t\n") {
			return nil, fmt.Errorf("unit %q is empty or contains a space", name)
		}
		if v := values[name]; math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%s is %v", name, v)
		}
	}
	if len(values) == 0 {
		return nil, errors.New("no values")
	}
	return slices.DeleteFunc(units, func(u harness.Unit) bool { _, ok := values[u.Name]; return !ok }), nil
}

// appendValue appends the number v as text to dst, rounded to seven significant digits and without
// an exponent. It writes all digits before the decimal point, and at most 15 after it.
func appendValue(dst []byte, v float64) []byte {
	decimals := 0
	if v != 0 {
		decimals = min(max(0, 6-int(math.Floor(math.Log10(math.Abs(v))))), 15)
	}
	scale := math.Pow10(decimals)
	return strconv.AppendFloat(dst, math.Round(v*scale)/scale, 'f', -1, 64)
}

package record

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// The text is written here and not by benchfmt's Writer, which prints large numbers as
// 2.5e+07 and checks nothing; it is read by benchfmt's Reader.

// appendHeader appends the configuration lines: what is stable about a machine, nothing
// about the run.
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

// appendSample appends the lines of one launch, after a Unit line for each unit that has
// none yet.
func (r *Run) appendSample(dst []byte, s harness.Sample) ([]byte, error) {
	units, err := order(s.Values)
	if err != nil {
		return dst, fmt.Errorf("sample of %s: %w", s.Cell, err)
	}
	for _, unit := range units {
		if better := harness.Better(unit); better != "" && !r.units[unit] {
			dst = append(dst, "Unit "+unit+" better="+better+"\n"...)
		}
	}
	name := benchmark(s)
	if strings.ContainsAny(name, " \t\n") {
		return dst, fmt.Errorf("sample of %s: a name with a blank in it", s.Cell)
	}
	dst = fmt.Appendf(dst, "%sround=%d block=%d attempt=%d at=%s subsample=%t marks=%s\n",
		launchLine, s.Round, s.Block, s.Attempt, s.At.UTC().Format(time.RFC3339Nano), s.Subsample, strings.Join(s.Marks, ","))
	dst = fmt.Appendf(dst, "%s %d", name, max(1, s.Reps))
	for _, unit := range units {
		dst = append(dst, ' ')
		dst = appendValue(dst, s.Values[unit])
		dst = append(dst, " "+unit...)
	}
	return append(dst, '\n'), nil
}

// benchmark returns the name of the sample's line.
func benchmark(s harness.Sample) string {
	name := s.Cell.Name()
	if s.Twin {
		name = s.Cell.TwinName()
	}
	return fmt.Sprintf("Benchmark%s-%d", name, s.Cell.Cores)
}

// appendMarks appends the comment that gives a sample, whose lines stand before, its marks.
func appendMarks(dst []byte, s harness.Sample) []byte {
	return fmt.Appendf(dst, "%sround=%d block=%d attempt=%d marks=%s %s\n",
		markedLine, s.Round, s.Block, s.Attempt, strings.Join(s.Marks, ","), benchmark(s))
}

// How the comments begin that belong to a sample.
const (
	launchLine = "# launch "
	markedLine = "# marked "
)

// order returns the units of values, the harness's own in its order, then others by name.
func order(values map[string]float64) ([]string, error) {
	var units []string
	for _, unit := range harness.Units() {
		if _, ok := values[unit]; ok {
			units = append(units, unit)
		}
	}
	for _, unit := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(units, unit) {
			units = append(units, unit)
		}
		if unit == "" || strings.ContainsAny(unit, " \t\n") {
			return nil, fmt.Errorf("unit %q is empty or has a blank in it", unit)
		}
		if v := values[unit]; math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%s is %v", unit, v)
		}
	}
	if len(units) == 0 {
		return nil, fmt.Errorf("it has no values")
	}
	return units, nil
}

// appendValue appends v as a plain number with at least seven significant digits and
// without an exponent: integers where they have that many.
func appendValue(dst []byte, v float64) []byte {
	decimals := 0
	if v != 0 {
		decimals = min(max(0, 6-int(math.Floor(math.Log10(math.Abs(v))))), 15)
	}
	scale := math.Pow10(decimals)
	return strconv.AppendFloat(dst, math.Round(v*scale)/scale, 'f', -1, 64)
}

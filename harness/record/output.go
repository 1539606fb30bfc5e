package record

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/perf/benchfmt"

	"github.com/payoff-bench/payoff/harness"
)

// An Output holds the benchmark results that a Go test binary printed.
type Output struct {
	Results []harness.SideSample // the fields Name, Reps and Values are set
	Package string               // import path; "" if the output does not have it
	Bad     []string             // lines that begin like a benchmark line but are not valid
}

// ParseOutput returns the benchmark results in text, the output of a Go test binary. It ignores
// lines that do not look like benchmarks.
func ParseOutput(text []byte) (Output, error) {
	var out Output
	lines := lines{rest: text}
	r := benchfmt.NewReader(bytes.NewReader(text), "output")
	for r.Scan() {
		_, line := r.Result().Pos()
		switch rec := r.Result().(type) {
		case *benchfmt.SyntaxError:
			out.Bad = append(out.Bad, string(lines.at(line)))
		case *benchfmt.Result:
			s, err := sideSample(rec)
			if err != nil {
				out.Bad = append(out.Bad, string(lines.at(line)))
				continue
			}
			out.Package = rec.GetConfig("pkg")
			out.Results = append(out.Results, s)
		}
	}
	return out, r.Err()
}

// sideSample returns the sample that a benchmark line describes. It returns an error if a value is
// not finite or if a unit occurs twice in the line.
func sideSample(r *benchfmt.Result) (harness.SideSample, error) {
	s := harness.SideSample{Name: r.Name.String(), Reps: r.Iters, Values: make(map[string]float64, len(r.Values))}
	for _, v := range r.Values {
		if v.OrigUnit != "" {
			v.Unit, v.Value = v.OrigUnit, v.OrigValue
		}
		if _, twice := s.Values[v.Unit]; twice {
			return s, fmt.Errorf("%s has two values", v.Unit)
		}
		if math.IsNaN(v.Value) || math.IsInf(v.Value, 0) {
			return s, fmt.Errorf("%s is %v", v.Unit, v.Value)
		}
		s.Values[v.Unit] = v.Value
	}
	return s, checkBenchmark(s.Name)
}

// checkBenchmark returns an error unless a benchmark line can contain the name. In the line, the
// name follows the word Benchmark.
func checkBenchmark(name string) error {
	if name == "" || strings.ContainsFunc(name, unicode.IsSpace) {
		return fmt.Errorf("the benchmark name %q is empty or contains a space", name)
	}
	return nil
}

// A sidesFile holds the samples and notes that the reader got from the samples.txt of one side.
type sidesFile struct {
	samples []harness.SideSample
	whole   int // length of the text up to the last complete sample
	notes   []string
}

// parseSides parses text, the contents of one side's samples.txt. It leaves out copies of samples
// and benchmark lines that payoff did not write, with notes about them.
func parseSides(path string, text []byte) (f sidesFile, err error) {
	f.whole = bytes.LastIndexByte(text, '\n') + 1
	text = text[:f.whole]
	type launch struct {
		name           string
		round, attempt int
	}
	seen := map[launch]bool{}
	var foreign, copies tally
	lines := lines{rest: text}
	r := benchfmt.NewReader(bytes.NewReader(text), path)
	for r.Scan() {
		_, line := r.Result().Pos()
		if _, unit := r.Result().(*benchfmt.UnitMetadata); unit {
			continue
		}
		about, own := strings.CutPrefix(string(lines.at(line-1)), launchLine)
		rec, ok := r.Result().(*benchfmt.Result)
		if !own {
			foreign.add(line)
			continue
		}
		if !ok {
			return f, r.Result().(*benchfmt.SyntaxError)
		}
		s, err := sideSample(rec)
		if err == nil {
			err = describeSide(&s, about)
		}
		for _, unit := range slices.Sorted(maps.Keys(s.Values)) {
			if v := s.Values[unit]; v < 0 && err == nil {
				err = fmt.Errorf("%s is %v", unit, v)
			}
		}
		if err != nil {
			return f, fmt.Errorf("%s:%d: %w", path, line, err)
		}
		key := launch{s.Name, s.Round, s.Attempt}
		if seen[key] {
			copies.add(line)
			continue
		}
		seen[key] = true
		f.samples = append(f.samples, s)
	}
	if foreign.n > 0 {
		f.notes = append(f.notes, fmt.Sprintf("%d lines of %s that payoff did not write are left out, the first in line %d", foreign.n, path, foreign.first))
	}
	if copies.n > 0 {
		f.notes = append(f.notes, fmt.Sprintf("%d copies of samples in %s are left out, the first in line %d", copies.n, path, copies.first))
	}
	if last := bytes.LastIndexByte(bytes.TrimSuffix(text, []byte("\n")), '\n') + 1; bytes.HasPrefix(text[last:], []byte(launchLine)) {
		f.whole = last // leaves out the comment of a launch without its benchmark line
	}
	return f, r.Err()
}

// describeSide sets those fields of a side's sample, such as the round, that are not in its
// benchmark line. The argument about is the comment before this line, which contains the fields.
func describeSide(s *harness.SideSample, about string) error {
	var common harness.Sample
	err := describe(&common, about)
	s.Round, s.Attempt, s.At, s.Marks = common.Round, common.Attempt, common.At, common.Marks
	for field := range strings.FieldsSeq(about) {
		for key, into := range map[string]*time.Duration{"wall": &s.Wall, "cpu": &s.CPU} {
			if value, ok := strings.CutPrefix(field, key+"="); ok {
				d, e := time.ParseDuration(value + "ns")
				*into, err = d, errors.Join(err, e)
			}
		}
	}
	return err
}

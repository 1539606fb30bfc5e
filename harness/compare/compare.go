// Package compare compares two sides, such as two versions of a program, cell by cell and unit by
// unit. It uses the verdicts of package analyze and computes no statistics.
//
//  1. [Paired] compares sides whose launches were interleaved. [Unpaired] compares sides that were
//     measured one after the other. Both return a [Row] for each [Series].
//  2. [Runs] compares two runs of a suite. It returns a [Table] with rows and doubts.
//  3. [Write] writes a table in one of the [Formats]. [Table.Exit] returns the outcome.
package compare

import (
	"strings"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// A Table holds the comparison of two sides: a row for each cell and unit, with doubts and notes.
type Table struct {
	Title    string
	Old, New Side
	Rows     []Row
	Floor    []Row // the noise floor: the old side compared with itself
	Missing  []Missing
	Partial  bool // missing cells do not affect the outcome
	// Refusals are reasons not to compare the sides. Warnings are differences between the sides that
	// may explain the ratios, and doubts about the measurements. Notes explain the method.
	Refusals, Warnings, Notes []string
	Margin, Confidence        float64

	arranged []grid // see [Table.Arrange]
}

// A Side describes one of the two sides of a comparison, such as the old program.
type Side struct {
	Name string // "old" and "new", or "base" and "head"
	Of   string // run folder, program or git revision of the side
}

// A Row compares the two sides in one unit, for one cell or benchmark.
type Row struct {
	Name   string // name of the cell or benchmark, without the word Benchmark
	Unit   string
	Better string // which values of the unit are better: "lower", "higher", or "" for neither

	Old, New analyze.Estimate // medians of the launches
	// Comparison has the ratio New/Old. Its verdict is about the new side, in the direction of
	// Better. Without a direction, the verdicts better and worse say only that the sides differ.
	analyze.Comparison
	Gate   bool     // the row affects the outcome, unless Better is ""
	Doubts []string // reasons not to trust the ratio, such as the reason why a verdict was withdrawn
}

// Axes returns the parts of the row's name that have the form key=value, as pairs of key and value,
// in order.
func (r Row) Axes() (axes [][2]string) {
	for part := range strings.SplitSeq(r.Name, "/") {
		if key, value, ok := strings.Cut(part, "="); ok {
			axes = append(axes, [2]string{key, value})
		}
	}
	return axes
}

// Words returns the verdict in words, such as "worse" or "likely better". If the unit has no better
// direction, it says "lower" and "higher" instead.
func (r Row) Words() string {
	if r.Better == "" {
		return strings.NewReplacer("better", "lower", "worse", "higher").Replace(r.Comparison.Words())
	}
	return r.Comparison.Words()
}

// A Missing names a cell or benchmark that one of the two sides lacks entirely, or in one unit.
type Missing struct {
	Name string
	Unit string // "" if the side lacks all units of the cell
	Side string // name of the side that lacks the cell or the unit
	Hint string // a remedy, or the likely new name
}

// An Outcome is the overall result of a comparison.
type Outcome int

const (
	Passed  Outcome = iota // nothing is worse
	Worse                  // a row that affects the outcome is worse
	Refused                // the sides are not comparable, or there is nothing to compare
	Open                   // a cell is missing, no row affects the outcome or, if strict, such a row is unresolved
)

// Exit returns the outcome of the comparison. It is the first of these that applies:
//
//   - [Refused], if the sides are not comparable or there is nothing to compare
//   - [Worse], if a row that affects the outcome is worse
//   - [Open], if a cell is missing and t.Partial is not set, if no row affects the outcome, or if
//     strict is set and a row that affects the outcome has no verdict
//   - [Passed]
func (t *Table) Exit(strict bool) Outcome {
	switch {
	case len(t.Refusals) > 0 || len(t.Rows) == 0 && len(t.Missing) == 0:
		return Refused
	case t.Count(analyze.Worse) > 0:
		return Worse
	case len(t.Missing) > 0 && !t.Partial, strict && t.Count(analyze.Unresolved) > 0, t.gates() == 0:
		return Open
	}
	return Passed
}

// gates returns the number of rows that affect the outcome.
func (t *Table) gates() (n int) {
	for _, r := range t.Rows {
		if r.decides() {
			n++
		}
	}
	return n
}

// decides reports whether the row affects the outcome of the comparison: its field Gate is set, and
// either lower or higher values of its unit are better.
func (r Row) decides() bool { return r.Gate && r.Better != "" }

// Count returns the number of rows that affect the outcome and have the verdict v.
func (t *Table) Count(v analyze.Verdict) (n int) {
	for _, r := range t.Rows {
		if r.decides() && r.Verdict == v {
			n++
		}
	}
	return n
}

// Package gate decides whether a run keeps the limits of a gate file, such as "pool is at least 1.6
// times as fast as serial from 100 µs on". It computes no statistics: it compares each limit with an
// interval that harness/analyze computes or, for ratios to another run, harness/compare.
//
//  1. [Parse] reads the gates from a TOML file.
//  2. [File.Check] compares each [Gate] with the results of a run and returns a [Report].
//  3. [Report.Text], [Report.Markdown] and [Report.JSON] write the report.
package gate

import (
	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/suite"
	"github.com/payoff-bench/payoff/harness/toml"
)

// A Kind names the quantity that a gate limits, such as the speed-up.
type Kind string

const (
	SpeedUp  Kind = "speed-up" // the makespan of a cell in Against divided by that of the limited cell, in the same run
	METG     Kind = "metg"     // the minimum effective task granularity of a strategy
	Value    Kind = "value"    // the median of a unit over launches
	Baseline Kind = "baseline" // the value in this run divided by the value in another run
)

// A Gate is a limit that a run must keep in each of the cells that the gate selects.
type Gate struct {
	Name string
	Kind Kind
	Line int // line of the gate in the file

	Cells    suite.Filter
	Against  suite.Filter // for SpeedUp: the cells to compare with
	From, To int          // smallest and largest time of a task in ns; 0 for no limit

	Unit      string   // for Value and Baseline: the unit of the limited values
	Baseline  string   // folder of the other run, as in the file
	Unchanged []string // for Baseline: see [compare.Options]
	AtLeast   bool     // Limit is the smallest permitted value; otherwise it is the largest
	Limit     float64  // the limit, in ns for times and in bytes for sizes
}

// A File holds the gates of a gate file.
type File struct {
	Gates []Gate
	doc   *toml.Document
}

// A Verdict says whether a limit holds. The verdict of a gate is the largest verdict of its
// evidence, in the order of the constants below. The verdict of a report is the largest verdict of
// its gates.
type Verdict int

const (
	Holds      Verdict = iota // the whole interval is within the limit
	Unresolved                // the interval contains the limit, or the data permits no verdict
	Missing                   // the run has no value to compare with the limit
	Fails                     // the whole interval is beyond the limit
)

func (v Verdict) String() string {
	return [...]string{"holds", "unresolved", "missing", "fails"}[v]
}

// A Report holds the results of all gates of a file, in the order of the file.
type Report struct {
	Results []Result
	Notes   []string // notes that apply to all gates
	// Doubtful says that no gate is decided, because files of the run were changed.
	Doubtful bool
}

// A Result is the verdict about a gate, with the evidence for it.
type Result struct {
	Gate
	Verdict  Verdict // largest verdict of all evidence
	Evidence []Evidence
	Notes    []string // notes that apply to all evidence
}

// An Evidence is the comparison of one cell with the limit of a gate.
type Evidence struct {
	Cell    harness.Cell // Grain is 0 for METG
	Against harness.Cell // for SpeedUp; otherwise the zero Cell
	analyze.Estimate
	Words   string // for METG the estimate in words; otherwise ""
	Verdict Verdict
	Notes   []string
}

// Verdict returns the verdict of the whole report: the largest of the verdicts of its gates.
func (r Report) Verdict() (v Verdict) {
	for _, one := range r.Results {
		v = max(v, one.Verdict)
	}
	return v
}

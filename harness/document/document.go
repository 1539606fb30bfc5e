// Package document writes the results of a run as report.json, for scripts, gates and other tools.
// It derives every number from an [analyze.Analysis], as the reports do. SCHEMA.md lists all fields.
//
// A quantity is a [Number], which holds its value, unit, interval and count. An unknown quantity is
// absent: no field has NaN, an infinity or 0 in its place.
package document

import (
	"encoding/json"
	"io"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// Schema is the version of the format. Its number changes if a field is removed or changes its
// meaning; new fields leave it unchanged.
const Schema = "payoff-report/1"

// File is the name of the document in the folder of a run.
const File = "report.json"

// A Document holds the results of one run.
type Document struct {
	Schema  string   `json:"schema"`
	Run     Run      `json:"run"`
	Machine Machine  `json:"machine"`
	Method  Method   `json:"method"`
	Health  Health   `json:"health"`
	Notes   []string `json:"notes,omitempty"`
	Advice  []Advice `json:"advice,omitempty"`

	Boundary      *Boundary     `json:"boundary,omitempty"`
	Sections      []Section     `json:"sections,omitempty"`
	Chunkings     []Chunking    `json:"chunkings,omitempty"`
	Orderings     []Ordering    `json:"orderings,omitempty"`
	Isolations    []Isolation   `json:"isolations,omitempty"`
	Holdings      []Holding     `json:"holdings,omitempty"`
	Scales        []Scale       `json:"scales,omitempty"`
	Lineups       []Lineup      `json:"lineups,omitempty"`
	Concurrencies []Concurrency `json:"concurrencies,omitempty"`
	Latencies     []Latency     `json:"latencies,omitempty"`
	Claims        []Claim       `json:"claims,omitempty"`
	Programs      []Program     `json:"programs,omitempty"`
}

// A Run describes what was measured: suites, version of payoff, and numbers of rounds, launches and
// questions.
type Run struct {
	Suites   []string   `json:"suites,omitempty"`
	Filter   string     `json:"filter,omitempty"`
	Seed     uint64     `json:"seed"`
	Version  string     `json:"version,omitempty"`
	Commit   string     `json:"commit,omitempty"`
	Go       string     `json:"go,omitempty"`
	Plan     string     `json:"plan,omitempty"`
	Pinned   bool       `json:"pinned"`
	Started  *time.Time `json:"started,omitempty"`
	Finished *time.Time `json:"finished,omitempty"`

	Planned   int     `json:"planned_rounds,omitempty"`
	Rounds    int     `json:"rounds"`
	Complete  int     `json:"complete_rounds"`
	Whole     bool    `json:"whole"`
	Launches  int     `json:"launches"`
	Questions int     `json:"questions"`
	Answered  int     `json:"answered_questions"`
	Wanted    int     `json:"rounds_needed,omitempty"`
	More      *Number `json:"more_time,omitempty"`
	Budget    *Number `json:"budget,omitempty"`
	Wall      *Number `json:"time,omitempty"`
}

// A Machine describes the machine of the run.
type Machine struct {
	Host    string  `json:"host,omitempty"`
	CPU     string  `json:"cpu,omitempty"`
	Cores   int     `json:"cores,omitempty"`
	Quota   *Number `json:"cpu_quota,omitempty"`
	Memory  *Number `json:"memory,omitempty"`
	GOOS    string  `json:"goos,omitempty"`
	GOARCH  string  `json:"goarch,omitempty"`
	Kernel  string  `json:"kernel,omitempty"`
	Virtual string  `json:"virtual,omitempty"`
	Speeds  string  `json:"speeds,omitempty"`
}

// A Method holds the parameters of the statistical analysis, such as confidence and margin.
type Method struct {
	Confidence float64 `json:"confidence"`
	Margin     float64 `json:"margin"`
	Precision  float64 `json:"precision,omitempty"`
	Efficiency float64 `json:"target_efficiency"`
}

// New returns the document with all results of an analysis.
func New(a *analyze.Analysis) Document {
	i, m := a.Info, a.Info.Machine
	return Document{
		Schema: Schema,
		Run: Run{
			Suites: i.Suites, Filter: i.Filter, Seed: i.Seed, Version: i.Version, Commit: i.Commit, Go: i.Go, Plan: i.Plan, Pinned: i.Pinned,
			Started: at(i.Started), Finished: at(i.Finished),
			Planned: i.Rounds, Rounds: a.Rounds, Complete: a.Complete, Whole: a.Whole(), Launches: a.Launches,
			Questions: a.Asked, Answered: a.Answered, Wanted: a.Wanted,
			More: positive(float64(a.More), "ns"), Budget: positive(float64(i.Budget), "ns"), Wall: positive(float64(i.Spent.Wall), "ns"),
		},
		Machine: Machine{
			Host: m.Host, CPU: m.CPU, Cores: m.Cores, Quota: positive(i.Limits.CPU, "cores"), Memory: positive(float64(m.Memory), "bytes"),
			GOOS: m.GOOS, GOARCH: m.GOARCH, Kernel: m.Kernel, Virtual: m.Virtual, Speeds: m.Speeds,
		},
		Method: Method{a.Settings.Confidence, a.Settings.Margin, i.Precision, a.Settings.Efficiency},
		Health: newHealth(a),
		Notes:  notes(a.Notes),
		Advice: each(a.Advice(), newAdvice),

		Boundary:      newBoundary(i.Search, a.Boundary),
		Sections:      each(a.Sections, newSection),
		Chunkings:     each(a.Chunkings, newChunking),
		Orderings:     each(a.Orderings, newOrdering),
		Isolations:    each(a.Isolations, newIsolation),
		Holdings:      each(a.Holdings, newHolding),
		Scales:        each(a.Scales, newScale),
		Lineups:       each(a.Lineups, newLineup),
		Concurrencies: each(a.Concurrencies, newConcurrency),
		Latencies:     each(a.Latencies, newLatency),
		Claims:        each(a.Claims, newClaim),
		Programs:      each(a.Programs, newProgram),
	}
}

// Write writes the document of an analysis as JSON.
func Write(w io.Writer, a *analyze.Analysis) error { return encode(w, New(a)) }

// WriteAll writes the documents of several analyses as one JSON array.
func WriteAll(w io.Writer, all []*analyze.Analysis) error { return encode(w, each(all, New)) }

// WriteClaims writes claims as one JSON array.
func WriteClaims(w io.Writer, all []analyze.Claim) error {
	return encode(w, each(all, newClaim))
}

// BenchmarksSchema is the version of the format of [WriteBenchmarks].
const BenchmarksSchema = "payoff-benchmarks/1"

// Benchmarks hold the medians of benchmarks that payoff read but did not run.
type Benchmarks struct {
	Schema     string      `json:"schema"`
	Benchmarks []Benchmark `json:"benchmarks"`
	Notes      []string    `json:"notes,omitempty"`
}

// A Benchmark holds the median of the results of one benchmark in one unit.
type Benchmark struct {
	Package string  `json:"package,omitempty"`
	Name    string  `json:"name"`
	Median  *Number `json:"median"`
}

// WriteBenchmarks writes, as JSON, the medians of benchmarks that payoff read but did not run.
func WriteBenchmarks(w io.Writer, all []harness.Benchmark, notes []string) error {
	return encode(w, Benchmarks{BenchmarksSchema, each(all, func(b harness.Benchmark) Benchmark {
		return Benchmark{b.Package, b.Name, estimate(analyze.Summary(b.Values, analyze.Settings{}), b.Unit)}
	}), notes})
}

func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(v)
}

// at returns a pointer to t, or nil for the zero time.
func at(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// each returns the results of the function f for all elements of all.
func each[T, U any](all []T, f func(T) U) []U {
	var out []U
	for _, one := range all {
		out = append(out, f(one))
	}
	return out
}

func notes(all []analyze.Note) []string {
	return each(all, func(n analyze.Note) string { return string(n) })
}

// A Cell is written as a JSON object with a member for each axis, such as the workload or the
// number of workers. The chunk, and axes whose values are words, are strings; all others are
// numbers. Axes with default values are omitted. Axes that do not apply, such as the strategy of a
// place, are omitted too.
type Cell harness.Cell

// MarshalJSON implements [json.Marshaler]. It writes an object with a member for each axis.
func (c Cell) MarshalJSON() ([]byte, error) {
	out := map[string]any{}
	for _, a := range harness.AllAxes() {
		cell := harness.Cell(c)
		switch {
		case a.Int != nil:
			if n := *a.Int(&cell); n != 0 {
				out[a.Key] = n
			}
		case *a.Word(&cell) != "":
			out[a.Key] = *a.Word(&cell)
		}
	}
	return json.Marshal(out)
}

// UnmarshalJSON implements [json.Unmarshaler] for the form that MarshalJSON writes.
func (c *Cell) UnmarshalJSON(text []byte) error {
	*c = Cell{}
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &members); err != nil {
		return err
	}
	for _, a := range harness.AllAxes() {
		var into any
		if a.Int != nil {
			into = a.Int((*harness.Cell)(c))
		} else {
			into = a.Word((*harness.Cell)(c))
		}
		if value, ok := members[a.Key]; ok {
			if err := json.Unmarshal(value, into); err != nil {
				return err
			}
		}
	}
	return nil
}

// place returns a place as a [Cell] without a strategy.
func place(p analyze.Place) Cell { return Cell{Task: p.Task, Cores: p.Cores, Order: p.Order} }

func cells(all []harness.Cell) []Cell {
	return each(all, func(c harness.Cell) Cell { return Cell(c) })
}

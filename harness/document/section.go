package document

import (
	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// A Section holds the results for one kind of task, number of cores and order of delivery, at all
// grains (task sizes).
type Section struct {
	Place      Cell        `json:"place"`
	Waits      bool        `json:"waits,omitempty"`
	MostCores  bool        `json:"most_cores"`
	Questions  []Question  `json:"questions"`
	Curves     []Curve     `json:"curves,omitempty"`
	Crossovers []Crossover `json:"crossovers,omitempty"`
}

// A Question asks which strategy is best for one task, on some cores, with one order of delivery.
type Question struct {
	Place  Cell     `json:"place"`
	Swept  bool     `json:"swept,omitempty"`
	Work   *Number  `json:"work,omitempty"`
	Rows   []Row    `json:"rows"`
	Pairs  []Pair   `json:"pairs,omitempty"`
	Winner Winner   `json:"winner"`
	Notes  []string `json:"notes,omitempty"`
}

// A Row holds the results of one strategy in a [Question].
type Row struct {
	Cell       Cell        `json:"cell"`
	Label      string      `json:"label"`
	Makespan   *Number     `json:"makespan,omitempty"`
	Speedup    *Number     `json:"speedup,omitempty"`
	Efficiency *Number     `json:"efficiency,omitempty"`
	VsDirect   *Comparison `json:"against_direct,omitempty"`
	Account    *Account    `json:"account,omitempty"`
	Notes      []string    `json:"notes,omitempty"`
}

// A Pair is the comparison of two strategies that answer the same [Question].
type Pair struct {
	A Cell `json:"a"`
	B Cell `json:"b"`
	Comparison
}

// A Winner holds the best strategies for a [Question].
type Winner struct {
	Kind   string  `json:"kind"`
	Best   []Cell  `json:"best"`
	Within *Number `json:"within,omitempty"`
	Rounds int     `json:"rounds_needed,omitempty"`
	Why    string  `json:"why,omitempty"`
}

// An Account divides the core time of a task into parts, such as CPU time and idle time.
type Account struct {
	Start       *Number `json:"start,omitempty"`
	Cold        *Number `json:"cold,omitempty"`
	Warm        *Number `json:"warm,omitempty"`
	Granularity *Number `json:"granularity,omitempty"`
	Work        *Number `json:"work,omitempty"`
	CPU         *Number `json:"cpu,omitempty"`
	Other       *Number `json:"other_cpu,omitempty"`
	Idle        *Number `json:"idle,omitempty"`
	System      *Number `json:"system,omitempty"`
	Ready       *Number `json:"ready,omitempty"`
	Switches    *Number `json:"switches,omitempty"`
	Faults      *Number `json:"faults,omitempty"`
	Allocs      *Number `json:"allocations,omitempty"`
	Server      *Number `json:"server,omitempty"`
	UnderWay    *Number `json:"under_way,omitempty"`
	Memory      *Number `json:"memory,omitempty"`
	Wakeup      *Number `json:"wakeup,omitempty"`
	Overhead    *Number `json:"overhead,omitempty"`
}

// A Curve holds the efficiency of one strategy at all grains (task sizes).
type Curve struct {
	Series Cell      `json:"series"`
	Points []Point   `json:"points"`
	METG   Threshold `json:"metg"`
	Work   Threshold `json:"work"`
}

// A Point holds the results of a [Curve] at one grain.
type Point struct {
	Work        *Number `json:"work,omitempty"`
	Granularity *Number `json:"granularity,omitempty"`
	Efficiency  *Number `json:"efficiency,omitempty"`
}

// A Threshold is the task size at which the efficiency of a strategy reaches the target.
type Threshold struct {
	Kind    string    `json:"kind"`
	At      *Number   `json:"at,omitempty"`
	Bound   *Number   `json:"bound,omitempty"`
	Between []*Number `json:"between,omitempty"`
	Notes   []string  `json:"notes,omitempty"`
}

// A Crossover compares two strategies at all grains (task sizes).
type Crossover struct {
	A       Cell      `json:"a"`
	B       Cell      `json:"b"`
	Kind    string    `json:"kind"`
	At      *Number   `json:"at,omitempty"`
	Between []*Number `json:"between,omitempty"`
	Up      bool      `json:"a_better_above,omitempty"`
	Stays   bool      `json:"stays,omitempty"`
	Zones   []Zone    `json:"zones"`
	Ratio   *Number   `json:"ratio_at_finest,omitempty"`
	N       int       `json:"n"`
	Notes   []string  `json:"notes,omitempty"`
}

// A Zone is a range of grains at which a [Crossover] has the same verdict.
type Zone struct {
	Verdict string  `json:"verdict"`
	From    *Number `json:"from,omitempty"`
	To      *Number `json:"to,omitempty"`
}

func newSection(s analyze.Section) Section {
	return Section{
		Place: place(s.Place), Waits: s.Waits(), MostCores: s.Most,
		Questions: each(s.Questions, newQuestion), Curves: each(s.Curves, newCurve), Crossovers: each(s.Crossovers, newCrossover),
	}
}

func newQuestion(q analyze.Question) Question {
	out := Question{
		Place: place(q.Place), Swept: q.Swept, Work: estimate(q.Work, "ns"), Notes: notes(q.Notes),
		Rows: each(q.Rows, newRow),
		Winner: Winner{
			Kind: winnerKinds[q.Winner.Kind], Best: cells(q.Winner.Best), Within: positive(q.Winner.Within, "share"),
			Rounds: q.Winner.More, Why: string(q.Winner.Why),
		},
	}
	for i, a := range q.Rows {
		for _, b := range q.Rows[:i] {
			if c := comparison(q.Versus(a.Cell, b.Cell)); c != nil {
				out.Pairs = append(out.Pairs, Pair{Cell(a.Cell), Cell(b.Cell), *c})
			}
		}
	}
	return out
}

func newRow(r analyze.Row) Row {
	out := Row{
		Cell: Cell(r.Cell), Label: analyze.Label(r.Cell), Makespan: estimate(r.Makespan, "ns"),
		Speedup: estimate(r.Speedup, "ratio"), Efficiency: estimate(r.Efficiency, "share"), Notes: notes(r.Notes),
	}
	if r.Cell.Strategy != harness.Direct {
		out.VsDirect = comparison(r.VsDirect)
	}
	a := r.Account
	if account := (Account{
		Start: estimate(a.Start, "ns"),
		Cold:  estimate(a.Cold, "ns"), Warm: estimate(a.Warm, "ns"), Granularity: estimate(a.Granularity, "ns"),
		Work: estimate(a.Work, "ns"), CPU: estimate(a.CPU, "ns"), Other: estimate(a.Other, "ns"), Idle: estimate(a.Idle, "ns"),
		System: estimate(a.System, "ns"), Ready: estimate(a.Ready, "ns"), Switches: estimate(a.Switches, "switches/task"),
		Faults: estimate(a.Faults, "faults/task"), Allocs: estimate(a.Allocs, "allocations/task"), Server: estimate(a.Server, "ns"),
		UnderWay: estimate(a.UnderWay, "tasks"), Memory: estimate(a.Memory, "bytes"), Wakeup: estimate(a.Wakeup, "ns"),
		Overhead: estimate(analyze.Estimate(a.Overhead), "ns"),
	}); account != (Account{}) {
		out.Account = &account
	}
	return out
}

func newCurve(c analyze.Curve) Curve {
	return Curve{
		Series: Cell(c.Series), METG: newThreshold(c.METG), Work: newThreshold(c.Work),
		Points: each(c.Points, func(p analyze.Point) Point {
			return Point{estimate(p.Work, "ns"), estimate(p.Granularity, "ns"), estimate(p.Efficiency, "share")}
		}),
	}
}

func newThreshold(t analyze.Threshold) Threshold {
	out := Threshold{Kind: thresholdKinds[t.Kind], Notes: notes(t.Notes)}
	switch t.Kind {
	case analyze.Passes:
		out.At, out.Between = estimate(t.At, "ns"), between(t.Between)
	case analyze.AlwaysAbove, analyze.NeverAbove:
		out.Bound = plain(t.Bound, "ns")
	}
	return out
}

func newCrossover(c analyze.Crossover) Crossover {
	out := Crossover{
		A: Cell(c.A), B: Cell(c.B), Kind: crossKinds[c.Kind], Up: c.Up, Stays: c.Stays, N: c.N,
		Ratio: estimate(c.Ratio, "ratio"), Notes: notes(c.Notes),
		Zones: each(c.Zones, func(z analyze.Zone) Zone {
			return Zone{z.Verdict.String(), plain(z.From, "ns"), plain(z.To, "ns")}
		}),
	}
	if c.Kind == analyze.Crosses {
		out.At, out.Between = estimate(c.At, "ns"), between(c.Between)
	}
	return out
}

func between(ends [2]float64) []*Number {
	return []*Number{plain(ends[0], "ns"), plain(ends[1], "ns")}
}

var winnerKinds = map[analyze.WinnerKind]string{
	analyze.Undecided: "undecided", analyze.Close: "close", analyze.Tied: "tied", analyze.Won: "won", analyze.Unopposed: "unopposed",
}

var thresholdKinds = map[analyze.ThresholdKind]string{
	analyze.NotResolved: "unresolved", analyze.Passes: "passes", analyze.AlwaysAbove: "always above", analyze.NeverAbove: "never above",
}

var crossKinds = map[analyze.CrossKind]string{
	analyze.Unclear: "unresolved", analyze.AlwaysA: "a always better", analyze.AlwaysB: "b always better", analyze.Crosses: "crosses",
	analyze.Parts: "parts", analyze.TieBand: "tie band", analyze.AllTied: "all tied", analyze.Several: "several",
}

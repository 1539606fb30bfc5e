// Package analyze turns the samples of a run into answers. It reads nothing but
// harness.Info and []harness.Sample and touches neither files nor clock. A run is analysed
// once: report, charts and command take its [Analysis] and compute no statistics.
//
//  1. Samples are put in turns: launches of one block in one round are paired (table).
//  2. Ratios of makespans are taken within turns and summed up over rounds (Estimate), and
//     each is judged within a family (Comparison).
//  3. Each question, "which strategy is best for this task on these cores in this
//     order?", gets rows of speed-up and efficiency, one verdict on each two strategies,
//     and a Winner.
//  4. Along the grain, each strategy gets a Curve with its METG, and each two strategies
//     a Crossover, by the verdicts of the questions. All of these make a Section.
//  5. Where chunks were swept, each strategy gets a Chunking: the regret of every chunk
//     against the best fixed number.
//  6. Where a strategy delivered in both orders, it gets an Ordering: the cost of order. For
//     tasks that work on memory or fail, processes and goroutines get an Isolation, and the
//     memory of all strategies a Holding.
//  7. Along the payload or the number of tasks, the strategies get a Scale. Tasks that wait
//     get a Concurrency, and those that arrive by themselves a Latency.
//  8. Common claims about pools are tested with these (Claim).
//  9. The controls of the run are summed up: A/A twins, fixed loops, cells that must
//     agree.
//
// Every result has an interval, n, and Notes: doubts are values that are printed
// with the result. A quantity that the data cannot identify has an answer of its own kind
// and never a number.
package analyze

import (
	"cmp"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// Settings say how to judge. The zero value is the usual one.
type Settings struct {
	Margin     float64                    // ratios within 1 ± this are alike; 0 for 0.02
	Confidence float64                    // of intervals and families; 0 for 0.95
	Efficiency float64                    // the target of METG; 0 for 0.75
	Waits      func(workload string) bool // tasks mostly wait, so efficiency means nothing; nil for none

	looks     bool    // after each round the run looked whether to stop
	precision float64 // within which the run took two strategies for equally fast
}

func (s Settings) filled() Settings {
	s.Margin = cmp.Or(s.Margin, 0.02)
	s.Confidence = cmp.Or(s.Confidence, 0.95)
	s.Efficiency = cmp.Or(s.Efficiency, 0.75)
	if s.Waits == nil {
		s.Waits = func(string) bool { return false }
	}
	return s
}

// An Analysis is all that a run can say.
type Analysis struct {
	Info     harness.Info
	Settings Settings
	Extent
	Checks
	Notes []Note // doubts about the run as a whole, first those of its Info

	Sections   []Section   // by workload, payload, cores, order
	Chunkings  []Chunking  // by place and strategy
	Orderings  []Ordering  // by place, grain, strategy
	Isolations []Isolation // likewise
	Holdings   []Holding   // by place and grain
	Scales     []Scale     // by payload, then by number of tasks
	Lineups    []Lineup    // scales of several workloads
	Claims     []Claim     // that the run says something about

	// Of tasks that wait, by place, grain, strategy.
	Concurrencies []Concurrency
	Latencies     []Latency

	answered map[harness.Question]bool
}

// An Extent says how much of a run there is.
type Extent struct {
	Rounds   int // rounds with at least one launch
	Complete int // rounds less the last, if that lacks cells that the one before it holds
	Launches int
	Marked   int // launches that were contaminated and are used
	Starved  int // launches that take no part in comparisons: other processes took their cores

	Asked    int           // questions: a task on some cores
	Answered int           // of them, by the precision of the run; see [Judge]
	Wanted   int           // rounds in all that may answer those whose need is known
	More     time.Duration // that these take, about
}

// Checks are the controls of a run.
type Checks struct {
	Twins     Twins
	Classes   []ClassTwins
	Controls  []Control
	Agreement []Agreement
}

// New analyses the samples of a run. Any subset of them will do: the notes of the analysis
// name the missing parts.
func New(info harness.Info, samples []harness.Sample, set Settings) *Analysis {
	set = set.filled()
	set.looks = info.Precision > 0 && info.Rounds != harness.FewestRounds
	set.precision = cmp.Or(info.Precision, DefaultPrecision)
	started := tableOf(samples, set, cold)
	rest := warm(samples, started)
	whole, t := newTable(samples, set), newTable(rest, set)
	classes := newClassTwins(whole)
	t.may = newPermit(samples, classes, set).may
	a := &Analysis{
		Info: info, Settings: set,
		Extent:     Extent{Rounds: len(whole.rounds), Complete: len(whole.rounds), Launches: len(samples), Marked: whole.marked, Starved: whole.starved},
		Checks:     Checks{Twins: newTwins(whole), Classes: classes, Controls: newControls(samples)},
		Sections:   sections(t, accounts(samples, whole)),
		Chunkings:  chunkings(t),
		Orderings:  orderings(samples, t),
		Isolations: isolations(rest, t),
		Holdings:   holdings(rest, set),
		Scales:     append(scales(t, ByPayload), scales(started, ByTasks)...),
		Latencies:  latencies(samples, set),
	}
	answered := a.answers(samples)
	lacks := whole.missing(answered)
	if lacks > 0 {
		a.Complete--
	}
	for _, s := range a.Sections {
		a.Agreement = append(a.Agreement, agreements(s.Questions, set)...)
	}
	a.Lineups = lineups(a.Scales)
	a.Claims = a.claims()
	a.Concurrencies = concurrencies(a.Questions())
	a.Notes = append(a.doubts(whole, lacks), absences(info, samples)...)
	return a
}

// Whole reports whether nothing shows that the run ended before all that was planned was
// measured. Cells that a budget left out of a single round leave no trace in the samples.
func (a *Analysis) Whole() bool {
	return a.Complete == a.Rounds && (a.Answered == a.Asked || a.Rounds >= a.Info.Rounds) && !a.Info.Finished.IsZero() && (a.Info.Budget == 0 || a.Rounds > 1)
}

// Busy reports whether other processes took the cores of so many launches that nothing should be
// decided on the run.
func (a *Analysis) Busy() bool { return 10*a.Starved > a.Launches }

// answers counts the questions that the samples answer, and returns the blocks of these.
func (a *Analysis) answers(samples []harness.Sample) (blocks map[int]bool) {
	blocks, a.answered = map[int]bool{}, map[harness.Question]bool{}
	judge := Judge(a.Info.Precision, a.Settings)
	for _, question := range grouped(samples, func(s harness.Sample) harness.Question { return s.Cell.Question() }) {
		closed := only(question, func(s harness.Sample) bool { return s.Cell.Rate == 0 })
		if len(distinct(closed, func(s harness.Sample) harness.Cell { return s.Cell })) < 2 {
			continue // there is nothing to compare
		}
		a.Asked++
		if a.Info.Precision == 0 {
			continue
		}
		standing := judge(question)
		if standing.Answered {
			a.Answered++
			a.answered[question[0].Cell.Question()] = true
			for _, s := range question {
				blocks[s.Block] = true
			}
			continue
		}
		held := len(distinct(question, func(s harness.Sample) int { return s.Round }))
		a.Wanted = max(a.Wanted, standing.Rounds)
		a.More += a.time(max(0, standing.Rounds-held) * len(question) / max(1, held))
	}
	return blocks
}

// Questions returns the questions of all sections.
func (a *Analysis) Questions() (all []Question) {
	for _, s := range a.Sections {
		all = append(all, s.Questions...)
	}
	return all
}

// AcrossCores returns the sections that differ in their cores alone together.
func (a *Analysis) AcrossCores() [][]Section {
	return grouped(a.Sections, func(s Section) Place { return s.Place.anyCores() })
}

// ChunkingsByPlace returns the chunkings of the same tasks together.
func (a *Analysis) ChunkingsByPlace() [][]Chunking {
	return grouped(a.Chunkings, func(c Chunking) Place { return PlaceOf(c.Who) })
}

// HoldingsByCores returns the holdings on the same number of cores together.
func (a *Analysis) HoldingsByCores() [][]Holding {
	return grouped(a.Holdings, func(h Holding) int { return h.Place.Cores })
}

// ConcurrenciesByPlace returns the strategies that ran the same tasks together.
func (a *Analysis) ConcurrenciesByPlace() [][]Concurrency {
	return grouped(a.Concurrencies, func(c Concurrency) Place { return PlaceOf(c.Who) })
}

// LatenciesByPlace returns the strategies at which the same tasks arrived together.
func (a *Analysis) LatenciesByPlace() [][]Latency {
	return grouped(a.Latencies, func(l Latency) Place { return PlaceOf(l.Who) })
}

// Strategies returns the cells of all questions but those of direct.
func (a *Analysis) Strategies() (all []harness.Cell) {
	for _, q := range a.Questions() {
		for _, r := range q.Rows {
			if r.Cell.Strategy != harness.Direct {
				all = append(all, r.Cell)
			}
		}
	}
	return all
}

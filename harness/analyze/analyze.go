// Package analyze computes the results of a run from its samples. Its only input is harness.Info
// and []harness.Sample; it does not access files or the clock. A run is analysed once: reports,
// charts and commands read its [Analysis] and compute no statistics of their own.
//
//  1. A table groups the samples by turn, which is one measurement of one block of cells in one
//     round. Launches of the same turn are paired.
//  2. An Estimate summarizes the ratios of makespans over the turns. A Comparison adds a verdict,
//     which is judged together with the other comparisons of its question (a family).
//  3. A Question asks which strategy is best for one task, on some cores, in one order. It has a
//     Row of speed-up and efficiency for each strategy, a verdict for each pair, and a Winner.
//  4. A Section holds the questions about one kind of task, by grain (task size). It has a Curve
//     with the METG of each strategy, and a Crossover for each pair, from the verdicts of the
//     questions.
//  5. A Chunking compares the chunks of one strategy (numbers of tasks that a worker receives at a
//     time) with its best fixed chunk.
//  6. An Ordering shows the cost of results in input order. An Isolation compares processes with
//     goroutines for tasks that use memory or fail, and a Holding lists the memory of all
//     strategies.
//  7. A Scale compares strategies at each payload, or at each number of tasks. A Concurrency
//     describes tasks that wait, and a Latency describes tasks that arrive on a schedule.
//  8. A Claim tests a common opinion about pools with these results.
//  9. Checks show how far the run can be trusted: A/A pairs (second launches of the same cell),
//     fixed work that every launch measures, and cells that must take the same time.
//
// Every result has an interval, a count n, and notes. A note is a doubt, to be printed with the
// result. If the data cannot determine a quantity, the result says so instead of giving a number.
package analyze

import (
	"cmp"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// Settings are the parameters of the analysis. The zero value selects the defaults.
type Settings struct {
	Margin     float64                    // ratios within 1 ± Margin are equivalent; 0 means 0.02
	Confidence float64                    // confidence of intervals, and of the verdicts of a family; 0 means 0.95
	Efficiency float64                    // target efficiency of METG; 0 means 0.75
	Waits      func(workload string) bool // reports whether tasks mostly wait, so that efficiency is meaningless; nil means that none do
	// Doc returns the description of a workload, or of a part of the name of a shape (selection of
	// injected faults), for the glossary of a report. It returns "" for a name without a
	// description. A nil Doc has no descriptions.
	Doc func(name string) string

	// Code returns the lines of code with which a user's function runs in the same way as in the
	// given cell, or nil if there is no such code. The field is nil if the tasks are not a user's
	// function.
	Code func(harness.Cell) []string

	Command string // how the user calls payoff, for commands in reports; "" means payoff

	looks     bool    // the run decided after each round whether to stop
	precision float64 // precision of the run: largest difference at which two strategies count as equally fast
}

func (s Settings) filled() Settings {
	s.Margin = cmp.Or(s.Margin, 0.02)
	s.Confidence = cmp.Or(s.Confidence, 0.95)
	s.Efficiency = cmp.Or(s.Efficiency, 0.75)
	s.Command = cmp.Or(s.Command, "payoff")
	if s.Waits == nil {
		s.Waits = func(string) bool { return false }
	}
	return s
}

// of returns the settings with their defaults, and with the facts about the run that info
// describes.
func (s Settings) of(info harness.Info) Settings {
	s = s.filled()
	s.looks = info.Precision > 0 && info.Rounds != harness.FewestRounds
	s.precision = cmp.Or(info.Precision, DefaultPrecision)
	return s
}

// An Analysis holds all results of a run.
type Analysis struct {
	Info     harness.Info
	Settings Settings
	Extent
	Checks
	Notes []Note // doubts about the whole run, starting with the notes of its Info

	Sections   []Section   // ordered by workload, payload, cores, order
	Chunkings  []Chunking  // ordered by place and strategy
	Orderings  []Ordering  // ordered by place, grain, strategy
	Isolations []Isolation // ordered by place, grain, strategy
	Holdings   []Holding   // ordered by place and grain
	Scales     []Scale     // first along the payload, then along the number of tasks
	Lineups    []Lineup    // scales of several workloads
	Claims     []Claim     // claims for which the run has evidence
	Untested   []Claim     // all other claims, with what the run lacks
	Programs   []Program   // times of the inputs of a program that is the task

	// Results for tasks that wait, ordered by place, grain, strategy.
	Concurrencies []Concurrency
	Latencies     []Latency

	Launched []Launched // one for each cell, and one for its A/A twins, in the order of measurement

	// Foretold are predictions for held-out cells. The caller sets it, because the model that makes
	// them uses this package.
	Foretold []Foretold
	// Explained says why strategies of the first screen differ, from profiles in the folder of the
	// run. The caller sets it.
	Explained []Explanation

	// BreakEvens are predictions of the same model.
	BreakEvens []BreakEven

	// Boundary is the result of the search, if the run is one. The caller sets it, because it depends
	// on the blocks of the search.
	Boundary *Boundary

	answered map[harness.Question]bool
	cells    []harness.Cell
	launched map[harness.Cell]map[turn]values // values of the launches, for Difference
}

// An Extent counts the rounds, launches and questions of a run.
type Extent struct {
	Rounds   int // rounds with at least one launch
	Complete int // rounds, not counting a last round that lacks cells of the previous round
	Launches int
	Marked   int // contaminated launches, which are used
	Starved  int // starved launches, which are excluded from comparisons
	Void     int // launches without a possible makespan, which are left out

	Asked    int            // number of questions; each is about a task on some cores
	Answered int            // questions answered at the precision of the run; see [Judge]
	Open     []OpenQuestion // the questions that are not answered, if the run has a precision
	Wanted   int            // largest number of rounds, in total, that an open question may need; 0 if unknown
	More     time.Duration  // estimated time of the rounds that the open questions still need
}

// An OpenQuestion is a question that the run has not answered: at least one strategy has neither a
// verdict against the fastest one, nor an interval within the precision of the run.
type OpenQuestion struct {
	harness.Question
	harness.Standing
	More time.Duration // estimated time of the further rounds; 0 if unknown
}

// Checks hold results that show how far one can trust the measurements of a run.
type Checks struct {
	Twins     Twins
	Classes   []ClassTwins
	Controls  []Control
	Agreement []Agreement
	Kept      Note // workloads whose tasks may keep results of earlier jobs; "" if there are none
}

// New analyses the samples of a run. It accepts any subset of the samples. The notes of the
// analysis say which parts are missing.
func New(info harness.Info, samples []harness.Sample, set Settings) *Analysis {
	set = set.of(info)
	started := tableOf(samples, set, cold)
	rest := warm(samples, started)
	whole, t := newTable(samples, set), newTable(rest, set)
	classes := newClassTwins(whole)
	t.may = permit(samples, classes, set)
	spent := accounts(samples, whole)
	a := &Analysis{
		Info: info, Settings: set,
		Extent:     Extent{Rounds: len(whole.rounds), Complete: len(whole.rounds), Launches: len(samples), Marked: whole.marked, Starved: whole.starved, Void: whole.void},
		Checks:     Checks{Twins: newTwins(whole), Classes: classes, Controls: newControls(samples), Kept: kept(info, samples)},
		Sections:   sections(t, spent),
		Chunkings:  chunkings(t),
		Orderings:  orderings(samples, t),
		Isolations: isolations(rest, t),
		Holdings:   holdings(rest, set),
		Scales:     append(scales(t, ByPayload, spent), scales(started, ByTasks, nil)...),
		Latencies:  latencies(samples, set),
		Programs:   programs(info, samples),
		launched:   launched(samples),
	}
	a.cells = distinct(samples, func(s harness.Sample) harness.Cell { return s.Cell })
	answered := a.answers(samples)
	lacks := whole.missing(answered)
	if lacks > 0 {
		a.Complete--
	}
	a.Agreement = slices.Concat(mapped(a.Sections, func(s Section) []Agreement { return agreements(s.Questions, set) })...)
	a.Lineups = lineups(a.Scales)
	a.Claims, a.Untested = (&ground{a, samples, t, started, tableOf(rest, set, inUnit(harness.UnitPSS))}).claims()
	a.Concurrencies, a.Launched = concurrencies(a.Questions()), launchesOf(samples)
	a.Notes = append(a.doubts(whole, lacks), absences(info, samples)...)
	return a
}

// Launched lists the makespans that the launches of one cell measured.
type Launched struct {
	Cell     harness.Cell
	Twin     bool // these are the second launches of A/A pairs
	Launches []Launch
}

// A Launch holds the makespan of one launch and whether other work disturbed it.
type Launch struct {
	Round                 int     // from 0
	Makespan              float64 // ns per task; 0 if it was not measured
	Starved, Contaminated bool
}

// launchesOf returns the makespans that each cell's launches measured. It omits open loops, whose
// tasks arrive at a given rate, because they have no makespan.
func launchesOf(samples []harness.Sample) []Launched {
	type key struct {
		cell harness.Cell
		twin bool
	}
	closed := only(samples, func(s harness.Sample) bool { return s.Cell.Rate == 0 })
	return mapped(grouped(closed, func(s harness.Sample) key { return key{s.Cell, s.Twin} }), func(group []harness.Sample) Launched {
		return Launched{group[0].Cell, group[0].Twin, mapped(group, func(s harness.Sample) Launch {
			return Launch{s.Round, s.Values[harness.UnitTask], s.Starved(), s.Contaminated()}
		})}
	})
}

// Whole reports whether the run seems complete: no sample or note shows that the run ended before
// it had measured its plan. A run of one round with a time budget never seems complete, because its
// samples do not show which cells it had no time to measure.
func (a *Analysis) Whole() bool {
	return a.Complete == a.Rounds && (a.Answered == a.Asked || a.Rounds >= a.Info.Rounds) && !a.Info.Finished.IsZero() && (a.Info.Budget == 0 || a.Rounds > 1)
}

// Busy reports whether the machine was too busy for the run: more than a tenth of the launches were
// starved (other processes took their cores). No decision should be based on such a run.
func (a *Analysis) Busy() bool { return 10*a.Starved > a.Launches }

// Precision returns the precision of the run: if the ratio of two makespans differs from 1 by at
// most this fraction, the two count as equally fast.
func (a *Analysis) Precision() float64 { return a.Settings.precision }

// answers sets the fields of a that describe its questions: Asked, Answered, Open, Wanted and More.
// It returns the numbers of the blocks to which the answered questions belong.
func (a *Analysis) answers(samples []harness.Sample) (blocks map[int]bool) {
	blocks, a.answered = map[int]bool{}, map[harness.Question]bool{}
	judge := Judge(a.Info.Precision, a.Settings)
	for _, question := range grouped(samples, func(s harness.Sample) harness.Question { return s.Cell.Question() }) {
		closed := map[harness.Cell]bool{}
		for _, s := range question {
			if s.Cell.Rate == 0 {
				closed[s.Cell] = true
			}
		}
		if len(closed) < 2 {
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
		rounds := map[int]bool{}
		for _, s := range question {
			rounds[s.Round] = true
		}
		held := len(rounds)
		more := a.time(max(0, standing.Rounds-held) * len(question) / max(1, held))
		a.Open = append(a.Open, OpenQuestion{question[0].Cell.Question(), standing, more})
		a.Wanted, a.More = max(a.Wanted, standing.Rounds), a.More+more
	}
	return blocks
}

// Questions returns the questions of all sections.
func (a *Analysis) Questions() []Question {
	return slices.Concat(mapped(a.Sections, func(s Section) []Question { return s.Questions })...)
}

// AcrossCores returns the sections of the run in groups. The sections of one group differ only in
// their number of cores.
func (a *Analysis) AcrossCores() [][]Section {
	return grouped(a.Sections, func(s Section) Place { return s.Place.anyCores() })
}

// ChunkingsByPlace returns the chunkings (comparisons of chunks) in groups. Each group has one kind
// of task, number of cores and order of delivery.
func (a *Analysis) ChunkingsByPlace() [][]Chunking {
	return grouped(a.Chunkings, func(c Chunking) Place { return PlaceOf(c.Who) })
}

// HoldingsByCores returns the holdings (memory results), grouped by number of cores.
func (a *Analysis) HoldingsByCores() [][]Holding {
	return grouped(a.Holdings, func(h Holding) int { return h.Place.Cores })
}

// ConcurrenciesByPlace returns the concurrencies (throughputs by number of workers) in groups. Each
// group has one kind of task, number of cores and order of delivery.
func (a *Analysis) ConcurrenciesByPlace() [][]Concurrency {
	return grouped(a.Concurrencies, func(c Concurrency) Place { return PlaceOf(c.Who) })
}

// LatenciesByPlace returns the latencies (response times of open loops) in groups. Each group has
// one kind of task, number of cores and order of delivery.
func (a *Analysis) LatenciesByPlace() [][]Latency {
	return grouped(a.Latencies, func(l Latency) Place { return PlaceOf(l.Who) })
}

// Cells returns all cells of the run, including the direct loops.
func (a *Analysis) Cells() []harness.Cell { return slices.Clone(a.cells) }

// Strategies returns the cells of all questions, without those of the direct loop.
func (a *Analysis) Strategies() []harness.Cell {
	rows := slices.Concat(mapped(a.Questions(), func(q Question) []Row { return q.Rows })...)
	return others(mapped(rows, func(r Row) harness.Cell { return r.Cell }))
}

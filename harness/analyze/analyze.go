// Package analyze turns the samples of a run into answers. It reads nothing but
// harness.Info and []harness.Sample and touches neither files nor clock:
//
//  1. Samples are put in turns: launches of one block in one round are paired (table).
//  2. Ratios of makespans are taken within turns and summed up over rounds (Estimate).
//  3. Each question, "which strategy is best for this task on these cores in this
//     order?", gets rows of speed-up and efficiency, one verdict on each two strategies,
//     and a Winner.
//  4. Along the grain, each strategy gets a Curve with its METG, and each two strategies
//     a Crossover, by the verdicts of the questions.
//  5. Where chunks were swept, each strategy gets a Chunking: the regret of every chunk
//     against the best fixed number.
//  6. Where a strategy delivered in both orders, it gets an Ordering: what order costs. Where
//     memory or misfortune is what tasks are about, processes beside goroutines get an
//     Isolation, and what all of them hold a Holding.
//  7. What people say about pools is put to the test by these (Claim).
//  8. The controls of the run are summed up: A/A twins, fixed loops, cells that must
//     agree.
//
// Everything comes with an interval, n, and Notes: doubts are values that are printed
// with the result. What the data cannot identify has an answer of its own kind and never
// a number.
package analyze

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// Settings say how to judge. The zero value is the usual one.
type Settings struct {
	Margin     float64                    // ratios within 1 ± this are alike; 0 for 0.02
	Confidence float64                    // of intervals and families; 0 for 0.95
	Efficiency float64                    // the target of METG; 0 for 0.5
	Waits      func(workload string) bool // tasks mostly wait, so efficiency means nothing; nil for none
}

func (s Settings) filled() Settings {
	s.Margin = cmp.Or(s.Margin, 0.02)
	s.Confidence = cmp.Or(s.Confidence, 0.95)
	s.Efficiency = cmp.Or(s.Efficiency, 0.5)
	if s.Waits == nil {
		s.Waits = func(string) bool { return false }
	}
	return s
}

// An Analysis is all that a run can say.
type Analysis struct {
	Info     harness.Info
	Settings Settings
	Rounds   int // rounds with at least one launch
	Complete int // rounds less the last, if that lacks cells that the one before it holds
	Launches int
	Marked   int // launches that were suspect; they are kept
	Settled  int // blocks that were measured enough to leave the run, where they could

	Questions  []Question  // by workload, payload, cores, order, grain
	Curves     []Curve     // by workload, payload, cores, order, strategy; none for tasks that wait
	Crossovers []Crossover // by workload, payload, cores, order; against direct first
	Chunkings  []Chunking  // by workload, payload, cores, order, strategy
	Orderings  []Ordering  // by workload, payload, cores, grain, strategy
	Isolations []Isolation // by workload, payload, cores, order, grain, strategy
	Holdings   []Holding   // likewise
	Claims     []Claim     // that the run says something about
	Scales     []Scale     // by payload, then by number of tasks
	Besides    []Beside    // scales of several workloads
	Twins      Twins
	Controls   []Control
	Agreement  []Agreement
	Notes      []Note // doubts about the run as a whole, first those of its Info

	// Of tasks that wait, by workload, payload, cores, order, grain, strategy.
	Concurrencies []Concurrency
	Latencies     []Latency

	enough bool // all blocks left
}

// left returns the blocks of the samples that were measured enough, where the run let such
// blocks leave, and how many blocks there are.
func left(info harness.Info, samples []harness.Sample, set Settings) (left map[int]bool, blocks int) {
	left = map[int]bool{}
	if info.Precision == 0 {
		return left, 0
	}
	by := map[int][]harness.Sample{}
	for _, s := range samples {
		by[s.Block] = append(by[s.Block], s)
	}
	judge := Judge(info.Precision, set)
	for b, samples := range by {
		if judge(samples).Settled {
			left[b] = true
		}
	}
	return left, len(by)
}

// New analyses the samples of a run. Any subset of a run's samples is good enough for
// an analysis that says what is missing.
func New(info harness.Info, samples []harness.Sample, set Settings) *Analysis {
	set = set.filled()
	started := newTable(cold(samples))
	rest := warm(samples, started)
	whole, t := newTable(samples), newTable(rest)
	a := &Analysis{
		Info: info, Settings: set, Rounds: len(whole.rounds), Launches: len(samples), Marked: whole.marked,
		Twins: newTwins(whole, set), Controls: newControls(samples),
	}
	a.Complete = a.Rounds
	left, blocks := left(info, samples, set)
	lacks := whole.missing(left)
	if lacks > 0 {
		a.Complete--
	}
	spent := accounts(samples, set)
	a.Settled, a.enough = len(left), len(left) == blocks && blocks > 0
	for _, sw := range sweeps(t) {
		questions := sw.questions(t, set)
		for _, q := range questions {
			for i := range q.Rows {
				q.Rows[i].Account = spent[q.Rows[i].Cell]
			}
		}
		a.Questions = append(a.Questions, questions...)
		a.Agreement = append(a.Agreement, agreements(questions, set)...)
		if !set.Waits(sw.Workload) {
			a.Curves = append(a.Curves, sw.curves(t, set)...)
		}
		a.Crossovers = append(a.Crossovers, sw.crossovers(t, questions, set)...)
	}
	a.Chunkings = chunkings(t, set)
	a.Orderings = orderings(samples, t, set)
	a.Isolations, a.Holdings = isolations(rest, t, set), holdings(rest, set)
	a.Scales = append(scales(t, ByPayload, set), scales(started, ByTasks, set)...)
	a.Besides = besides(a.Scales)
	a.Claims = a.claims()
	a.Concurrencies, a.Latencies = concurrencies(a.Questions), latencies(samples, set)
	a.note(whole, lacks)
	a.Notes = append(a.Notes, absences(info, samples)...)
	return a
}

// Whole reports whether nothing tells that the run ended before what was planned was
// measured. What a budget left out of a single round leaves no trace in the samples.
func (a *Analysis) Whole() bool {
	return a.Complete == a.Rounds && (a.enough || a.Rounds >= a.Info.Rounds) && !a.Info.Finished.IsZero() && (a.Info.Budget == 0 || a.Rounds > 1)
}

func (a *Analysis) note(t *table, lacks int) {
	add := func(format string, args ...any) { a.Notes = append(a.Notes, Note(fmt.Sprintf(format, args...))) }
	for _, n := range slices.Concat(a.Info.Notes, a.Info.Ended) {
		a.Notes = append(a.Notes, Note(n))
	}
	switch {
	case a.Launches == t.void:
		add("no launch has a makespan: there is nothing to compare")
	case a.Rounds == 1:
		add("one round only: no interval and no verdict can be given")
	case a.Complete < 6:
		add("%s only: verdicts need at least 6 to be relied on", Count(a.Complete, "round"))
	}
	last := ""
	if lacks > 0 {
		last = fmt.Sprintf(", and a part of one more, which lacks %s; its launches are used", Count(lacks, "cell"))
	}
	switch p := a.Info.Rounds; {
	case a.enough:
		add("all blocks were measured to %s, or clearly enough, after %s", Percent(a.Info.Precision), Count(a.Rounds, "round"))
	case p > a.Complete:
		add("the run holds %d of the %d rounds that were planned%s", a.Complete, p, last)
	case last != "":
		add("the run holds %s%s", Count(a.Complete, "round"), last)
	}
	if t.void > 0 && t.void < a.Launches {
		add("%s had no usable makespan and took no part", Count(t.void, "launch"))
	}
	if t.marked > 0 {
		add("%s marked as suspect: kept; where estimates without them differ, a note says so", Count(t.marked, "launch"))
	}
	if t.sub > 0 {
		add("%s measured a subsample of the job, since all of it would have taken too long serially", Count(t.sub, "launch"))
	}
}

// A Series is a strategy with its parameters, along the grain: a cell whose Grain is 0.
type Series = harness.Cell

// A sweep is the cells that differ in the grain and in who does the work, and in nothing
// else. Direct stands in every sweep of its task and cores, whatever the order.
type sweep struct {
	Place
	grains []int
	series []Series // direct first
	cells  map[harness.Cell]bool
	left   map[harness.Cell]bool // that were left out, wherever they stand; see crowd
}

func sweeps(t *table) []sweep {
	by := map[Place][]harness.Cell{}
	var loops []harness.Cell
	left := crowd(t)
	for c := range t.cells {
		if c.Strategy == harness.Direct {
			loops = append(loops, c)
			continue
		}
		if left[c] {
			continue
		}
		by[PlaceOf(c)] = append(by[PlaceOf(c)], c)
	}
	for _, c := range loops {
		if left[c] {
			continue
		}
		alone := true
		for k := range by {
			if k == (Place{c.Workload, c.Payload, c.Spread, c.Memory, c.Tasks, c.Shape, c.Cores, k.Order}) {
				by[k] = append(by[k], c)
				alone = false
			}
		}
		if alone {
			by[PlaceOf(c)] = append(by[PlaceOf(c)], c)
		}
	}
	var out []sweep
	for k, cells := range by {
		s := sweep{Place: k, cells: map[harness.Cell]bool{}, left: left}
		grains, series := map[int]bool{}, map[Series]bool{}
		for _, c := range cells {
			s.cells[c] = true
			grains[c.Grain] = true
			c.Grain = 0
			series[c] = true
		}
		s.grains = slices.Sorted(maps.Keys(grains))
		s.series = slices.SortedFunc(maps.Keys(series), CompareSeries)
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b sweep) int { return a.compare(b.Place) })
	return out
}

func (s sweep) cell(who Series, grain int) (harness.Cell, bool) {
	who.Grain = grain
	return who, s.cells[who]
}

// CompareSeries puts direct first, serial next, then the others by name and parameters.
func CompareSeries(a, b Series) int {
	rank := func(s string) int { return slices.Index([]string{"serial", harness.Direct}, s) }
	return cmp.Or(-cmp.Compare(rank(a.Strategy), rank(b.Strategy)), cmp.Compare(a.Strategy, b.Strategy),
		slices.Compare(a.Settings(), b.Settings()),
		a.Chunk.Compare(b.Chunk), cmp.Compare(a.Workers, b.Workers), cmp.Compare(a.Window, b.Window),
		compareOrder(a.Order, b.Order))
}

func compareOrder(a, b string) int {
	orders := []string{harness.MapOrder, harness.InputOrder, harness.CompletionOrder, harness.SingleOrder}
	return cmp.Or(cmp.Compare(slices.Index(orders, a), slices.Index(orders, b)), cmp.Compare(a, b))
}

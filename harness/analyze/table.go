package analyze

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A turn is one measurement of a block: all launches of the block in one round. Launches of the
// same turn are paired. If a launch was starved or contaminated, the run can measure the block
// again in the same round. The field attempt numbers the turns of a block in one round, from 0.
type turn struct{ round, attempt, block int }

// anyBlock returns the turn with its block set to 0. As a key, the result pairs turns of different
// blocks in the same round.
func (t turn) anyBlock() turn { return turn{t.round, t.attempt, 0} }

func turnOf(s harness.Sample) turn { return turn{s.Round, s.Attempt, s.Block} }

// A value is a cell's makespan per task in one turn, in ns, or another quantity (see tableOf). It
// is marked if the launch was contaminated.
type value struct {
	ns     float64
	marked bool
}

// A pair holds the logarithm of the ratio of two values from launches of the same round. It is
// marked if one of the launches was contaminated.
type pair struct {
	turn   turn
	log    float64
	marked bool
}

// A table holds one value per launch, such as the makespan, keyed by cell and turn.
type table struct {
	set    Settings
	all    []harness.Cell // direct first, then by strategy and parameters
	cells  map[harness.Cell]map[turn]value
	twins  map[harness.Cell]map[turn]value
	tasks  map[harness.Task]float64 // number of tasks in a job
	rounds []int                    // rounds with at least one launch
	made   map[harness.Cell][]turn  // turns with a usable value, including starved launches
	void   int                      // number of samples without a usable value
	marked int                      // number of contaminated samples, which are used
	sub    int                      // number of samples that measured only a part of the job

	busyCores map[harness.Cell]float64 // CPU time divided by makespan: median over launches

	starved int                   // number of starved samples, which are left out
	busy    map[harness.Cell]bool // cells with mostly starved launches, which get no verdict
	// may returns the reason to withdraw the verdict of comparison c, which is the result of
	// contest k. It returns "" if the verdict stands. A nil function withdraws no verdict.
	may func(k contest, c Comparison) Note
}

// held returns the reason to withdraw the verdict of comparison c, the result of contest k. It
// returns "" if the verdict stands.
func (t *table) held(k contest, c Comparison) Note {
	switch {
	case t.busy[k.a] || t.busy[k.b]:
		return "the machine was busy: other processes took the cores of most launches"
	case t.may == nil || c.Verdict == Unresolved:
		return ""
	}
	return t.may(k, c)
}

// shortest and longest limit a makespan per task, in ns. A value outside them is not a measurement.
const shortest, longest = 1e-6, 1e18

// newTable returns a table whose values are makespans per task.
func newTable(samples []harness.Sample, set Settings) *table {
	return tableOf(samples, set, inUnit(harness.UnitTask))
}

// inUnit returns a function that returns the value of a sample in the given unit. The function
// returns 0 if the sample has no such value.
func inUnit(unit string) func(harness.Sample) float64 {
	return func(s harness.Sample) float64 { return s.Values[unit] }
}

// tableOf returns a table with one value per sample: the result of the function valueOf. The table
// pairs and judges these values in the same way as makespans. It leaves out samples with an
// impossible value, such as 0.
func tableOf(samples []harness.Sample, set Settings, valueOf func(harness.Sample) float64) *table {
	t := &table{
		set:   set,
		cells: map[harness.Cell]map[turn]value{},
		twins: map[harness.Cell]map[turn]value{},
		tasks: map[harness.Task]float64{},
		made:  map[harness.Cell][]turn{},
	}
	rounds := map[int]bool{}
	starved, clean := map[harness.Cell]int{}, map[harness.Cell]int{}
	used := map[harness.Cell][]float64{}
	for _, s := range samples {
		if s.Cell.Rate > 0 {
			continue // an open loop has no makespan: see Latency
		}
		ns := valueOf(s)
		if !(ns > shortest && ns < longest) {
			t.void++
			continue
		}
		rounds[s.Round] = true
		if !s.Twin {
			t.made[s.Cell] = append(t.made[s.Cell], turnOf(s))
		}
		if t.cells[s.Cell] == nil && !s.Twin {
			t.cells[s.Cell] = map[turn]value{} // also for a starved cell, which keeps its row in a question
		}
		t.tasks[s.Cell.Task] = s.Values[harness.UnitTasks]
		if s.Starved() {
			t.starved++
			starved[s.Cell]++
			continue
		}
		clean[s.Cell]++
		if cpu, wall := s.Values[harness.UnitCPU], s.Values[harness.UnitTask]; cpu > 0 && wall > 0 {
			used[s.Cell] = append(used[s.Cell], cpu/wall)
		}
		if s.Contaminated() {
			t.marked++
		}
		if s.Subsample {
			t.sub++
		}
		into := t.cells
		if s.Twin {
			into = t.twins
		}
		turns := into[s.Cell]
		if turns == nil {
			turns = map[turn]value{}
			into[s.Cell] = turns
		}
		at := turnOf(s)
		for turns[at] != (value{}) { // older files do not number attempts
			at.attempt++
		}
		turns[at] = value{ns, s.Contaminated()}
	}
	t.busy, t.busyCores = map[harness.Cell]bool{}, map[harness.Cell]float64{}
	for c, all := range used {
		t.busyCores[c] = Median(all)
	}
	for c, n := range starved {
		t.busy[c] = n > clean[c]
	}
	t.rounds = slices.Sorted(maps.Keys(rounds))
	names := map[harness.Cell]string{}
	for c := range t.cells {
		names[c] = c.Name()
	}
	t.all = slices.SortedFunc(maps.Keys(t.cells), func(a, b harness.Cell) int {
		return cmp.Or(CompareSeries(a, b), cmp.Compare(names[a], names[b]))
	})
	return t
}

// others returns all cells except those of direct loops.
func others(cells []harness.Cell) []harness.Cell {
	return only(cells, func(c harness.Cell) bool { return !isDirect(c) })
}

func isDirect(c harness.Cell) bool { return c.Strategy == harness.Direct }

// missing returns the number of cells that an unfinished last round lacks: the cells that the round
// before it launched and the last round did not. It does not count cells that were dropped earlier,
// or cells in the blocks ended, whose questions are answered.
func (t *table) missing(ended map[int]bool) (missing int) {
	n := len(t.rounds)
	if n < 2 {
		return 0
	}
	for _, turns := range t.made {
		launched := map[int]map[int]bool{t.rounds[n-2]: {}, t.rounds[n-1]: {}} // blocks, by round
		for _, at := range turns {
			if blocks := launched[at.round]; blocks != nil {
				blocks[at.block] = true
			}
		}
		for block := range launched[t.rounds[n-2]] {
			if !ended[block] && !launched[t.rounds[n-1]][block] {
				missing++
			}
		}
	}
	return missing
}

// turns returns the keys of m in the order of measurement.
func turns[V any](m map[turn]V) []turn {
	return slices.SortedFunc(maps.Keys(m), func(a, b turn) int {
		return cmp.Or(cmp.Compare(a.round, b.round), cmp.Compare(a.attempt, b.attempt), cmp.Compare(a.block, b.block))
	})
}

// median returns the median of the cell's values over launches.
func (t *table) median(c harness.Cell) Estimate {
	values := slices.Collect(maps.Values(t.cells[c]))
	return summary(mapped(values, func(v value) float64 { return v.ns }), t.set.Confidence)
}

// at returns the value of cell c in the given turn. If the turn did not measure c, it returns the
// median of c's values.
func (t *table) at(c harness.Cell, turn turn) float64 {
	if v, ok := t.cells[c][turn]; ok {
		return v.ns
	}
	return t.median(c).Value
}

// speedup returns the speed-up of the cell over the direct loop, from ratios of launches of the
// same round.
func (t *table) speedup(c harness.Cell) Estimate {
	return fromLogs(mapped(t.pairs(c, direct(c)), func(p pair) float64 { return -p.log }), t.set.Confidence)
}

// pairs returns, for each turn, the logarithm of the ratio of the makespans T_a and T_b. If no
// block contains both cells, their makespans are first divided by those of the direct loops of
// their blocks, w_a and w_b: ln(T_a/w_a) - ln(T_b/w_b) in the same round.
func (t *table) pairs(a, b harness.Cell) []pair {
	if t.busy[a] || t.busy[b] {
		return nil // the remaining launches are too few to represent the cell
	}
	out := join(t.cells[a], t.cells[b])
	if len(out) > 0 || a == direct(a) || b == direct(b) {
		return out
	}
	others := map[turn]pair{}
	for _, p := range t.pairs(b, direct(b)) {
		others[p.turn.anyBlock()] = p
	}
	for _, p := range t.pairs(a, direct(a)) {
		if q, ok := others[p.turn.anyBlock()]; ok {
			out = append(out, pair{p.turn, p.log - q.log, p.marked || q.marked})
		}
	}
	return out
}

// join returns a pair, with the logarithm of the ratio, for each turn that has values in both a and
// b.
func join(a, b map[turn]value) []pair {
	var out []pair
	for _, at := range turns(a) {
		if v, ok := b[at]; ok {
			out = append(out, pair{at, math.Log(a[at].ns / v.ns), a[at].marked || v.marked})
		}
	}
	return out
}

// logs returns the logarithms of pairs.
func logs(pairs []pair) []float64 { return mapped(pairs, func(p pair) float64 { return p.log }) }

// unmarked returns the pairs whose launches were not contaminated.
func unmarked(pairs []pair) []pair { return only(pairs, func(p pair) bool { return !p.marked }) }

// best returns the cell with the smallest score. The function score computes the score of a cell
// from logarithms, one per round: those of the cell's makespan divided by that of the direct loop.
// If no round measured both, the score is the ratio of their medians. The score of the direct loop
// is 1.
func (t *table) best(cells []harness.Cell, score func(logs []float64) float64) harness.Cell {
	scores := map[harness.Cell]float64{}
	for _, c := range cells {
		if xs := logs(t.pairs(c, direct(c))); c == direct(c) {
			scores[c] = 1
		} else if len(xs) > 0 {
			scores[c] = score(xs)
		} else {
			scores[c] = t.median(c).Value / max(t.median(direct(c)).Value, 1e-300)
		}
	}
	return slices.MinFunc(cells, func(a, b harness.Cell) int {
		return cmp.Or(cmp.Compare(scores[a], scores[b]), CompareSeries(a, b))
	})
}

// fastest returns the cell with the smallest estimated makespan relative to the direct loop.
func (t *table) fastest(cells []harness.Cell) harness.Cell {
	return t.best(cells, func(logs []float64) float64 { return fromLogs(logs, t.set.Confidence).Value })
}

package analyze

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A turn is one measuring of one block: launches of the same turn are paired. Attempt
// counts the times that a block was measured in the round; it was measured again where a
// launch of it was suspect.
type turn struct{ round, attempt, block int }

// anyBlock returns the turn of all blocks, to pair cells of several.
func (t turn) anyBlock() turn { return turn{t.round, t.attempt, 0} }

func turnOf(s harness.Sample) turn { return turn{s.Round, s.Attempt, s.Block} }

// A value is a cell's makespan per task in one turn, in ns.
type value struct {
	ns     float64
	marked bool
}

// A pair is the logarithm of a ratio of two values that were measured in the same round.
type pair struct {
	turn   turn
	log    float64
	marked bool
}

// A table finds values by cell and turn.
type table struct {
	set    Settings
	all    []harness.Cell // direct first, then by strategy and parameters
	cells  map[harness.Cell]map[turn]value
	twins  map[harness.Cell]map[turn]value
	tasks  map[harness.Task]float64 // in a job
	rounds []int                    // in which any cell was measured
	made   map[harness.Cell][]turn  // launches with a makespan, starved ones too
	void   int                      // samples without a usable makespan
	marked int
	sub    int

	busyCores map[harness.Cell]float64 // CPU time over makespan: the median, where tasks compute

	starved int                   // samples that take no part, since others took their cores
	busy    map[harness.Cell]bool // cells of which too many launches were starved for a verdict
	// May is nil, or returns why the verdict of a comparison may not be given; "" if it may.
	may func(a, b harness.Cell, c Comparison) Note
}

// held returns why the verdict of a comparison is withdrawn; "" if it stands.
func (t *table) held(a, b harness.Cell, c Comparison) Note {
	switch {
	case t.busy[a] || t.busy[b]:
		return "the machine was busy: other processes took the cores of most launches"
	case t.may == nil || c.Verdict == Unresolved:
		return ""
	}
	return t.may(a, b, c)
}

// A makespan per task, in ns, beyond these is not a measurement: a millionth of a
// nanosecond and thirty years.
const shortest, longest = 1e-6, 1e18

// newTable returns the table of makespans per task.
func newTable(samples []harness.Sample, set Settings) *table {
	return tableOf(samples, set, inUnit(harness.UnitTask))
}

// inUnit returns a function for the value of a sample in a unit, 0 where it has none.
func inUnit(unit string) func(harness.Sample) float64 {
	return func(s harness.Sample) float64 { return s.Values[unit] }
}

// tableOf returns a table of other values in place of the makespans, so that they are paired
// and judged as makespans are. It leaves out samples without the value.
func tableOf(samples []harness.Sample, set Settings, of func(harness.Sample) float64) *table {
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
		ns := of(s)
		if !(ns > shortest && ns < longest) {
			t.void++
			continue
		}
		rounds[s.Round] = true
		if !s.Twin {
			t.made[s.Cell] = append(t.made[s.Cell], turnOf(s))
		}
		if t.cells[s.Cell] == nil && !s.Twin {
			t.cells[s.Cell] = map[turn]value{} // a question about it stays, if only to say so
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
	t.all = slices.SortedFunc(maps.Keys(t.cells), func(a, b harness.Cell) int {
		return cmp.Or(CompareSeries(a, b), cmp.Compare(a.Name(), b.Name()))
	})
	return t
}

// others returns the cells of all other strategies.
func (t *table) others() []harness.Cell {
	return only(t.all, func(c harness.Cell) bool { return !isDirect(c) })
}

func isDirect(c harness.Cell) bool { return c.Strategy == harness.Direct }

// missing counts the cells that were launched in the last round but one and not in the last,
// other than those of blocks that had left. A run is cut short in its last round; cells that
// the run gave up before are in neither of the two.
func (t *table) missing(left map[int]bool) (missing int) {
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
			if !left[block] && !launched[t.rounds[n-1]][block] {
				missing++
			}
		}
	}
	return missing
}

// turns returns the turns of m in the order of measuring.
func turns[V any](m map[turn]V) []turn {
	return slices.SortedFunc(maps.Keys(m), func(a, b turn) int {
		return cmp.Or(cmp.Compare(a.round, b.round), cmp.Compare(a.attempt, b.attempt), cmp.Compare(a.block, b.block))
	})
}

// median returns the median of the cell's values over launches.
func (t *table) median(c harness.Cell) Estimate {
	var all []float64
	for _, v := range t.cells[c] {
		all = append(all, v.ns)
	}
	return summary(all, t.set.Confidence)
}

// at returns the value of a cell in a turn, and where there is none the cell's median.
func (t *table) at(c harness.Cell, turn turn) float64 {
	if v, ok := t.cells[c][turn]; ok {
		return v.ns
	}
	return t.median(c).Value
}

// speedup returns w/T, paired by round.
func (t *table) speedup(c harness.Cell) Estimate {
	all := logs(t.pairs(c, direct(c)))
	for i, x := range all {
		all[i] = -x
	}
	return fromLogs(all, t.set.Confidence)
}

// pairs returns ln(T_a/T_b) by turn. Cells that never stood in one block are compared
// through the direct loop of each: ln(T_a/w_a) - ln(T_b/w_b) in the same round.
func (t *table) pairs(a, b harness.Cell) []pair {
	if t.busy[a] || t.busy[b] {
		return nil // the launches that are left are too few to stand for the others
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
func logs(pairs []pair) []float64 {
	out := make([]float64, len(pairs))
	for i, p := range pairs {
		out[i] = p.log
	}
	return out
}

// best returns the cell with the smallest score of its ratios to direct, and where direct is
// missing the smallest median makespan.
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

// fastest returns the cell with the smallest centre of T/w.
func (t *table) fastest(cells []harness.Cell) harness.Cell {
	return t.best(cells, func(logs []float64) float64 { return fromLogs(logs, t.set.Confidence).Value })
}

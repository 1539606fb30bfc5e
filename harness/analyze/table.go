package analyze

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A turn is one measuring of one block: what was launched in the same turn is paired.
// Attempt counts the times that a block was measured in the round; it was again where a
// launch of it was suspect.
type turn struct{ round, attempt, block int }

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
	cells  map[harness.Cell]map[turn]value
	twins  map[harness.Cell]map[turn]value
	tasks  map[harness.Task]float64 // in a job
	rounds []int                    // that any cell was seen in
	void   int                      // samples without a usable makespan
	marked int
	sub    int
}

// A makespan per task, in ns, beyond these is not a measurement: a millionth of a
// nanosecond and thirty years.
const shortest, longest = 1e-6, 1e18

func newTable(samples []harness.Sample) *table {
	t := &table{
		cells: map[harness.Cell]map[turn]value{},
		twins: map[harness.Cell]map[turn]value{},
		tasks: map[harness.Task]float64{},
	}
	rounds := map[int]bool{}
	for _, s := range samples {
		if s.Cell.Rate > 0 {
			continue // an open loop has no makespan: see Latency
		}
		ns := s.Values[harness.UnitTask]
		if !(ns > shortest && ns < longest) {
			t.void++
			continue
		}
		rounds[s.Round] = true
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
		t.tasks[s.Cell.Task] = s.Values[harness.UnitTasks]
		// Older files do not number attempts.
		at := turn{round: s.Round, attempt: s.Attempt, block: s.Block}
		for ; has(turns, at); at.attempt++ {
		}
		turns[at] = value{ns, s.Contaminated()}
	}
	t.rounds = slices.Sorted(maps.Keys(rounds))
	return t
}

// sorted returns the cells, direct first.
func (t *table) sorted() []harness.Cell {
	return slices.SortedFunc(maps.Keys(t.cells), func(a, b harness.Cell) int {
		return cmp.Or(CompareSeries(a, b), cmp.Compare(a.Name(), b.Name()))
	})
}

// missing counts the cells that were launched in the last round but one and not in the last,
// other than those of blocks that had left. A run is cut short in its last round; cells that
// were given up before are in neither of two.
func (t *table) missing(left map[int]bool) int {
	n := len(t.rounds)
	if n < 2 {
		return 0
	}
	one, other, out := t.rounds[n-2], t.rounds[n-1], 0
	for _, turns := range t.cells {
		in := map[[2]int]bool{} // block and round
		for at := range turns {
			in[[2]int{at.block, at.round}] = true
		}
		for at := range in {
			if at[1] == one && !left[at[0]] && !in[[2]int{at[0], other}] {
				out++
			}
		}
	}
	return out
}

func has[K comparable, V any](m map[K]V, k K) bool { _, ok := m[k]; return ok }

// turns returns the turns of m in the order of measuring.
func turns[V any](m map[turn]V) []turn {
	return slices.SortedFunc(maps.Keys(m), func(a, b turn) int {
		return cmp.Or(cmp.Compare(a.round, b.round), cmp.Compare(a.attempt, b.attempt), cmp.Compare(a.block, b.block))
	})
}

func (t *table) values(c harness.Cell) []float64 {
	var out []float64
	for _, at := range turns(t.cells[c]) {
		out = append(out, t.cells[c][at].ns)
	}
	return out
}

// direct returns the cell of the direct loop that stands in c's blocks.
func direct(c harness.Cell) harness.Cell {
	return harness.Cell{
		Task: harness.Task{Workload: c.Workload, Grain: c.Grain, Payload: c.Payload, Spread: c.Spread, Memory: c.Memory, Shape: c.Shape, Tasks: c.Tasks}, Cores: c.Cores,
		Strategy: harness.Direct, Workers: 1, Chunk: "1", Order: harness.MapOrder,
	}
}

// pairs returns ln(T_a/T_b) by turn. Cells that never stood in one block are compared
// through the direct loop of each: ln(T_a/w_a) - ln(T_b/w_b) in the same round.
func (t *table) pairs(a, b harness.Cell) []pair {
	if out := join(t.cells[a], t.cells[b]); len(out) > 0 || a == b {
		return out
	}
	type round struct{ round, attempt int }
	others := map[round]pair{}
	for _, p := range t.pairs(b, direct(b)) {
		others[round{p.turn.round, p.turn.attempt}] = p
	}
	var out []pair
	if b == direct(b) || a == direct(a) {
		return out
	}
	for _, p := range t.pairs(a, direct(a)) {
		if q, ok := others[round{p.turn.round, p.turn.attempt}]; ok {
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

// clean returns the pairs without a marked launch.
func clean(pairs []pair) []pair {
	return slices.DeleteFunc(slices.Clone(pairs), func(p pair) bool { return p.marked })
}

func negate(logs []float64) []float64 {
	out := make([]float64, len(logs))
	for i, x := range logs {
		out[i] = -x
	}
	return out
}

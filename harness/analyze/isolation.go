package analyze

import (
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
)

// An Isolation compares a strategy of worker processes with goroutines, for one kind of task.
type Isolation struct {
	Work   Estimate     // w, ns per task of the direct loop
	Cell   harness.Cell // worker processes
	Than   harness.Cell // goroutines, or the direct loop if goroutines cannot run the tasks
	Time   Comparison   // makespan of Cell divided by that of Than
	Memory Comparison   // peak memory of all processes of Cell divided by that of Than; unknown if it was not measured
}

// A Holding lists the memory that each strategy takes for one kind of task.
type Holding struct {
	Place Place
	Rows  []Held // direct first
}

// A Held is the memory of one strategy in a [Holding]. Values are medians over launches, in bytes.
type Held struct {
	Cell harness.Cell
	Peak Estimate // peak memory of all processes
	// Each is the memory per worker: the difference between the peak and that of the direct loop in
	// the same turn, divided by the number of workers. It may be negative. It is unknown for
	// direct, and where direct was not measured.
	Each Estimate
}

// OfMemory reports whether an analysis compares the memory of strategies for the task t. It does so
// if the task uses memory or has injected faults, leaks or delays.
func OfMemory(t harness.Task) bool { return t.Memory > 0 || t.Shape != "" }

// crashes reports whether tasks with this shape (selection of injected faults) end their process.
func crashes(shape string) bool { return hasShape(shape, "exit") || hasShape(shape, "kill") }

// hasShape reports whether the name of a shape (selection of injected faults) contains a fault
// whose name begins with kind.
func hasShape(shape, kind string) bool {
	return slices.ContainsFunc(strings.Split(shape, "+"), func(s string) bool { return strings.HasPrefix(s, kind) })
}

// isolations returns comparisons of worker processes with goroutines, for the tasks that [OfMemory]
// selects. If a selected task has injected faults, and the same task was measured without faults,
// isolations also compares processes with goroutines for the task without faults.
func isolations(samples []harness.Sample, t *table) []Isolation {
	cells := only(others(t.all), func(c harness.Cell) bool {
		return c.Strategy == harness.Processes && (OfMemory(c.Task) || slices.ContainsFunc(t.all, func(o harness.Cell) bool {
			shaped := o.Shape != ""
			o.Shape = ""
			return shaped && o.Task == c.Task
		}))
	})
	slices.SortFunc(cells, CompareCells)
	memory := tableOf(samples, t.set, inUnit(harness.UnitPSS))
	out := make([]Isolation, len(cells))
	var times, memories []contest
	for i, c := range cells {
		than := t.goroutines(c)
		out[i] = Isolation{Work: t.median(direct(c)), Cell: c, Than: than}
		times = append(times, contest{a: c, b: than, pairs: t.pairs(c, than), into: &out[i].Time})
		memories = append(memories, contest{a: c, b: than, pairs: memory.pairs(c, than), into: &out[i].Memory})
	}
	t.judge(times)
	memory.judge(memories)
	return out
}

// goroutines returns the cell with which to compare cell c of worker processes. This is the cell of
// pool or, if pool was not measured, of the first goroutine strategy by name. If no goroutines were
// measured, it is the direct loop.
func (t *table) goroutines(c harness.Cell) harness.Cell {
	all := only(others(t.all), func(o harness.Cell) bool {
		return o.Strategy != harness.Processes && o.Strategy != "serial" && PlaceOf(o) == PlaceOf(c) && o.Workers == c.Workers
	})
	if len(all) == 0 {
		return direct(c)
	}
	pool := slices.IndexFunc(all, func(c harness.Cell) bool { return c.Strategy == "pool" && c.Chunk == all[0].Chunk })
	return all[max(0, pool)]
}

// holdings returns a Holding, with the memory of all strategies, for each kind of task that
// [OfMemory] selects.
func holdings(samples []harness.Sample, set Settings) []Holding {
	t := tableOf(samples, set, inUnit(harness.UnitPSS))
	var out []Holding
	for _, cells := range grouped(only(t.all, func(c harness.Cell) bool { return OfMemory(c.Task) }), PlaceOf) {
		h := Holding{Place: PlaceOf(cells[0])}
		if loop := direct(cells[0]); !isDirect(cells[0]) && len(t.cells[loop]) > 0 { // direct is a row for every order
			cells = append([]harness.Cell{loop}, cells...)
		}
		h.Rows = mapped(cells, func(c harness.Cell) Held { return Held{Cell: c, Peak: t.median(c), Each: t.each(c)} })
		if len(h.Rows) > 1 {
			out = append(out, h)
		}
	}
	slices.SortFunc(out, func(a, b Holding) int { return a.Place.compare(b.Place) })
	return out
}

// each returns the memory that each worker adds, in bytes. This is the memory of the cell minus
// that of the direct loop, divided by the number of workers.
func (t *table) each(c harness.Cell) Estimate {
	var all []float64
	for at, held := range t.cells[c] {
		if loop, ok := t.cells[direct(c)][at]; ok && !isDirect(c) {
			all = append(all, (held.ns-loop.ns)/float64(c.Workers))
		}
	}
	return summary(all, t.set.Confidence)
}

package analyze

import (
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
)

// An Isolation compares one way to have worker processes with goroutines, for one kind of task.
type Isolation struct {
	Work   Estimate     // ns per task of the direct loop
	Cell   harness.Cell // of processes
	Than   harness.Cell // of goroutines; of the plain loop where those cannot run such tasks
	Time   Comparison   // makespan over that of Than
	Memory Comparison   // the most that all processes held over that of Than; not known without that
}

// A Holding is how much memory the ways to run one kind of task hold.
type Holding struct {
	Place Place
	Rows  []Held // direct first
}

// A Held is one row of a Holding: medians over launches, in bytes.
type Held struct {
	Cell harness.Cell
	Peak Estimate // the most that all processes held
	// Each is the share of a worker: the peak less that of the plain loop in the same turn, by
	// workers. It may be below 0; not known for direct, and without it.
	Each Estimate
}

// OfMemory reports whether strategies differ in their memory for these tasks: they work on
// some, or have a shape, as tasks that fail or leak.
func OfMemory(t harness.Task) bool { return t.Memory > 0 || t.Shape != "" }

// crashes reports whether tasks of the shape end their process.
func crashes(shape string) bool { return hasShape(shape, "exit") || hasShape(shape, "kill") }

func hasShape(shape, kind string) bool {
	return slices.ContainsFunc(strings.Split(shape, "+"), func(s string) bool { return strings.HasPrefix(s, kind) })
}

// isolations compares each way to have worker processes with goroutines, for the tasks of
// [OfMemory], and for the same tasks without their shape.
func isolations(samples []harness.Sample, t *table) []Isolation {
	cells := only(t.others(), func(c harness.Cell) bool {
		return c.Strategy == harness.Processes && (OfMemory(c.Task) || slices.ContainsFunc(t.all, func(o harness.Cell) bool {
			shaped := o.Shape != ""
			o.Shape = ""
			return shaped && o.Task == c.Task
		}))
	})
	slices.SortFunc(cells, compareCells)
	memory := tableOf(samples, t.set, inUnit(harness.UnitPSS))
	out := make([]Isolation, len(cells))
	var times, memories []contest
	for i, c := range cells {
		than := t.goroutines(c)
		out[i] = Isolation{Work: t.median(direct(c)), Cell: c, Than: than}
		times = append(times, contest{c, than, t.pairs(c, than), &out[i].Time})
		memories = append(memories, contest{c, than, memory.pairs(c, than), &out[i].Memory})
	}
	t.judge(times)
	memory.judge(memories)
	return out
}

// goroutines returns the cell of goroutines to compare c with: pool where it was measured,
// else the first by name, else the plain loop.
func (t *table) goroutines(c harness.Cell) harness.Cell {
	all := only(t.others(), func(o harness.Cell) bool {
		return o.Strategy != harness.Processes && o.Strategy != "serial" && PlaceOf(o) == PlaceOf(c) && o.Workers == c.Workers
	})
	if len(all) == 0 {
		return direct(c)
	}
	pool := slices.IndexFunc(all, func(c harness.Cell) bool { return c.Strategy == "pool" && c.Chunk == all[0].Chunk })
	return all[max(0, pool)]
}

// holdings returns the memory of the strategies for each kind of task of [OfMemory].
func holdings(samples []harness.Sample, set Settings) []Holding {
	t := tableOf(samples, set, inUnit(harness.UnitPSS))
	var out []Holding
	for _, cells := range grouped(only(t.all, func(c harness.Cell) bool { return OfMemory(c.Task) }), PlaceOf) {
		h := Holding{Place: PlaceOf(cells[0])}
		if loop := direct(cells[0]); !isDirect(cells[0]) && len(t.cells[loop]) > 0 { // it is compared with every order
			cells = append([]harness.Cell{loop}, cells...)
		}
		for _, c := range cells {
			h.Rows = append(h.Rows, Held{Cell: c, Peak: t.median(c), Each: t.each(c)})
		}
		if len(h.Rows) > 1 {
			out = append(out, h)
		}
	}
	slices.SortFunc(out, func(a, b Holding) int { return a.Place.compare(b.Place) })
	return out
}

// each returns how much a worker of the cell adds to the memory of the plain loop.
func (t *table) each(c harness.Cell) Estimate {
	var all []float64
	for at, held := range t.cells[c] {
		if loop, ok := t.cells[direct(c)][at]; ok && !isDirect(c) {
			all = append(all, (held.ns-loop.ns)/float64(c.Workers))
		}
	}
	return summary(all, t.set.Confidence)
}

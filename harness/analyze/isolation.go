package analyze

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
)

// apart is the strategy whose workers are processes.
const apart = "procs"

// An Isolation is what it is worth, for one kind of task, that workers are processes: one way
// to have them beside goroutines.
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
	Grain int
	Rows  []Held // direct first
}

// A Held is one row of a Holding: medians over launches, in bytes.
type Held struct {
	Cell harness.Cell
	Peak Estimate // the most that all processes held
	// Each is what a worker adds: the peak less that of the plain loop in the same turn, by
	// workers. It may be below 0; not known for direct, and without it.
	Each Estimate
}

// befalls reports whether a task is one that memory, or what befalls it, tells strategies
// apart on.
func befalls(t harness.Task) bool { return t.Memory > 0 || t.Shape != "" }

// crashes reports whether tasks of the shape end their process.
func crashes(shape string) bool { return hasShape(shape, "exit") || hasShape(shape, "kill") }

func hasShape(shape, kind string) bool {
	return slices.ContainsFunc(strings.Split(shape, "+"), func(s string) bool { return strings.HasPrefix(s, kind) })
}

// isolations compares each way to have worker processes with goroutines, for tasks that
// memory or misfortune is about, and for the same tasks without a misfortune.
func isolations(samples []harness.Sample, t *table, set Settings) []Isolation {
	plain := map[harness.Task]bool{}
	for c := range t.cells {
		if task := c.Task; task.Shape != "" {
			task.Shape = ""
			plain[task] = true
		}
	}
	memory := newTable(as(samples, peak))
	var out []Isolation
	for c := range t.cells {
		if c.Strategy != apart || !befalls(c.Task) && !plain[c.Task] {
			continue
		}
		out = append(out, Isolation{Work: summary(t.values(direct(c)), set.Confidence), Cell: c, Than: together(t, c)})
	}
	slices.SortFunc(out, func(a, b Isolation) int {
		return cmp.Or(PlaceOf(a.Cell).compare(PlaceOf(b.Cell)), cmp.Compare(a.Cell.Grain, b.Cell.Grain), CompareSeries(a.Cell, b.Cell))
	})
	judge := func(t *table, into func(*Isolation) *Comparison) {
		var family [][]float64
		for _, i := range out {
			family = append(family, logs(t.pairs(i.Cell, i.Than)))
		}
		for i, c := range compare(family, set.Confidence, set.Margin) {
			*into(&out[i]) = c
		}
	}
	judge(t, func(i *Isolation) *Comparison { return &i.Time })
	judge(memory, func(i *Isolation) *Comparison { return &i.Memory })
	return out
}

// together returns what goroutines stand beside c: pool where it was measured, else the first
// by name, else the plain loop.
func together(t *table, c harness.Cell) harness.Cell {
	var all []harness.Cell
	for other := range t.cells {
		if other.Strategy != apart && other.Strategy != harness.Direct && other.Strategy != "serial" &&
			other.Task == c.Task && PlaceOf(other) == PlaceOf(c) && other.Workers == c.Workers {
			all = append(all, other)
		}
	}
	if len(all) == 0 {
		return direct(c)
	}
	first := slices.MinFunc(all, CompareSeries)
	if i := slices.IndexFunc(all, func(c harness.Cell) bool { return c.Strategy == "pool" && c.Chunk == first.Chunk }); i >= 0 {
		return all[i]
	}
	return first
}

// peak is the most memory that a launch held.
func peak(s harness.Sample) (bytes float64, ok bool) {
	bytes, ok = s.Values[harness.UnitPSS]
	return bytes, ok
}

// holdings returns what was held for each kind of task that memory tells strategies apart on.
func holdings(samples []harness.Sample, set Settings) []Holding {
	t := newTable(as(samples, peak))
	by := map[harness.Cell][]harness.Cell{} // by the direct loop and order
	for c := range t.cells {
		if befalls(c.Task) {
			k := direct(c)
			if c.Strategy != harness.Direct {
				k.Order = c.Order
			}
			by[k] = append(by[k], c)
		}
	}
	var out []Holding
	for _, k := range slices.SortedFunc(maps.Keys(by), func(a, b harness.Cell) int {
		return cmp.Or(PlaceOf(a).compare(PlaceOf(b)), cmp.Compare(a.Grain, b.Grain))
	}) {
		if k.Order != harness.MapOrder { // direct stands beside every order
			if loop := direct(k); len(t.cells[loop]) > 0 {
				by[k] = append(by[k], loop)
			}
		}
		h := Holding{Place: PlaceOf(k), Grain: k.Grain}
		for _, c := range slices.SortedFunc(slices.Values(by[k]), CompareSeries) {
			h.Rows = append(h.Rows, Held{Cell: c, Peak: summary(t.values(c), set.Confidence), Each: each(t, c, set)})
		}
		if len(h.Rows) > 1 {
			out = append(out, h)
		}
	}
	return out
}

// each is what a worker of the cell adds to what the plain loop holds.
func each(t *table, c harness.Cell, set Settings) Estimate {
	var all []float64
	for _, at := range turns(t.cells[c]) {
		if loop, ok := t.cells[direct(c)][at]; ok && c.Strategy != harness.Direct {
			all = append(all, (t.cells[c][at].ns-loop.ns)/float64(c.Workers))
		}
	}
	return summary(all, set.Confidence)
}

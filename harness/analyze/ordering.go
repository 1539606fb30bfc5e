package analyze

import (
	"cmp"
	"maps"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// An Ordering is what it costs one strategy to deliver in the order of the inputs, beside
// delivery in that of completion and beside a map, by how the tasks differ and by window.
type Ordering struct {
	Who   harness.Cell // without spread, order and window
	Kinds []OrderKind  // by spread, tasks that are alike first
}

// An OrderKind is one kind of tasks of an Ordering.
type OrderKind struct {
	Task       harness.Task
	Work       Estimate   // w, ns per task of the direct loop
	Map        Estimate   // makespan per task of the map, in ns; not known where there was none
	MapResult  Estimate   // ns until that has a result: all of its makespan
	Deliveries []Delivery // by window, in input order first
}

// A Delivery is a stream in one order with one window. What is in ns is a median over
// launches, as benchstat's.
type Delivery struct {
	Cell         harness.Cell
	Makespan     Estimate // ns per task
	First        Estimate // ns until the consumer had the first outcome
	Held         Estimate // ns from an outcome's being done to its delivery, on average
	HeadOfLine   Estimate // of that, ns until the last before it was done; input order alone
	Most         Estimate // outcomes that were done and not delivered, at most
	Availability Estimate // share of the makespan for which an outcome was there, on average

	OverMap    Comparison // T over that of the map
	OverFree   Comparison // in input order: T over that in completion order, with the same window
	FirstEarly Comparison // time to the first result over that of the map, which is its makespan
	MoreHeld   Comparison // in input order: Most over that in completion order, with the same window
}

// orderings returns an Ordering for each strategy that delivered some tasks in both orders
// with the same window.
func orderings(samples []harness.Sample, t *table, set Settings) []Ordering {
	units := map[string]map[harness.Cell][]float64{}
	for _, unit := range []string{harness.UnitFirstResult, harness.UnitHeld, harness.UnitHeadOfLine, harness.UnitHeldTasks, harness.UnitAvailability, harness.UnitOp} {
		units[unit] = valuesOf(samples, unit)
	}
	results, held := newTable(as(samples, result)), newTable(as(samples, most))
	var out []Ordering
	for who, cells := range ordered(t) {
		slices.SortFunc(cells, func(a, b harness.Cell) int {
			return cmp.Or(cmp.Compare(a.Spread, b.Spread), cmp.Compare(window(a), window(b)), compareOrder(a.Order, b.Order))
		})
		o := Ordering{Who: who}
		for _, c := range cells {
			if n := len(o.Kinds); n == 0 || o.Kinds[n-1].Task != c.Task {
				o.Kinds = append(o.Kinds, newOrderKind(t, c, units[harness.UnitOp], set))
			}
			of := func(unit string) Estimate { return summary(units[unit][c], set.Confidence) }
			k := &o.Kinds[len(o.Kinds)-1]
			k.Deliveries = append(k.Deliveries, Delivery{
				Cell: c, Makespan: summary(t.values(c), set.Confidence), First: of(harness.UnitFirstResult),
				Held: of(harness.UnitHeld), HeadOfLine: of(harness.UnitHeadOfLine), Most: of(harness.UnitHeldTasks), Availability: of(harness.UnitAvailability),
			})
		}
		o.judge(t, free, func(d *Delivery) *Comparison { return &d.OverFree }, set)
		o.judge(t, inPlace, func(d *Delivery) *Comparison { return &d.OverMap }, set)
		o.judge(results, inPlace, func(d *Delivery) *Comparison { return &d.FirstEarly }, set)
		o.judge(held, free, func(d *Delivery) *Comparison { return &d.MoreHeld }, set)
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b Ordering) int {
		return cmp.Or(PlaceOf(a.Who).compare(PlaceOf(b.Who)), cmp.Compare(a.Who.Grain, b.Who.Grain), CompareSeries(a.Who, b.Who))
	})
	return out
}

// ordered returns the streams of each strategy that has some in both orders with the same
// window, by the cell without spread, order and window.
func ordered(t *table) map[harness.Cell][]harness.Cell {
	out := map[harness.Cell][]harness.Cell{}
	for c := range t.cells {
		if c.Order == harness.InputOrder || c.Order == harness.CompletionOrder {
			who := c
			who.Spread, who.Order, who.Window = "", "", 0
			out[who] = append(out[who], c)
		}
	}
	maps.DeleteFunc(out, func(_ harness.Cell, cells []harness.Cell) bool {
		return !slices.ContainsFunc(cells, func(c harness.Cell) bool { return c.Order == harness.InputOrder && slices.Contains(cells, free(c)) })
	})
	return out
}

// windowed is ordered for those with several windows.
func windowed(t *table) map[harness.Cell][]harness.Cell {
	out := ordered(t)
	maps.DeleteFunc(out, func(_ harness.Cell, cells []harness.Cell) bool {
		return !slices.ContainsFunc(cells, func(c harness.Cell) bool { return window(c) != window(cells[0]) })
	})
	return out
}

func newOrderKind(t *table, c harness.Cell, makespans map[harness.Cell][]float64, set Settings) OrderKind {
	m := inPlace(c)
	return OrderKind{
		Task: c.Task, Work: summary(t.values(direct(c)), set.Confidence),
		Map: summary(t.values(m), set.Confidence), MapResult: summary(makespans[m], set.Confidence),
	}
}

// judge compares each delivery with another cell, as one family; those without one are left.
func (o *Ordering) judge(t *table, other func(harness.Cell) harness.Cell, into func(*Delivery) *Comparison, set Settings) {
	var all []*Comparison
	var family [][]float64
	for i := range o.Kinds {
		for j := range o.Kinds[i].Deliveries {
			d := &o.Kinds[i].Deliveries[j]
			if than := other(d.Cell); than != d.Cell {
				if pairs := t.pairs(d.Cell, than); len(pairs) > 0 {
					all, family = append(all, into(d)), append(family, logs(pairs))
				}
			}
		}
	}
	for i, c := range compare(family, set.Confidence, set.Margin) {
		*all[i] = c
	}
}

// free is the cell in completion order.
func free(c harness.Cell) harness.Cell {
	c.Order = harness.CompletionOrder
	return c
}

// inPlace is the cell as a map.
func inPlace(c harness.Cell) harness.Cell {
	c.Order, c.Window = harness.MapOrder, 0
	return c
}

// window returns the window of a stream, where it is the default too.
func window(c harness.Cell) int {
	return cmp.Or(c.Window, max(harness.DefaultWindow, 2*c.Chunk.Fixed()))
}

// Window returns how many tasks may be under way or wait, the default among them.
func (d Delivery) Window() int { return window(d.Cell) }

// result is when the consumer of a job had its first outcome: of a map, which delivers all at
// the end, its makespan.
func result(s harness.Sample) (ns float64, ok bool) {
	unit := harness.UnitFirstResult
	if s.Cell.Order == harness.MapOrder {
		unit = harness.UnitOp
	}
	ns, ok = s.Values[unit]
	return ns, ok
}

// most is how many outcomes of a stream were done and not delivered, at most.
func most(s harness.Sample) (tasks float64, ok bool) {
	tasks, ok = s.Values[harness.UnitHeldTasks]
	return tasks, ok
}

// as returns samples whose makespan is what of says of each, so that it can be paired and
// judged as makespans are; those of which it says nothing are left out.
func as(samples []harness.Sample, of func(harness.Sample) (float64, bool)) []harness.Sample {
	var out []harness.Sample
	for _, s := range samples {
		if v, ok := of(s); ok {
			s.Values = map[string]float64{harness.UnitTask: v, harness.UnitTasks: s.Values[harness.UnitTasks]}
			out = append(out, s)
		}
	}
	return out
}

// valuesOf returns what was measured in a unit, by cell.
func valuesOf(samples []harness.Sample, unit string) map[harness.Cell][]float64 {
	out := map[harness.Cell][]float64{}
	for _, s := range samples {
		if v, ok := s.Values[unit]; ok && !s.Twin {
			out[s.Cell] = append(out[s.Cell], v)
		}
	}
	return out
}

// Windows returns the windows of all deliveries, ascending.
func (o Ordering) Windows() []int {
	all := map[int]bool{}
	for _, k := range o.Kinds {
		for _, d := range k.Deliveries {
			all[d.Window()] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

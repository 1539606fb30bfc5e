package analyze

import (
	"cmp"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// An Ordering compares one strategy's delivery in the order of the inputs with delivery in that
// of completion and with a map, by how the tasks differ and by window.
type Ordering struct {
	Who   harness.Cell // without spread, order and window
	Kinds []OrderKind  // by spread, tasks that are alike first
}

// Windows returns the windows of all deliveries, ascending.
func (o Ordering) Windows() []int {
	var all []Delivery
	for _, k := range o.Kinds {
		all = append(all, k.Deliveries...)
	}
	windows := distinct(all, Delivery.Window)
	slices.Sort(windows)
	return windows
}

// HasMap reports whether the map was measured for some kind of tasks.
func (o Ordering) HasMap() bool {
	return slices.ContainsFunc(o.Kinds, func(k OrderKind) bool { return k.Map.Known() })
}

// An OrderKind is one kind of tasks of an Ordering.
type OrderKind struct {
	Task       harness.Task
	Work       Estimate   // w, ns per task of the direct loop
	Map        Estimate   // makespan per task of the map, in ns; not known where there was none
	MapResult  Estimate   // ns until that has a result: all of its makespan
	Deliveries []Delivery // by window, in input order first
}

// A Delivery is a stream in one order with one window. Estimates in ns are medians over
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

// Window returns how many tasks may be under way or wait, the default among them.
func (d Delivery) Window() int { return window(d.Cell) }

// orderings returns an Ordering for each strategy that delivered some tasks in both orders
// with the same window.
func orderings(samples []harness.Sample, t *table) []Ordering {
	r := newReadings(only(samples, func(s harness.Sample) bool { return !s.Twin }), t.set)
	results, held := tableOf(samples, t.set, firstResult), tableOf(samples, t.set, inUnit(harness.UnitHeldTasks))
	var out []Ordering
	for _, cells := range streams(t) {
		slices.SortFunc(cells, func(a, b harness.Cell) int {
			return cmp.Or(cmp.Compare(a.Spread, b.Spread), cmp.Compare(window(a), window(b)), compareOrder(a.Order, b.Order))
		})
		o := Ordering{Who: anyStream(cells[0])}
		for _, cells := range grouped(cells, func(c harness.Cell) harness.Task { return c.Task }) {
			loop, mapped := direct(cells[0]), asMap(cells[0])
			k := OrderKind{
				Task: loop.Task, Work: t.median(loop), Map: t.median(mapped), MapResult: r.median(mapped, harness.UnitOp),
				Deliveries: make([]Delivery, len(cells)),
			}
			for i, c := range cells {
				k.Deliveries[i] = Delivery{
					Cell: c, Makespan: t.median(c), First: r.median(c, harness.UnitFirstResult),
					Held: r.median(c, harness.UnitHeld), HeadOfLine: r.median(c, harness.UnitHeadOfLine),
					Most: r.median(c, harness.UnitHeldTasks), Availability: r.median(c, harness.UnitAvailability),
				}
			}
			o.Kinds = append(o.Kinds, k)
		}
		o.judge(t, completion, func(d *Delivery) *Comparison { return &d.OverFree })
		o.judge(t, asMap, func(d *Delivery) *Comparison { return &d.OverMap })
		o.judge(results, asMap, func(d *Delivery) *Comparison { return &d.FirstEarly })
		o.judge(held, completion, func(d *Delivery) *Comparison { return &d.MoreHeld })
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b Ordering) int { return compareCells(a.Who, b.Who) })
	return out
}

// streams returns the streams of each strategy that has some in both orders with the same
// window.
func streams(t *table) [][]harness.Cell {
	all := only(t.others(), func(c harness.Cell) bool { return c.Order == harness.InputOrder || c.Order == harness.CompletionOrder })
	return only(grouped(all, anyStream), func(cells []harness.Cell) bool {
		return slices.ContainsFunc(cells, func(c harness.Cell) bool {
			return c.Order == harness.InputOrder && slices.Contains(cells, completion(c))
		})
	})
}

// anyStream returns the cell without spread, order and window.
func anyStream(c harness.Cell) harness.Cell {
	c.Spread, c.Order, c.Window = "", "", 0
	return c
}

// judge compares each delivery with another cell, as one family; it leaves out those that
// were not measured with it.
func (o *Ordering) judge(t *table, other func(harness.Cell) harness.Cell, into func(*Delivery) *Comparison) {
	var family []contest
	for _, k := range o.Kinds {
		for i := range k.Deliveries {
			d := &k.Deliveries[i]
			if than := other(d.Cell); than != d.Cell {
				if pairs := t.pairs(d.Cell, than); len(pairs) > 0 {
					family = append(family, contest{d.Cell, than, pairs, into(d)})
				}
			}
		}
	}
	t.judge(family)
}

// completion returns the cell in completion order.
func completion(c harness.Cell) harness.Cell {
	c.Order = harness.CompletionOrder
	return c
}

// asMap returns the cell as a map.
func asMap(c harness.Cell) harness.Cell {
	c.Order, c.Window = harness.MapOrder, 0
	return c
}

// window returns the window of a stream, the default among them.
func window(c harness.Cell) int {
	return cmp.Or(c.Window, max(harness.DefaultWindow, 2*c.Chunk.Fixed()))
}

// firstResult returns when the consumer of a job had its first outcome: of a map, which
// delivers all at the end, the makespan.
func firstResult(s harness.Sample) float64 {
	if s.Cell.Order == harness.MapOrder {
		return s.Values[harness.UnitOp]
	}
	return s.Values[harness.UnitFirstResult]
}

package analyze

import (
	"cmp"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// An Ordering compares how one strategy delivers outcomes: in input order, in completion order or
// as a map. It has results for each spread (distribution of work over tasks) and for each window.
type Ordering struct {
	Who   harness.Cell // without spread, order and window
	Kinds []OrderKind  // by spread, equal tasks first
}

// Windows returns the distinct windows of all deliveries, ascending.
func (o Ordering) Windows() []int {
	all := slices.Concat(mapped(o.Kinds, func(k OrderKind) []Delivery { return k.Deliveries })...)
	return slices.Sorted(slices.Values(distinct(all, Delivery.Window)))
}

// HasMap reports whether the strategy was also measured as a map, for any kind of task.
func (o Ordering) HasMap() bool {
	return slices.ContainsFunc(o.Kinds, func(k OrderKind) bool { return k.Map.Known() })
}

// An OrderKind is the part of an [Ordering] for one kind of task: the results of each order in which
// outcomes were delivered.
type OrderKind struct {
	Task       harness.Task
	Work       Estimate   // w, ns per task of the direct loop
	Map        Estimate   // makespan per task of the map, in ns; unknown if not measured
	MapResult  Estimate   // time until the map has its first result, in ns; a map has all results at its end, so this is its makespan
	Deliveries []Delivery // by window, input order first
}

// A Delivery holds the results of streams with one order of delivery and one window. Estimates are
// medians over launches, computed like those of benchstat.
type Delivery struct {
	Cell         harness.Cell
	Makespan     Estimate // ns per task
	First        Estimate // ns until the consumer has the first outcome
	Held         Estimate // mean time from an outcome's completion to its delivery, in ns
	HeadOfLine   Estimate // input order only: part of Held spent waiting for earlier outcomes, in ns
	Most         Estimate // largest number of outcomes that were complete but not delivered
	Availability Estimate // share of the makespan that remains after the delivery of an outcome, on average

	OverMap    Comparison // makespan divided by that of the map
	OverFree   Comparison // input order only: makespan divided by that of completion order with the same window
	FirstEarly Comparison // time to the first result divided by that of the map, which is the makespan of the map
	MoreHeld   Comparison // input order only: Most divided by that of completion order with the same window
}

// Window returns the window of the stream in tasks. If the cell sets none, it returns the default
// window.
func (d Delivery) Window() int { return window(d.Cell) }

// orderings returns an Ordering for each strategy that delivered streams both in input order and in
// completion order with the same window.
func orderings(samples []harness.Sample, t *table) []Ordering {
	r := newReadings(samples, t.set, func(s harness.Sample) bool { return !s.Twin })
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
	slices.SortFunc(out, func(a, b Ordering) int { return CompareCells(a.Who, b.Who) })
	return out
}

// streams returns the cells of streams, grouped by strategy. It includes only strategies that were
// measured both in input order and in completion order with the same window.
func streams(t *table) [][]harness.Cell {
	all := only(others(t.all), func(c harness.Cell) bool { return c.Order == harness.InputOrder || c.Order == harness.CompletionOrder })
	return only(grouped(all, anyStream), func(cells []harness.Cell) bool {
		return slices.ContainsFunc(cells, func(c harness.Cell) bool {
			return c.Order == harness.InputOrder && slices.Contains(cells, completion(c))
		})
	})
}

// anyStream returns the cell without its spread, order and window: the parameters that vary in an
// [Ordering].
func anyStream(c harness.Cell) harness.Cell {
	c.Spread, c.Order, c.Window = "", "", 0
	return c
}

// judge compares each delivery d with the cell that the function other returns for d.Cell. The
// function into returns the field of d that receives the comparison. judge judges all comparisons
// together, as one family. It makes no comparison if no turn measured both cells.
func (o *Ordering) judge(t *table, other func(harness.Cell) harness.Cell, into func(*Delivery) *Comparison) {
	var family []contest
	for _, k := range o.Kinds {
		for i := range k.Deliveries {
			d := &k.Deliveries[i]
			if than := other(d.Cell); than != d.Cell {
				if pairs := t.pairs(d.Cell, than); len(pairs) > 0 {
					family = append(family, contest{a: d.Cell, b: than, pairs: pairs, into: into(d)})
				}
			}
		}
	}
	t.judge(family)
}

// completion returns the cell with its order changed to completion order.
func completion(c harness.Cell) harness.Cell {
	c.Order = harness.CompletionOrder
	return c
}

// asMap returns the cell that executes the same tasks as a map: with map order and without a
// window.
func asMap(c harness.Cell) harness.Cell {
	c.Order, c.Window = harness.MapOrder, 0
	return c
}

// window returns the window of a stream. If the cell sets none, it returns the default window.
func window(c harness.Cell) int {
	return cmp.Or(c.Window, max(harness.DefaultWindow, 2*c.Chunk.Fixed()))
}

// firstResult returns the time in ns until the consumer receives the first outcome. For a map, this
// is the makespan, because a map delivers all outcomes at the end.
func firstResult(s harness.Sample) float64 {
	if s.Cell.Order == harness.MapOrder {
		return s.Values[harness.UnitOp]
	}
	return s.Values[harness.UnitFirstResult]
}

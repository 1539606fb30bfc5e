package chart

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// windowed returns the orderings with at least two windows.
func windowed(a *analyze.Analysis) []analyze.Ordering {
	return slices.DeleteFunc(slices.Clone(a.Orderings), func(o analyze.Ordering) bool { return len(o.Windows()) < 2 })
}

// Orders of delivery, drawn on either side of the window's position.
var delivered = []struct {
	order string
	style style
	shift float64
}{
	{harness.InputOrder, styleOf(0), -1.5},
	{harness.CompletionOrder, styleOf(1), 1.5},
}

// A rung is one row of the chart: a quantity of a delivery, and its level for the map.
type rung struct {
	label string
	ticks plot.Ticker
	of    func(analyze.Delivery) analyze.Estimate
	level func(analyze.OrderKind) float64 // of the map; 0 for no level
}

// order draws the cost of ordered delivery for one strategy. Each column is a kind of tasks; its
// rows show makespan, first result and the number of outcomes held, against the window.
func order(c *Chart, a *analyze.Analysis, o analyze.Ordering) {
	place, who := analyze.PlaceOf(o.Who), analyze.Label(o.Who)
	words, work := []string{who}, place.Work()
	if grain := place.Task.Grain; grain > 0 {
		words = append(words, strconv.Itoa(grain)+"-ns")
		work += ", nominal " + format.RoundTime(float64(grain))
	}
	c.about(place, fmt.Sprintf("%s, %s on %s", who, work, cores(place)), append(words, cores(place))...)
	none := func(analyze.OrderKind) float64 { return 0 }
	rungs := []rung{
		{"T/N, time per task", timeTicks, func(d analyze.Delivery) analyze.Estimate { return d.Makespan }, none},
		{"until the first result", timeTicks, func(d analyze.Delivery) analyze.Estimate { return d.First }, func(k analyze.OrderKind) float64 { return k.MapResult.Value }},
		{"done and not delivered", countTicks, func(d analyze.Delivery) analyze.Estimate { return d.Most }, none},
	}
	if o.HasMap() {
		rungs[0] = rung{"T / T of the map", factorTicks, func(d analyze.Delivery) analyze.Estimate { return d.OverMap.Ratio }, func(analyze.OrderKind) float64 { return 1 }}
	}
	n := newExtent() // over all rungs
	for i, r := range rungs {
		c.panels = append(c.panels, r.panels(o, i == 0, i == len(rungs)-1, &n))
	}
	c.legend = []entry{{style: delivered[0].style, words: "input order"}, {style: delivered[1].style, words: "completion order"},
		{words: "map; in the bottom row, the size of the window", plain: true}}
	c.across = "window: tasks pulled and not yet delivered, at most (log scale)"
	c.height = 640
	points := n.medians(a)
	if o.HasMap() {
		points = fmt.Sprintf("Makespans are relative to a map of the same tasks: %s of paired launches; the time to the first result and the number of outcomes done and not delivered are medians of launches; %s; %s. A map has its first result when it ends",
			n.center(), n.rounds(), n.whiskers(a, analyze.PairedFrom))
	}
	c.Caption = fmt.Sprintf("Each column is one kind of task. %s. Outcomes done and not delivered are counted in one untimed job per launch, which reads a clock at every outcome. %s", points, machine(a))
}

// panels draws a row of the chart. The first row has the kinds of tasks as titles. In the last row
// the window limits the values.
func (r rung) panels(o analyze.Ordering, first, last bool, n *extent) (row []panel) {
	windows := o.Windows()
	few, many := float64(windows[0]), float64(windows[len(windows)-1])
	y := newExtent()
	for _, k := range o.Kinds {
		title := ""
		if first {
			title = kindOfSpread(k)
		}
		p := logPanel(title)
		p.X.Min, p.X.Max = few/1.6, many*1.6
		p.X.Tick.Marker, p.Y.Tick.Marker = ticksAt(windows), r.ticks
		if v := r.level(k); v > 0 {
			y.add(v)
			p.Add(level(v, ""))
		}
		if last { // no more outcomes can wait than the window allows tasks
			y.add(few, many)
			p.Add(diagonal(few, many))
		}
		for _, of := range delivered {
			line := series{style: of.style, shift: of.shift}
			for _, d := range k.Deliveries {
				if d.Cell.Order == of.order {
					line.add(float64(d.Window()), r.of(d), &y)
				}
			}
			p.Add(line)
		}
		row = append(row, p)
	}
	lo, hi := y.padded(1)
	for _, p := range row {
		p.Y.Min, p.Y.Max = y.padded(math.Pow(hi/lo, 0.08) * 1.01)
	}
	n.counts(y)
	row[0].Y.Label.Text = r.label
	return row
}

// kindOfSpread returns the label of a kind of tasks: "pareto, w = 10.2 µs".
func kindOfSpread(k analyze.OrderKind) string {
	name := cmp.Or(k.Task.Spread, "alike")
	if k.Work.Known() {
		name += ", w = " + format.Time(k.Work.Value, 3)
	}
	return name
}

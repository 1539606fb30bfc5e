package chart

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// windowed returns the orderings (comparisons of orders of delivery) that were measured with at
// least two windows.
func windowed(a *analyze.Analysis) []analyze.Ordering {
	return slices.DeleteFunc(slices.Clone(a.Orderings), func(o analyze.Ordering) bool { return len(o.Windows()) < 2 })
}

// A panelRow describes one row of panels in an order chart: the quantity that the panels show, its
// unit, and the reference lines (rulers) of each panel.
type panelRow struct {
	title  string
	unit   Unit
	of     func(analyze.Delivery) analyze.Estimate
	rulers func(analyze.OrderKind) []Ruler
}

// order draws the cost of delivery in input order for one strategy, against the window. Each column
// is a kind of task. The rows show the time per task, the time to the first result, and the number
// of outcomes that wait for delivery. Rows and columns without values are omitted.
func order(c *Chart, a *analyze.Analysis, o analyze.Ordering) {
	place, who := analyze.PlaceOf(o.Who), analyze.Label(o.Who)
	words, work := []string{who}, place.Work()
	if grain := place.Task.Grain; grain > 0 {
		words = append(words, strconv.Itoa(grain)+"-ns")
		work += ", nominal " + format.RoundTime(float64(grain))
	}
	c.about(place, fmt.Sprintf("%s, %s on %s", who, work, cores(place)), append(words, cores(place))...)
	none := func(analyze.OrderKind) []Ruler { return nil }
	panelRows := []panelRow{
		{"time per task, T/N (log scale)", Time, func(d analyze.Delivery) analyze.Estimate { return d.Makespan }, none},
		{"time until the first result (log scale)", Time, func(d analyze.Delivery) analyze.Estimate { return d.First }, func(k analyze.OrderKind) []Ruler {
			if !k.MapResult.Known() {
				return nil
			}
			return []Ruler{{Level, k.MapResult.Value, "the same tasks with order map"}}
		}},
		{"largest number of outcomes done but not delivered (log scale)", Count, func(d analyze.Delivery) analyze.Estimate { return d.Most }, none},
	}
	if o.HasMap() {
		panelRows[0] = panelRow{"time relative to a job with order map (log scale)", Ratio, func(d analyze.Delivery) analyze.Estimate { return d.OverMap.Ratio }, func(analyze.OrderKind) []Ruler {
			return []Ruler{{Level, 1, "the same tasks with order map"}}
		}}
	}
	look, windows := newLook(a), o.Windows()
	kinds := slices.DeleteFunc(slices.Clone(o.Kinds), func(k analyze.OrderKind) bool {
		return !slices.ContainsFunc(k.Deliveries, func(d analyze.Delivery) bool { return d.Makespan.Known() })
	})
	rows := 0
	for _, r := range panelRows {
		var row []*Panel
		any := false
		for _, k := range kinds {
			p := &Panel{Form: Lines, X: Axis{Title: "window: largest number of tasks taken and not yet delivered (log scale)", Unit: Count, Log: true, ticks: ticksAt(windows)}, Y: Axis{Title: r.title, Unit: r.unit, Log: true}}
			if rows == 0 {
				p.Title = orderKindLabel(k)
			}
			for i, order := range []string{harness.InputOrder, harness.CompletionOrder} {
				line := look.of(o.Who, order+" order")
				line.Variant = i
				for _, d := range k.Deliveries {
					if d.Cell.Order == order {
						any = line.add(float64(d.Window()), r.of(d)) || any
					}
				}
				p.show(line)
			}
			p.Rulers = r.rulers(k)
			row = append(row, p)
		}
		if any {
			rows++
			c.Panels = append(c.Panels, row...)
		}
	}
	if rows == 0 {
		return
	}
	c.across = len(kinds)
	c.Width = 760
	c.tall(float64(120 + 150*rows))
	held := ""
	if rows == len(panelRows) {
		held = " The numbers of outcomes done but not delivered come from one extra, untimed job per launch."
	}
	c.Caption = fmt.Sprintf("Each column is one kind of task. %s%s %s", c.medians(a, "Ratios compare paired launches. Other points"), held, machine(a))
}

// kindOfSpread returns a label for a kind of task, such as "pareto, w = 10.2 µs".
func orderKindLabel(k analyze.OrderKind) string {
	name := cmp.Or(k.Task.Spread, "alike")
	if k.Work.Known() {
		name += ", w = " + format.Time(k.Work.Value, 3)
	}
	return name
}

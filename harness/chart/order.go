package chart

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// orders draws a chart for each strategy that delivered in both orders with several windows:
// a column for each kind of tasks, and in it makespan, first result and what was held against
// the window.
func orders(a *analyze.Analysis) []Chart {
	var out []Chart
	for _, o := range a.Orderings {
		if len(o.Windows()) < 2 {
			continue
		}
		at := analyze.PlaceOf(o.Who)
		who := analyze.Label(o.Who)
		c := Chart{Name: name("order", at) + "-" + file(who), Kind: Order, Place: at}
		work := at.Work()
		if o.Who.Grain > 0 {
			c.Name += "-" + strconv.Itoa(o.Who.Grain) + "-ns"
			work += ", nominal " + whole(float64(o.Who.Grain))
		}
		c.Name += "-" + file(analyze.Count(at.Cores, "core"))
		c.Question = fmt.Sprintf("What does delivery in the order of the inputs cost? (%s, %s on %s)", who, work, analyze.Count(at.Cores, "core"))
		c.order(a, o)
		out = append(out, c)
	}
	return out
}

var (
	inputStyle = style{palette[0], nil, draw.CircleGlyph{}}
	freeStyle  = style{palette[1], []vg.Length{6, 3}, draw.SquareGlyph{}}
)

// A rung is one row of the chart: what of a delivery stands there, and what it is beside.
type rung struct {
	label string
	ticks plot.Ticker
	of    func(analyze.Delivery) analyze.Estimate
	level func(analyze.OrderKind) float64 // of the map; 0 for none
}

func (c *Chart) order(a *analyze.Analysis, o analyze.Ordering) {
	mapped := slices.ContainsFunc(o.Kinds, func(k analyze.OrderKind) bool { return k.Map.Known() })
	first := rung{"T/N, time per task", timeTicks{}, func(d analyze.Delivery) analyze.Estimate { return d.Makespan }, nil}
	if mapped {
		first = rung{"T / T of the map", factorTicks{}, func(d analyze.Delivery) analyze.Estimate { return d.OverMap.Ratio }, func(analyze.OrderKind) float64 { return 1 }}
	}
	rungs := []rung{first,
		{"until the first result", timeTicks{}, func(d analyze.Delivery) analyze.Estimate { return d.First },
			func(k analyze.OrderKind) float64 { return k.MapResult.Value }},
		{"done and not delivered", countTicks{}, func(d analyze.Delivery) analyze.Estimate { return d.Most }, nil},
	}
	windows := o.Windows()
	few, many := float64(windows[0]), float64(windows[len(windows)-1])
	least, most := math.MaxInt, 0
	for i, r := range rungs {
		lo, hi := math.Inf(1), 0.0
		var row []*plot.Plot
		for _, k := range o.Kinds {
			p := newPlot()
			p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
			p.X.Min, p.X.Max = few/1.6, many*1.6
			p.X.Tick.Marker = ticksAt(windows)
			p.Y.Tick.Marker = r.ticks
			p.Add(grid{})
			if i == 0 {
				p.Title.Text = spreadName(k.Task.Spread)
				if k.Work.Known() {
					p.Title.Text += ", w = " + analyze.Time(k.Work.Value, 3)
				}
			}
			if r.level != nil && r.level(k) > 0 {
				y := r.level(k)
				lo, hi = min(lo, y), max(hi, y)
				p.Add(ruler{x1: p.X.Min, y1: y, x2: p.X.Max, y2: y})
			}
			if i == len(rungs)-1 { // no more can wait than the window lets be under way
				lo, hi = min(lo, few), max(hi, many)
				p.Add(ruler{x1: few, y1: few, x2: many, y2: many})
			}
			for _, of := range []struct {
				order string
				style style
				shift vg.Length
			}{{harness.InputOrder, inputStyle, -1.5}, {harness.CompletionOrder, freeStyle, 1.5}} {
				line := series{style: of.style, shift: of.shift}
				for _, d := range k.Deliveries {
					e := r.of(d)
					if d.Cell.Order != of.order || !e.Known() || !usable(e.Value) {
						continue
					}
					pt := point{float64(d.Window()), e.Value, e.Value, e.Value}
					if e.Bounded() {
						pt.lo, pt.hi = e.Lo, e.Hi
					}
					lo, hi = min(lo, pt.y), max(hi, pt.y)
					least, most = min(least, e.N), max(most, e.N)
					line.points = append(line.points, pt)
				}
				if len(line.points) > 0 {
					p.Add(line)
				}
			}
			row = append(row, p)
		}
		if !usable(lo) {
			lo, hi = 1, 10
		}
		pad := math.Pow(hi/lo, 0.08) * 1.01
		for j, p := range row {
			p.Y.Min, p.Y.Max = lo/pad, hi*pad
			if j == 0 {
				p.Y.Label.Text = r.label
			}
		}
		c.panels = append(c.panels, row)
	}
	c.legend = []entry{{style: inputStyle, words: "input order"}, {style: freeStyle, words: "completion order"},
		{words: "the map; at the bottom the window", plain: true}}
	c.across = "window: tasks pulled and not yet delivered, at most (log scale)"
	c.width, c.height = 640, 640
	c.Caption = fmt.Sprintf("A column is one kind of task. Makespans are over that of a map of the same tasks: %s of paired launches; the time to the first result and how many outcomes were done and not delivered are medians of launches; %s; %s. "+
		"A map has its first result when it ends. What was done and not delivered is of one job in each launch that takes a clock at every outcome and is not timed. %s",
		center(least, most), rounds(least, most), whiskers(a, most, paired), machine(a))
	if !mapped {
		c.Caption = "A column is one kind of task. " + fmt.Sprintf("Points: medians of launches, %s; %s. What was done and not delivered is of one job in each launch that takes a clock at every outcome and is not timed. %s",
			rounds(least, most), whiskers(a, most, alone), machine(a))
	}
}

func spreadName(spread string) string {
	if spread == "" {
		return "alike"
	}
	return spread
}

// ticksAt labels the points of a logarithmic axis that were measured.
func ticksAt(values []int) plot.ConstantTicks {
	var out plot.ConstantTicks
	for _, v := range values {
		out = append(out, plot.Tick{Value: float64(v), Label: strconv.Itoa(v)})
	}
	return out
}

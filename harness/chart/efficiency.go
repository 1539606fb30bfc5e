package chart

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// curved returns the sections with a curve of at least two grains, sorted by task and order, then
// by decreasing number of cores.
func curved(a *analyze.Analysis) []analyze.Section {
	several := func(c analyze.Curve) bool { return len(c.Points) > 1 }
	all := slices.DeleteFunc(slices.Clone(a.Sections), func(s analyze.Section) bool { return !slices.ContainsFunc(s.Curves, several) })
	slices.SortStableFunc(all, func(x, y analyze.Section) int {
		p, q := x.Place, y.Place
		return cmp.Or(cmp.Compare(p.Task.Workload, q.Task.Workload), cmp.Compare(p.Task.Payload, q.Task.Payload), cmp.Compare(p.Task.Spread, q.Task.Spread),
			cmp.Compare(p.Task.Memory, q.Task.Memory), cmp.Compare(p.Task.Shape, q.Task.Shape), cmp.Compare(p.Order, q.Order), cmp.Compare(q.Cores, p.Cores))
	})
	return all
}

// efficiency draws efficiency against granularity g = T·C/N, which includes the overhead. METG is a
// value of g.
func efficiency(c *Chart, a *analyze.Analysis, of analyze.Section) {
	c.about(of.Place, of.Place.Anywhere(), cores(of.Place))
	c.Question = fmt.Sprintf(c.Question, cores(of.Place))
	c.across = "granularity g = T·C/N: time per task × cores, overhead included (log scale)"
	target := a.Settings.Efficiency
	p := logXPanel("")
	p.Add(grid)
	words := format.Percent(target) + ", which defines METG"
	dashed := "Dashed line: " + words + "."
	loop := 1 / float64(of.Place.Cores)
	if math.Abs(loop-target) < 0.01 {
		dashed = fmt.Sprintf("Dashed line: %s, and the efficiency of the plain loop (1 of %d cores).", words, of.Place.Cores)
		words += fmt.Sprintf(", and the plain loop (1 of %d cores)", of.Place.Cores)
	} else if loop < 1 {
		p.Add(level(loop, fmt.Sprintf("the plain loop (1 core of %d)", of.Place.Cores)))
	}
	p.Add(level(target, ""))
	look := newLook(a)
	x, y := newExtent(), newExtent()
	y.add(1)
	for _, curve := range of.Curves {
		line := series{style: look.of(curve.Series)}
		for _, q := range curve.Points {
			if q.Drawable() {
				x.add(q.Granularity.Value)
				line.add(q.Granularity.Value, q.Efficiency, &y)
			}
		}
		for _, q := range curve.Line() {
			line.line = append(line.line, point{x: q[0], y: q[1]})
		}
		p.Add(line)
		if m := curve.METG; m.Kind == analyze.Passes {
			x.add(m.At.Value)
			p.Add(crossing(line.style, along(m.At, target)))
		}
		c.legend = append(c.legend, entry{style: line.style, words: analyze.Label(curve.Series) + ": METG " + curve.METG.String()})
	}
	p.X.Min, p.X.Max = x.padded(1.4)
	p.X.Tick.Marker = timeTicks
	p.Y.Label.Text = "efficiency E = N·w / (C·T)"
	p.Y.Min, p.Y.Max = 0, max(1.08, y.hi*1.04)
	p.Y.Tick.Marker = percentTicks(y.hi)
	c.legend = append(c.legend, entry{words: words, plain: true})
	c.height = float64(440 + legendRow*max(0, len(c.legend)/2-3)) // a long legend must not shrink the panel
	c.panels = [][]panel{{p}}
	c.Caption = fmt.Sprintf("Each point is one grain: its efficiency is the %s of paired launches, %s; its granularity is the median of launches. Whiskers and brackets are %s intervals. "+
		"Diamonds mark METG, the smallest granularity with %s efficiency; the curve between points has times linear in the work, and the interval of METG also covers a bend. %s w is the time of a task in a plain loop in the same block. %s",
		y.center(), y.rounds(), format.Percent(a.Settings.Confidence), format.Percent(target), dashed, machine(a))
}

package chart

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// curveFrom is the least number of grains for a chart with the grain on its x axis. A line between
// two points would say less than the table of the report.
const curveFrom = 3

// manyGrains returns the sections on the largest number of cores in which a strategy was compared
// with the direct loop at [curveFrom] or more grains. It sorts them by task, then by order of
// delivery. Only the charts of speed-up and METG show sections on fewer cores.
func manyGrains(a *analyze.Analysis) []analyze.Section {
	all := slices.DeleteFunc(slices.Clone(a.Sections), func(s analyze.Section) bool { return !s.Most || len(compared(s)) < curveFrom })
	slices.SortStableFunc(all, func(x, y analyze.Section) int {
		p, q := x.Place, y.Place
		return cmp.Or(cmp.Compare(p.Task.Workload, q.Task.Workload), cmp.Compare(p.Task.Payload, q.Task.Payload), cmp.Compare(p.Task.Spread, q.Task.Spread),
			cmp.Compare(p.Task.Memory, q.Task.Memory), cmp.Compare(p.Task.Shape, q.Task.Shape), cmp.Compare(p.Order, q.Order))
	})
	return all
}

// compared returns the questions of a section in which at least one strategy was compared with the
// direct loop.
func compared(s analyze.Section) []analyze.Question {
	return slices.DeleteFunc(slices.Clone(s.Questions), func(q analyze.Question) bool {
		return !q.Work.Known() || !slices.ContainsFunc(q.Rows, func(r analyze.Row) bool { return r.VsDirect.Ratio.Known() })
	})
}

// fewGrains returns the sections on the largest number of cores in which a strategy was compared
// with the direct loop, but at fewer than [curveFrom] grains. It omits sections of streams.
func fewGrains(a *analyze.Analysis) []analyze.Section {
	return slices.DeleteFunc(slices.Clone(a.Sections), func(s analyze.Section) bool {
		n := len(compared(s))
		return !s.Most || n == 0 || n >= curveFrom || s.Place.Order != harness.MapOrder && s.Place.Order != ""
	})
}

// curved returns the sections in which the efficiency of at least one strategy is known at
// [curveFrom] or more grains.
func curved(a *analyze.Analysis) []analyze.Section {
	several := func(c analyze.Curve) bool { return len(c.Points) >= curveFrom }
	return slices.DeleteFunc(manyGrains(a), func(s analyze.Section) bool { return !slices.ContainsFunc(s.Curves, several) })
}

const taskSize = "task size: time of a task in a plain loop (log scale)"

// efficiency draws the efficiency of each strategy against the time of the task in the direct loop.
// A task has the same x for all strategies. Diamonds mark the task size at which a strategy reaches
// the target efficiency.
func efficiency(c *Chart, a *analyze.Analysis, of analyze.Section) {
	c.about(of.Place, of.Place.Anywhere(), cores(of.Place))
	c.Question = fmt.Sprintf(c.Question, cores(of.Place))
	target := a.Settings.Efficiency
	p := &Panel{Form: Lines, X: Axis{Title: taskSize, Unit: Time, Log: true}, Y: Axis{Title: "efficiency: N·w / (C·T)", Unit: Share}}
	look := newLook(a)
	beyond := false
	for _, curve := range of.Curves {
		line := look.of(curve.Series, analyze.Brief(curve.Series))
		for _, q := range curve.Points {
			line.add(q.Work.Value, q.Efficiency)
			beyond = beyond || q.Efficiency.Value > 1.005 // which is visible
		}
		p.show(line)
		if m := curve.Work; m.Kind == analyze.Passes {
			p.Marks = append(p.Marks, newMark("the smallest task with "+format.Percent(target), line, m.At, target))
		}
	}
	c.Panels = []*Panel{p}
	words := format.Percent(target) + ", the target"
	if loop := 1 / float64(of.Place.Cores); math.Abs(loop-target) < 0.01 {
		words += fmt.Sprintf(", and the plain loop (1 of %d cores)", of.Place.Cores)
	} else if loop < 1 {
		p.Rulers = append(p.Rulers, Ruler{Level, loop, fmt.Sprintf("%s, the plain loop (1 of %d cores)", format.Percent(loop), of.Place.Cores)})
	}
	p.Rulers = append(p.Rulers, Ruler{Level, target, words})
	p.Y.Max = max(1.08, 1.04*highest(p))
	c.tall(420)
	c.Caption = fmt.Sprintf("%s N is the number of tasks, C the number of cores, T the makespan, w the time of a task in a plain loop in the same block. ", c.ratios(a, "Points"))
	if len(p.Marks) > 0 {
		c.Caption += fmt.Sprintf("Diamonds and brackets: estimates with %s intervals. They assume that times between measured sizes are linear in the task size, so they need not lie on the drawn lines. Divided by %s, an estimate is the METG: the task size including the overhead. ", format.Percent(a.Settings.Confidence), format.Percent(target))
	}
	if beyond {
		c.Caption += "Efficiency above 100 % means that the tasks ran faster on the workers than in the loop, because of caches, the clock frequency or noise. "
	}
	c.Caption += machine(a)
}

// highest returns the largest y of a panel.
func highest(p *Panel) (y float64) {
	for _, s := range p.Series {
		for _, q := range s.Points {
			y = max(y, q.Y)
		}
	}
	return y
}

// newMark returns a mark at the x value e and the height y, with the interval of e. It has the
// style of series s.
func newMark(name string, s Series, e analyze.Estimate, y float64) Mark {
	m := Mark{Name: name, Style: s.Style, Variant: s.Variant, X: e.Value, Y: y, Lo: e.Value, Hi: e.Value, N: e.N}
	if e.Bounded() {
		m.Lo, m.Hi = e.Lo, e.Hi
	}
	return m
}

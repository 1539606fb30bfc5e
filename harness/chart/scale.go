package chart

import (
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// scales returns a function that selects scales from an analysis. A scale compares strategies at
// several payloads or at several numbers of tasks, as its axis says. The function returns the
// scales of the given axis that have enough points for a chart.
func scales(axis analyze.ScaleAxis) func(*analyze.Analysis) []analyze.Scale {
	return func(a *analyze.Analysis) []analyze.Scale {
		return slices.DeleteFunc(slices.Clone(a.Scales), func(s analyze.Scale) bool { return s.Axis != axis || !s.Plotted() })
	}
}

// ofScale adds the tasks and the number of cores of scale s to the chart's name and question.
func (c *Chart) ofScale(s analyze.Scale) {
	where, words := s.Place.Anywhere()+" on "+cores(s.Place), []string{cores(s.Place)}
	if by := s.Ways(); by != "" {
		where, words[0] = where+", by "+by, words[0]+"-by-"+by
	}
	c.about(s.Place, where, words...)
}

// payload draws the time per task and the payload bytes per second against the payload.
func payload(c *Chart, a *analyze.Analysis, s analyze.Scale) {
	if s.Place.Order == harness.SingleOrder {
		c.Question = "How long does a round trip take for each size of data?"
	}
	c.ofScale(s)
	x := Axis{Title: "payload of a task (log scale)", Unit: Bytes, Log: true, ticks: pointTicks(s)}
	left := &Panel{Title: "time", Form: Lines, X: x, Y: Axis{Title: "time per task, T/N (log scale)", Unit: Time, Log: true}}
	right := &Panel{Title: "rate", Form: Lines, X: x, Y: Axis{Title: "payload per second (log scale)", Unit: BytesPerSecond, Log: true}}
	look := newLook(a)
	for k, who := range s.Who {
		line := look.of(who, s.Label(k))
		rate := line
		for i, n := range s.At {
			line.add(float64(n), s.Costs[i][k].Time)
			if k > 0 {
				rate.add(float64(n), s.Rate(i, k).Times(1e9))
			}
		}
		left.show(line)
		right.show(rate)
	}
	c.Panels, c.across = []*Panel{left, right}, 2
	c.Width = 720
	c.tall(390)
	c.Caption = fmt.Sprintf("%s The strategy direct is the plain loop, without any executor; the right panel omits it. %s", c.medians(a, "Points"), machine(a))
}

// start draws the time per task, including the start of the workers, against the number of tasks in
// the job. For each strategy it marks the number of tasks from which its start pays off.
func start(c *Chart, a *analyze.Analysis, s analyze.Scale) {
	c.ofScale(s)
	p := &Panel{Form: Lines, X: Axis{Title: "tasks in the job (log scale)", Unit: Count, Log: true, ticks: pointTicks(s)}, Y: Axis{Title: "time per task, including the start of the workers (log scale)", Unit: Time, Log: true}}
	look := newLook(a)
	var lines []Series
	for k, who := range s.Who {
		line := look.of(who, s.Label(k))
		for i, n := range s.At {
			line.add(float64(n), s.Costs[i][k].Time)
		}
		p.show(line)
		lines = append(lines, line)
	}
	for k := range lines {
		from := s.PaysFrom(k)
		if k == 0 || from <= 0 || from >= len(s.At) {
			continue // the series pays off everywhere or nowhere, so no break-even is marked
		}
		if x := meeting(lines[k].Points, lines[0].Points); x > 0 {
			lo, hi := float64(s.At[from-1]), float64(s.At[from])
			x = min(max(x, lo), hi)
			p.Marks = append(p.Marks, Mark{Name: "the start pays off", Style: lines[k].Style, Variant: lines[k].Variant, X: x, Y: between(lines[k].Points, x), Lo: lo, Hi: hi, N: s.N(from)})
		}
	}
	c.Panels = []*Panel{p}
	c.tall(420)
	c.Caption = fmt.Sprintf("The time to start the workers and run the first job, divided by the number of tasks in the job. Each task has a nominal work of %s. %s The strategy direct is the plain loop, which starts nothing. ", format.RoundTime(float64(s.Place.Task.Grain)), c.medians(a, "Points"))
	if len(p.Marks) > 0 {
		c.Caption += "Diamonds: where the line of a strategy meets that of direct; brackets: the nearest measured numbers of tasks on both sides. "
	}
	c.Caption += machine(a)
}

// meeting returns the x at which line a falls below line b, on logarithmic axes. It returns the
// last such x if there are several, and 0 if there is none.
func meeting(a, b []Point) (x float64) {
	for i := 1; i < min(len(a), len(b)); i++ {
		if a[i].X != b[i].X || a[i-1].X != b[i-1].X {
			return 0
		}
		before, after := a[i-1].Y/b[i-1].Y, a[i].Y/b[i].Y
		if before > 1 && after <= 1 {
			x = root(a[i-1].X, a[i].X, before, after)
		}
	}
	return x
}

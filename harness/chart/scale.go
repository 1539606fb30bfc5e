package chart

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// scales returns a function that returns the scales along an axis with enough points to plot.
func scales(axis analyze.ScaleAxis) func(*analyze.Analysis) []analyze.Scale {
	return func(a *analyze.Analysis) []analyze.Scale {
		return slices.DeleteFunc(slices.Clone(a.Scales), func(s analyze.Scale) bool { return s.Axis != axis || !s.Plotted() })
	}
}

// scale draws a scale. Along the payload, it has a panel for the time per task and one for the bytes
// per second; along the number of tasks, only the first.
func scale(c *Chart, a *analyze.Analysis, s analyze.Scale) {
	if s.Place.Order == harness.SingleOrder {
		c.Question = "How long does a round trip take for each size of data?"
	}
	where, words := s.Place.Anywhere()+" on "+cores(s.Place), []string{cores(s.Place)}
	if by := s.Ways(); by != "" {
		where, words[0] = where+", by "+by, words[0]+"-by-"+by
	}
	c.about(s.Place, where, words...)
	times, rates := newExtent(), newExtent()
	// The titles serve as labels of the y axes, since gonum reserves space for labels at the wrong end.
	left, right := scalePanel("T/N, time per task (log scale)", s, timeTicks), scalePanel("bytes per second (log scale)", s, rateTicks)
	for k := range s.Who {
		sty := styled((k+5)%6, k)
		if k == 0 {
			sty = loopStyle
		}
		line, rate := series{style: sty}, series{style: sty}
		for i, x := range s.At {
			line.add(float64(x), s.Costs[i][k].Time, &times)
			if k > 0 {
				rate.add(float64(x), s.Rate(i, k), &rates)
			}
		}
		if len(line.points) > 0 {
			left.Add(line)
			right.Add(rate)
			c.legend = append(c.legend, entry{style: sty, words: s.Label(k)})
		}
	}
	left.Y.Min, left.Y.Max = times.padded(1.6)
	right.Y.Min, right.Y.Max = rates.padded(1.6)
	reading := times.medians(a) + ". direct is the plain loop, without any executor"
	if s.Axis == analyze.ByTasks {
		c.panels = [][]panel{{left}}
		c.across = "tasks N in the job (log scale)"
		c.Caption = fmt.Sprintf("T is the time to start the workers and run the first job, with %s of nominal work per task. %s. %s", format.Time(float64(s.Place.Task.Grain), 3), reading, machine(a))
		return
	}
	c.panels = [][]panel{{left, right}}
	c.across = "payload of a task (log scale)"
	c.Caption = fmt.Sprintf("%s; the right panel leaves it out and shows the payload divided by the time of a task. %s", reading, machine(a))
}

// scalePanel returns an empty panel with the points of a scale on the x axis.
func scalePanel(title string, s analyze.Scale, y plot.Ticker) panel {
	p := logPanel(title)
	p.X.Min, p.X.Max = float64(s.At[0])/1.5, float64(s.At[len(s.At)-1])*1.5
	p.X.Tick.Marker, p.Y.Tick.Marker = pointTicks(s), y
	return p
}

package chart

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// besides draws the workloads of the same payloads side by side, a panel for each way to run
// them.
func besides(a *analyze.Analysis) (out []Chart) {
	for _, b := range a.Besides {
		c := Chart{Kind: Scaled, Place: b.Place, width: 760, height: 400}
		c.Name = file(fmt.Sprintf("payload-side-by-side-%d-cores-%d", b.Place.Cores, len(out)+1))
		c.beside(a, b)
		out = append(out, c)
	}
	return out
}

func (c *Chart) beside(a *analyze.Analysis, b analyze.Beside) {
	low, high := math.Inf(1), 0.0
	fewest, most := math.MaxInt, 0
	for w, name := range b.Workloads {
		c.legend = append(c.legend, entry{style: styleOf(w), words: name})
	}
	var row []*plot.Plot
	axis := analyze.Scale{Axis: analyze.ByPayload, At: b.At}
	for k := range b.Who {
		p := scalePanel(axis, timeTicks{}, 1, 1)
		p.Title.Text = b.Label(k) + ": T/N" // see scale
		for w := range b.Workloads {
			line := series{style: styleOf(w)}
			for i, at := range b.At {
				e := b.Times[k][i][w]
				if !e.Known() {
					continue
				}
				pt := point{float64(at), e.Value, e.Value, e.Value}
				if e.Bounded() {
					pt.lo, pt.hi = e.Lo, e.Hi
				}
				line.points = append(line.points, pt)
				low, high = min(low, e.Value), max(high, e.Value)
				fewest, most = min(fewest, e.N), max(most, e.N)
			}
			if len(line.points) > 0 {
				p.Add(line)
			}
		}
		row = append(row, p)
	}
	for _, p := range row {
		p.Y.Min, p.Y.Max = low/1.6, high*1.6
	}
	c.panels = [][]*plot.Plot{row}
	c.Question = "What does it matter how tasks get their data? (" + b.Name() + ")"
	c.across = "payload of a task (log scale)"
	c.Caption = fmt.Sprintf("A panel is one way to run the tasks, T/N the time per task (log scale); what the workloads do is listed by payoff list workloads. Points: medians of launches, n = %s; %s. "+
		"The workloads stand in blocks of their own, so what the machine did meanwhile is between them. %s", span(fewest, most), whiskers(a, most, alone), machine(a))
}

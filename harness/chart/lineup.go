package chart

import (
	"fmt"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// lineup draws workloads with the same payloads next to each other, with a panel for each way to
// run them.
func lineup(c *Chart, a *analyze.Analysis, l analyze.Lineup) {
	c.Name += fmt.Sprintf("-%d-cores-%d", l.Place.Cores, l.Number)
	c.Question += " (" + l.Name() + ")"
	c.width = 760
	for w, name := range l.Workloads {
		c.legend = append(c.legend, entry{style: styleOf(w), words: name})
	}
	y := newExtent()
	var row []panel
	for k := range l.Who {
		p := scalePanel(l.Label(k)+": T/N", analyze.Scale{Axis: analyze.ByPayload, At: l.At}, timeTicks)
		for w := range l.Workloads {
			line := series{style: styleOf(w)}
			for i, payload := range l.At {
				line.add(float64(payload), l.Times[k][i][w], &y)
			}
			p.Add(line)
		}
		row = append(row, p)
	}
	for _, p := range row {
		p.Y.Min, p.Y.Max = y.padded(1.6)
	}
	c.panels = [][]panel{row}
	c.across = "payload of a task (log scale)"
	c.Caption = fmt.Sprintf("Each panel is one way to run the tasks; T/N is the time per task (log scale). payoff list workloads explains the workloads. %s. "+
		"The workloads are in different blocks, so drift of the machine adds to their differences. %s", y.medians(a), machine(a))
}

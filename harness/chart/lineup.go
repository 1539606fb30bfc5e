package chart

import (
	"fmt"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// lineup draws the times of several workloads for the same payloads, with a panel for each
// workload.
func lineup(c *Chart, a *analyze.Analysis, l analyze.Lineup) {
	c.Name += fmt.Sprintf("-%d-cores-%d", l.Place.Cores, l.Number)
	c.Place = l.Place
	c.Question += " (" + l.Name() + ")"
	look := newLook(a)
	for w, name := range l.Workloads {
		p := &Panel{Title: name, Form: Lines, X: Axis{Title: "payload of a task (log scale)", Unit: Bytes, Log: true, ticks: pointTicks(analyze.Scale{Axis: analyze.ByPayload, At: l.At})},
			Y: Axis{Title: "time per task, T/N (log scale)", Unit: Time, Log: true}}
		for k, who := range l.Who {
			line := look.of(who, l.Label(k))
			for i, payload := range l.At {
				line.add(float64(payload), l.Times[k][i][w])
			}
			p.show(line)
		}
		c.Panels = append(c.Panels, p)
	}
	c.across = len(c.Panels)
	c.Width = 760
	c.tall(360)
	c.Caption = fmt.Sprintf("Each panel is one workload; the command payoff list workloads explains the workloads. %s "+
		"The workloads are in different blocks, so drift of the machine adds to their differences. %s", c.medians(a, "Points"), machine(a))
}

package chart

import (
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// staged returns the scales along the payload that have an account (the core time, divided into
// parts) of at least one strategy other than the direct loop. A scale compares strategies at
// several payloads.
func staged(a *analyze.Analysis) []analyze.Scale {
	return slices.DeleteFunc(scales(analyze.ByPayload)(a), func(s analyze.Scale) bool {
		return !slices.ContainsFunc(s.Costs, func(costs []analyze.Cost) bool {
			return slices.ContainsFunc(costs[1:], func(c analyze.Cost) bool { return c.Account.CPU.Known() && c.Account.Idle.Known() })
		})
	})
}

// stages draws how the core time of a task is divided into parts, by payload, with a panel for each
// strategy. The parts are shares of the core time, because the times differ by orders of magnitude.
func stages(c *Chart, a *analyze.Analysis, s analyze.Scale) {
	c.ofScale(s)
	for k := 1; k < len(s.Who); k++ {
		p := &Panel{Title: plain(s.Label(k)), Form: Stacks, X: Axis{Title: "share of the core time of a task, T·C/N", Unit: Share}}
		for row := range s.At {
			g := s.Costs[row][k].Account.Granularity
			name := s.Point(row)
			if g.Known() {
				name += ": " + format.Time(g.Value, 3)
			}
			p.Y.Names = append(p.Y.Names, name)
		}
		for row, costs := range s.Costs {
			if g := costs[k].Account.Granularity; g.Known() {
				p.divide(row, costs[k].Account, costs[0].Account, false, 1/g.Value)
			}
		}
		if len(p.Series) > 0 {
			p.stacked()
			c.Panels = append(c.Panels, p)
		}
	}
	c.across = min(2, len(c.Panels))
	rows := (len(c.Panels) + 1) / 2
	c.Width = 760
	c.tall(float64(130 + rows*(46+22*len(s.At))))
	c.Caption = fmt.Sprintf("Each row is one payload and the core time of a task, T·C/N. T is the makespan, C the number of cores, N the number of tasks. All values are medians of launches, %s. A part to the left of 0 is negative. ", c.counts().rounds())
	c.Caption += machine(a)
}

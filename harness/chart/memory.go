package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// held returns the holdings by number of cores. If the memory could not be read, it returns one
// empty element.
func held(a *analyze.Analysis) [][]analyze.Holding {
	all := a.HoldingsByCores()
	if len(all) == 0 && unread(a) != "" && len(a.Isolations) > 0 {
		return [][]analyze.Holding{nil}
	}
	return all
}

// unread returns why the memory could not be read in some or all launches; "" if it could.
func unread(a *analyze.Analysis) string {
	return strings.TrimSuffix(a.Info.Absent[harness.UnitPSS], ".")
}

const lowest = 64 << 10 // bytes; differences below this are noise

// memory draws a row for each kind of tasks: the memory of all processes, and the share of each
// worker. If the memory could not be read, the chart says why.
func memory(c *Chart, a *analyze.Analysis, all []analyze.Holding) {
	if len(all) == 0 {
		c.height = 120
		c.Caption = fmt.Sprintf("The memory of the processes could not be read here: %s. %s", unread(a), machine(a))
		return
	}
	c.Name += "-" + file(cores(all[0].Place))
	c.Question += " (on " + cores(all[0].Place) + ")"
	c.across = "bytes (log scale)"
	var who []string
	for _, h := range all {
		for _, r := range h.Rows {
			if l := analyze.Bare(r.Cell); !slices.Contains(who, l) {
				c.legend = append(c.legend, entry{style: holder(len(who)), words: l, glyphOnly: true})
				who = append(who, l)
			}
		}
	}
	n := newExtent()
	left := holdings("all processes", all, who, &n, func(r analyze.Held) analyze.Estimate { return r.Peak })
	right := holdings("above direct, per worker", all, who, &n, func(r analyze.Held) analyze.Estimate { return r.Each })
	left.Y.Tick.Marker = rowTicks(all, func(h analyze.Holding) string { return h.Place.Anywhere() })
	right.Y.Tick.Marker = rowTicks(all, func(analyze.Holding) string { return "" })
	c.panels = [][]panel{{left, right}}
	c.width, c.height = 720, float64(150+legendRow*((len(who)+1)/2)+max(24, 11*len(who))*len(all))
	c.Caption = fmt.Sprintf("Left: peak memory of the process tree in one job of the warm-up, from several readings: PSS, which divides shared pages between their processes. Right: what that is above direct, the plain loop, in the same block, divided by the workers; points at the left edge are at most %s. "+
		"%s. %s", format.Bytes(lowest), n.medians(a), machine(a))
	if why := unread(a); why != "" {
		c.Caption += " In some launches it could not be read: " + why + "."
	}
}

// holdings draws a panel of dots with a row for each kind of tasks.
func holdings(title string, all []analyze.Holding, who []string, n *extent, of func(analyze.Held) analyze.Estimate) panel {
	p := logXPanel(title)
	p.Y.Min, p.Y.Max = -0.5, float64(len(all))-0.5
	p.Y.Tick.Length, p.Y.LineStyle.Width = 0, 0
	x := newExtent()
	p.Add(bands(len(all)), uprights(0.6))
	for k, l := range who {
		var points []point
		for i, h := range all {
			for _, r := range h.Rows {
				e := of(r)
				if analyze.Bare(r.Cell) != l || !e.Known() {
					continue
				}
				pt := point{max(lowest, e.Value), float64(len(all) - 1 - i), max(lowest, e.Value), max(lowest, e.Value)}
				if !math.IsInf(e.Hi, 1) && e.N > 1 {
					pt.lo, pt.hi = max(lowest, e.Lo), max(lowest, e.Hi)
				}
				x.add(pt.lo, pt.hi)
				n.count(e.N)
				points = append(points, pt)
			}
		}
		p.Add(dots(holder(k), points, (float64(len(who)-1)/2-float64(k))/float64(len(who)+1)))
	}
	if !usable(x.lo) {
		x.add(lowest, 16*lowest)
	}
	p.X.Min, p.X.Max = x.padded(1.5)
	p.X.Tick.Marker = byteTicks
	return p
}

// holder returns the style of the k-th strategy in the memory chart; the first is direct.
func holder(k int) style {
	if k == 0 {
		return loopStyle
	}
	return styleOf(k - 1)
}

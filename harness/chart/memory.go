package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// held returns the holdings on each number of cores; an empty one where the memory could not
// be read.
func held(a *analyze.Analysis) [][]analyze.Holding {
	all := a.HoldingsByCores()
	if len(all) == 0 && unread(a) != "" && len(a.Isolations) > 0 {
		return [][]analyze.Holding{nil}
	}
	return all
}

// unread returns why the memory could not be read, in all launches or some.
func unread(a *analyze.Analysis) string {
	return strings.TrimSuffix(a.Info.Absent[harness.UnitPSS], ".")
}

const lowest = 64 << 10 // bytes: less than this does not differ from nothing

// memory draws a row for each kind of tasks, with the memory of all processes, and the share of
// each worker. Where the memory could not be read the chart says why.
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
	right := holdings("more than direct, by worker", all, who, &n, func(r analyze.Held) analyze.Estimate { return r.Each })
	left.Y.Tick.Marker = rowTicks(all, analyze.Place.Anywhere)
	right.Y.Tick.Marker = rowTicks(all, func(analyze.Place) string { return "" })
	c.panels = [][]*plot.Plot{{left, right}}
	c.width, c.height = 720, vg.Length(150+legendRow*((len(who)+1)/2)+max(24, 11*len(who))*len(all))
	c.Caption = fmt.Sprintf("The most that the process tree held during one job of the warm-up, in several looks at it: PSS, in which pages that several processes share count in parts. On the right what that is above direct, the plain loop, in the same block, over the workers; at the left edge at most %s. "+
		"%s. %s", format.Bytes(lowest), n.medians(a), machine(a))
	if why := unread(a); why != "" {
		c.Caption += " In some launches it could not be read: " + why + "."
	}
}

// holdings draws a panel of dots, a row for each kind of tasks.
func holdings(title string, all []analyze.Holding, who []string, n *extent, of func(analyze.Held) analyze.Estimate) *plot.Plot {
	p := newPlot()
	p.Title.Text = title
	p.X.Scale = plot.LogScale{}
	p.Y.Min, p.Y.Max = -0.5, float64(len(all))-0.5
	p.Y.Tick.Length, p.Y.LineStyle.Width = 0, 0
	x := newExtent()
	p.Add(bands{len(all)}, uprights{0.6})
	for k, l := range who {
		d := dots{style: holder(k), shift: (float64(len(who)-1)/2 - float64(k)) / float64(len(who)+1)}
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
				d.points = append(d.points, pt)
			}
		}
		p.Add(d)
	}
	p.X.Min, p.X.Max = x.padded(1.5, lowest, 16*lowest)
	p.X.Tick.Marker = byteTicks
	return p
}

// rowTicks label the rows, the first on top.
func rowTicks(all []analyze.Holding, label func(analyze.Place) string) (ticks plot.ConstantTicks) {
	for i, h := range all {
		ticks = append(ticks, plot.Tick{Value: float64(len(all) - 1 - i), Label: label(h.Place)})
	}
	return ticks
}

// holder returns the style of the k-th strategy that holds memory, direct the first.
func holder(k int) style {
	if k == 0 {
		return style{color: grey, glyph: draw.PlusGlyph{}}
	}
	return style{color: palette[(k-1)%len(palette)], glyph: glyphs[(k-1)%len(glyphs)]}
}

// Dots are points at whole numbers of y, a little above or below, with intervals along x.
type dots struct {
	style  style
	points []point // lo and hi are along x
	shift  float64
}

func (d dots) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	for _, q := range d.points {
		y := ty(q.y + d.shift)
		if q.lo < q.hi {
			c.StrokeLine2(d.style.solid(0.9), tx(q.lo), y, tx(q.hi), y)
		}
		c.DrawGlyph(d.style.mark(3.2), vg.Point{X: tx(q.x), Y: y})
	}
}

// Bands shade every second of so many rows, so that the eye stays on one.
type bands struct{ rows int }

func (b bands) Plot(c draw.Canvas, p *plot.Plot) {
	_, ty := p.Transforms(&c)
	for i := 0; i < b.rows; i += 2 {
		lo, hi := ty(float64(i)-0.5), ty(float64(i)+0.5)
		c.FillPolygon(tint, box(c.Min.X, lo, c.Max.X, hi))
	}
}

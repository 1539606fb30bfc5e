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
)

// memories draws a chart for each number of cores on which tasks were run that memory is
// about: a row for each kind of tasks, with what all processes held, and what each worker
// added to that. Where the memory could not be read the chart says why.
func memories(a *analyze.Analysis) []Chart {
	var cores []int
	for _, h := range a.Holdings {
		if !slices.Contains(cores, h.Place.Cores) {
			cores = append(cores, h.Place.Cores)
		}
	}
	why := a.Info.Absent[harness.UnitPSS]
	var out []Chart
	for _, n := range cores {
		on := analyze.Count(n, "core")
		c := Chart{Name: "memory-" + file(on), Kind: Memory, Place: analyze.Place{Cores: n},
			Question: fmt.Sprintf("How much memory do workers hold, as goroutines and as processes? (on %s)", on)}
		c.memory(a, slices.DeleteFunc(slices.Clone(a.Holdings), func(h analyze.Holding) bool { return h.Place.Cores != n }))
		if why != "" {
			c.Caption += " In some launches it could not be read: " + strings.TrimSuffix(why, ".") + "."
		}
		out = append(out, c)
	}
	if len(out) == 0 && why != "" && len(a.Isolations) > 0 {
		out = append(out, Chart{Name: "memory", Kind: Memory, Question: "How much memory do workers hold, as goroutines and as processes?",
			Caption: "The memory of the processes could not be read here: " + strings.TrimSuffix(why, ".") + ". " + machine(a), width: 640, height: 120})
	}
	return out
}

const lowest = 64 << 10 // bytes: less than this is not told apart from nothing

func (c *Chart) memory(a *analyze.Analysis, all []analyze.Holding) {
	var who []string
	var rows plot.ConstantTicks
	for i, h := range all {
		rows = append(rows, plot.Tick{Value: float64(len(all) - 1 - i), Label: h.Place.Anywhere()})
		for _, r := range h.Rows {
			if l := nameOf(r.Cell); !slices.Contains(who, l) {
				who = append(who, l)
			}
		}
	}
	least, most := math.MaxInt, 0
	panel := func(title string, of func(analyze.Held) analyze.Estimate) *plot.Plot {
		p := newPlot()
		p.Title.Text = title
		p.X.Scale = plot.LogScale{}
		p.Y.Min, p.Y.Max = -0.5, float64(len(all))-0.5
		p.Y.Tick.Marker, p.Y.Tick.Length, p.Y.LineStyle.Width = rows, 0, 0
		lo, hi := math.Inf(1), 0.0
		p.Add(bands{len(all)}, uprights{})
		for k, l := range who {
			d := dots{style: holder(k), shift: (float64(len(who)-1)/2 - float64(k)) / float64(len(who)+1)}
			for i, h := range all {
				for _, r := range h.Rows {
					e := of(r)
					if nameOf(r.Cell) != l || !e.Known() {
						continue
					}
					pt := point{max(lowest, e.Value), float64(len(all) - 1 - i), 0, 0}
					pt.lo, pt.hi = pt.x, pt.x
					if !math.IsInf(e.Hi, 1) && e.N > 1 {
						pt.lo, pt.hi = max(lowest, e.Lo), max(lowest, e.Hi)
					}
					lo, hi = min(lo, pt.lo), max(hi, pt.hi)
					least, most = min(least, e.N), max(most, e.N)
					d.points = append(d.points, pt)
				}
			}
			p.Add(d)
		}
		if !usable(lo) {
			lo, hi = lowest, 16*lowest
		}
		p.X.Min, p.X.Max = lo/1.5, hi*1.5
		p.X.Tick.Marker = byteTicks{}
		return p
	}
	left := panel("all processes", func(r analyze.Held) analyze.Estimate { return r.Peak })
	right := panel("more than direct, by worker", func(r analyze.Held) analyze.Estimate { return r.Each })
	right.Y.Tick.Marker = unlabelled(rows)
	for k, l := range who {
		c.legend = append(c.legend, entry{style: holder(k), words: l, glyphOnly: true})
	}
	c.panels = [][]*plot.Plot{{left, right}}
	c.across = "bytes (log scale)"
	c.width, c.height = 720, vg.Length(150+legendRow*((len(who)+1)/2)+max(24, 11*len(who))*len(all))
	c.Caption = fmt.Sprintf("The most that the process tree held during one job of the warm-up, in several looks at it: PSS, in which pages that several processes share count in parts. On the right what that is above direct, the plain loop, in the same block, over the workers; at the left edge at most %s. "+
		"Points: medians of launches, %s; %s. %s", bytesOf(lowest), rounds(least, most), whiskers(a, most, alone), machine(a))
}

// holder is the style of the k-th that hold memory, direct the first.
func holder(k int) style {
	if k == 0 {
		return style{color: grey, glyph: draw.PlusGlyph{}}
	}
	return style{color: palette[(k-1)%len(palette)], glyph: glyphs[(k-1)%len(glyphs)]}
}

func unlabelled(ticks plot.ConstantTicks) plot.ConstantTicks {
	out := slices.Clone(ticks)
	for i := range out {
		out[i].Label = ""
	}
	return out
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
		c.FillPolygon(tint, []vg.Point{{X: c.Min.X, Y: lo}, {X: c.Max.X, Y: lo}, {X: c.Max.X, Y: hi}, {X: c.Min.X, Y: hi}})
	}
}

// Uprights are a grid along x alone.
type uprights struct{}

func (uprights) Plot(c draw.Canvas, p *plot.Plot) {
	tx, _ := p.Transforms(&c)
	for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
		if x := tx(t.Value); !t.IsMinor() && c.ContainsX(x) {
			c.StrokeLine2(draw.LineStyle{Color: faint, Width: 0.6}, x, c.Min.Y, x, c.Max.Y)
		}
	}
}

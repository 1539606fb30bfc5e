package chart

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A mark is a function that draws something on a panel. The functions tx and ty convert axis values
// to canvas coordinates.
type mark func(c draw.Canvas, p *plot.Plot, tx, ty func(float64) vg.Length)

func (m mark) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	m(c, p, tx, ty)
}

// tickers are the tickers of logarithmic axes by unit.
var tickers = map[Unit]plot.Ticker{Time: timeTicks, Ratio: factorTicks, Share: factorTicks, Bytes: byteTicks, Count: countTicks, PerSecond: countTicks, BytesPerSecond: rateTicks}

// plot returns the panel as a plot of package gonum.org/v1/plot. The plot has no titles, because
// draw adds them to the page.
func (p *Panel) plot() *plot.Plot {
	out := plot.New()
	for _, a := range []struct {
		*plot.Axis
		of    Axis
		lying bool
	}{{&out.X, p.X, true}, {&out.Y, p.Y, false}} {
		a.Tick.Label.Font = textStyle(9, ink).Font
		a.Tick.Label.Color = ink
		a.Tick.Label.Handler = handler{}
		a.Label.TextStyle.Handler = handler{}
		a.Tick.LineStyle.Color, a.LineStyle.Color = grey, grey
		a.Padding = 0
		a.Min, a.Max = a.of.Min, a.of.Max
		a.Tick.Marker = a.of.ticker()
		switch {
		case len(a.of.Names) > 0:
			a.Tick.Length, a.LineStyle.Width = 0, 0
			if !a.lying {
				a.Scale = plot.InvertedScale{Normalizer: plot.LinearScale{}}
			}
		case a.of.Log:
			a.Scale = plot.LogScale{}
		}
	}
	out.Title.TextStyle.Handler = handler{}
	out.Add(p.background(), map[Form]func() mark{Lines: p.lines, Bars: p.bars, Dots: p.dots, Stacks: p.stacks, Tiles: p.tiles, Spans: p.spans}[p.Form](), p.marked())
	return out
}

// ticker returns the plot.Ticker that places and labels the ticks of the axis.
func (a Axis) ticker() plot.Ticker {
	switch {
	case a.ticks != nil:
		return a.ticks
	case len(a.Names) > 0:
		return columnTicks(a.Names, func(s string) string { return s })
	case a.Log:
		return tickers[a.Unit]
	case a.Unit == Share && a.Min == 0 && a.Max < 1.5:
		return percentTicks(a.Max)
	case a.Unit == Ratio && a.Min == 0:
		return speedTicks(a.Max)
	}
	return steps(a)
}

// background returns a mark that draws the background of the panel: the shaded range or shaded
// rows, the grid and the rulers.
func (p *Panel) background() mark {
	return func(c draw.Canvas, of *plot.Plot, tx, ty func(float64) vg.Length) {
		if p.Band[1] > p.Band[0] {
			c.FillPolygon(tint, box(tx(p.Band[0])-4, c.Min.Y, tx(p.Band[1])+4, c.Max.Y))
		}
		if p.Form == Dots {
			for i := 0; i < len(p.Y.Names); i += 2 {
				c.FillPolygon(tint, box(c.Min.X, ty(float64(i)-0.5), c.Max.X, ty(float64(i)+0.5)))
			}
		}
		line := draw.LineStyle{Color: faint, Width: 0.5}
		if p.Form == Tiles {
			return
		}
		for _, t := range of.X.Tick.Marker.Ticks(of.X.Min, of.X.Max) {
			if x := tx(t.Value); !t.IsMinor() && c.ContainsX(x) && len(p.X.Names) == 0 {
				c.StrokeLine2(line, x, c.Min.Y, x, c.Max.Y)
			}
		}
		for _, t := range of.Y.Tick.Marker.Ticks(of.Y.Min, of.Y.Max) {
			if y := ty(t.Value); !t.IsMinor() && c.ContainsY(y) && len(p.Y.Names) == 0 {
				c.StrokeLine2(line, c.Min.X, y, c.Max.X, y)
			}
		}
		for _, r := range p.Rulers {
			switch r.Kind {
			case Level:
				c.StrokeLine2(rulerLine, c.Min.X, ty(r.At), c.Max.X, ty(r.At))
			case Upright:
				c.StrokeLine2(rulerLine, tx(r.At), c.Min.Y, tx(r.At), c.Max.Y)
			case Diagonal:
				from, to := max(p.X.Min, p.Y.Min), min(p.X.Max, p.Y.Max)
				c.StrokeLine2(rulerLine, tx(from), ty(from), tx(to), ty(to))
			}
		}
	}
}

// rulerLine is the dashed grey line of rulers.
var rulerLine = draw.LineStyle{Color: grey, Width: 0.8, Dashes: ruled}

// marked returns a mark that draws each element of the panel's Marks as a diamond, its interval
// along the x axis, and a thin line down to that axis.
func (p *Panel) marked() mark {
	return func(c draw.Canvas, of *plot.Plot, tx, ty func(float64) vg.Length) {
		for _, m := range p.Marks {
			sty := styled(m.Style, m.Variant)
			switch p.Form {
			case Stacks:
				stackMark(c, m, tx, ty)
				continue
			case Tiles:
				tileMark(c, m, tx, ty)
				continue
			}
			within := func(x float64) vg.Length { return tx(min(max(x, of.X.Min), of.X.Max)) }
			x, y := within(m.X), ty(min(max(m.Y, of.Y.Min), of.Y.Max))
			c.StrokeLine2(draw.LineStyle{Color: sty.color, Width: 0.7, Dashes: dashes[2]}, x, y, x, c.Min.Y)
			if lo, hi := within(m.Lo), within(m.Hi); hi > lo {
				c.StrokeLine2(sty.solid(1.2), lo, y, hi, y)
				for _, end := range []vg.Length{lo, hi} {
					c.StrokeLine2(sty.solid(1.2), end, y-4, end, y+4)
				}
			}
			diamond(c, sty, m.Solid, x, y)
		}
	}
}

// stackMark draws mark m on a row of stacked bars. If m has an interval, it draws a line from Lo to
// Hi above the bar, else a short upright line at X.
func stackMark(c draw.Canvas, m Mark, tx, ty func(float64) vg.Length) {
	line := draw.LineStyle{Color: ink, Width: 1.6}
	if m.Hi > m.Lo {
		y := ty(m.Y+0.32) - 2.5
		c.StrokeLine2(line, tx(m.Lo), y, tx(m.Hi), y)
		return
	}
	c.StrokeLine2(line, tx(m.X), ty(m.Y+0.4), tx(m.X), ty(m.Y-0.4))
}

// sample returns a function that draws an example of the mark for the legend.
func (m Mark) sample(form Form) func(c draw.Canvas, x, y vg.Length) {
	return func(c draw.Canvas, x, y vg.Length) {
		switch mid := x + sample/2; {
		case form == Tiles:
			tileMark(c, m, func(float64) vg.Length { return mid }, func(v float64) vg.Length { return y - 5*vg.Length((v-m.Y)/0.5) })
		case form == Stacks && m.Hi > m.Lo:
			c.StrokeLine2(draw.LineStyle{Color: ink, Width: 1.6}, mid-8, y, mid+8, y)
		case form == Stacks:
			c.StrokeLine2(draw.LineStyle{Color: ink, Width: 1.6}, mid, y-5, mid, y+5)
		default:
			diamond(c, style{color: ink}, m.Solid, mid, y)
		}
	}
}

func diamond(c draw.Canvas, sty style, solid bool, x, y vg.Length) {
	const r = 5
	corners := []vg.Point{{X: x, Y: y + r}, {X: x + r, Y: y}, {X: x, Y: y - r}, {X: x - r, Y: y}}
	c.FillPolygon(color.White, corners)
	if solid {
		c.FillPolygon(sty.color, corners)
	}
	c.StrokeLines(sty.solid(1.3), append(corners, corners[0]))
}

// box returns the corners of a rectangle.
func box(x1, y1, x2, y2 vg.Length) []vg.Point {
	return []vg.Point{{X: x1, Y: y1}, {X: x2, Y: y1}, {X: x2, Y: y2}, {X: x1, Y: y2}}
}

// clamped returns v, or the nearest end of the axis if v lies outside its range.
func clamped(v float64, a plot.Axis) float64 { return math.Min(math.Max(v, a.Min), a.Max) }

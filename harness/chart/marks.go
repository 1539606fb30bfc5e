package chart

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// A point has an interval along y or along x; without an interval, lo = hi.
type point struct{ x, y, lo, hi float64 }

// at returns the point of an estimate with its interval along y.
func at(x float64, e analyze.Estimate) point {
	if e.Bounded() {
		return point{x, e.Value, e.Lo, e.Hi}
	}
	return point{x, e.Value, e.Value, e.Value}
}

// along returns the point of an estimate with its interval along x.
func along(e analyze.Estimate, y float64) point {
	p := at(y, e)
	p.x, p.y = p.y, p.x
	return p
}

// A series draws points with whiskers and a line.
type series struct {
	style  style
	points []point
	line   []point // points of the line, if they differ from points
	shift  float64 // to the right, so that series do not cover each other
}

// add appends an estimate and adds it to an extent. It ignores estimates that are unknown or invalid
// on a logarithmic axis.
func (s *series) add(x float64, e analyze.Estimate, y *extent) (p point, ok bool) {
	if !e.Known() || !usable(e.Value) {
		return p, false
	}
	p = at(x, e)
	s.points = append(s.points, p)
	y.add(e.Value)
	y.count(e.N)
	return p, true
}

func (s series) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	at := func(x, y float64) vg.Point {
		return vg.Point{X: tx(x) + vg.Length(s.shift), Y: ty(min(max(y, p.Y.Min), p.Y.Max))}
	}
	var line []vg.Point
	through := s.line
	if through == nil {
		through = s.points
	}
	for _, q := range through {
		line = append(line, at(q.x, q.y))
	}
	c.StrokeLines(s.style.line(1.6), line)
	for _, q := range s.points {
		if q.lo < q.hi {
			lo, hi := at(q.x, q.lo), at(q.x, q.hi)
			c.StrokeLine2(s.style.solid(0.9), lo.X, lo.Y, hi.X, hi.Y)
			long := hi.Y-lo.Y > 6 // end caps of shorter whiskers would hide the glyph
			if long && q.lo >= p.Y.Min {
				c.StrokeLine2(s.style.solid(0.9), lo.X-2.5, lo.Y, lo.X+2.5, lo.Y)
			}
			if long && q.hi <= p.Y.Max { // a whisker that leaves the panel has no end cap
				c.StrokeLine2(s.style.solid(0.9), hi.X-2.5, hi.Y, hi.X+2.5, hi.Y)
			}
		}
		c.DrawGlyph(s.style.mark(3.2), at(q.x, q.y))
	}
}

// A mark draws on a panel; tx and ty convert axis values to canvas coordinates.
type mark func(c draw.Canvas, p *plot.Plot, tx, ty func(float64) vg.Length)

func (m mark) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	m(c, p, tx, ty)
}

// crossing marks the point at which a series crosses a level: a diamond, its interval along x, and a
// thin line down to the axis.
func crossing(style style, at point) mark {
	return func(c draw.Canvas, p *plot.Plot, tx, ty func(float64) vg.Length) {
		within := func(x float64) vg.Length { return tx(min(max(x, p.X.Min), p.X.Max)) }
		x, y := within(at.x), ty(at.y)
		c.StrokeLine2(draw.LineStyle{Color: style.color, Width: 0.7, Dashes: dashes[2]}, x, y, x, c.Min.Y)
		if lo, hi := within(at.lo), within(at.hi); hi > lo {
			c.StrokeLines(style.solid(1.2), []vg.Point{{X: lo, Y: y}, {X: hi, Y: y}},
				[]vg.Point{{X: lo, Y: y - 4}, {X: lo, Y: y + 4}}, []vg.Point{{X: hi, Y: y - 4}, {X: hi, Y: y + 4}})
		}
		const r = 4.5
		diamond := []vg.Point{{X: x, Y: y + r}, {X: x + r, Y: y}, {X: x, Y: y - r}, {X: x - r, Y: y}}
		c.FillPolygon(color.White, diamond)
		c.StrokeLines(style.solid(1.3), append(diamond, diamond[0]))
	}
}

// rulerLine is the dashed grey line of rulers.
var rulerLine = draw.LineStyle{Color: grey, Width: 0.8, Dashes: ruled}

// level draws a horizontal ruler with words at its right end.
func level(y float64, words string) mark {
	return func(c draw.Canvas, p *plot.Plot, tx, ty func(float64) vg.Length) {
		c.StrokeLine2(rulerLine, tx(p.X.Min), ty(y), tx(p.X.Max), ty(y))
		if words != "" {
			sty := textStyle(9, grey)
			sty.XAlign = draw.XRight
			c.FillText(sty, vg.Point{X: tx(p.X.Max) - 4, Y: ty(y) + 3}, words)
		}
	}
}

// diagonal draws a ruler along y = x.
func diagonal(from, to float64) mark {
	return func(c draw.Canvas, _ *plot.Plot, tx, ty func(float64) vg.Length) {
		c.StrokeLine2(rulerLine, tx(from), ty(from), tx(to), ty(to))
	}
}

// uprights draws faint vertical lines at the labelled ticks of the x axis.
func uprights(width vg.Length) mark {
	return func(c draw.Canvas, p *plot.Plot, tx, _ func(float64) vg.Length) {
		for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
			if x := tx(t.Value); !t.IsMinor() && c.ContainsX(x) {
				c.StrokeLine2(draw.LineStyle{Color: faint, Width: width}, x, c.Min.Y, x, c.Max.Y)
			}
		}
	}
}

// grid draws faint lines at the labelled ticks of both axes.
var grid mark = func(c draw.Canvas, p *plot.Plot, tx, ty func(float64) vg.Length) {
	uprights(0.5)(c, p, tx, ty)
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if y := ty(t.Value); !t.IsMinor() && c.ContainsY(y) {
			c.StrokeLine2(draw.LineStyle{Color: faint, Width: 0.5}, c.Min.X, y, c.Max.X, y)
		}
	}
}

// height draws a horizontal line at y, with a glyph at the share along of its length.
func height(style style, y, along float64) mark {
	return func(c draw.Canvas, _ *plot.Plot, _, ty func(float64) vg.Length) {
		c.StrokeLine2(style.line(1.3), c.Min.X, ty(y), c.Max.X, ty(y))
		c.DrawGlyph(style.mark(3.2), vg.Point{X: c.Min.X + vg.Length(along)*(c.Max.X-c.Min.X), Y: ty(y)})
	}
}

// shaded shades a range of the x axis.
func shaded(from, to float64) mark {
	return func(c draw.Canvas, _ *plot.Plot, tx, _ func(float64) vg.Length) {
		c.FillPolygon(tint, box(tx(from)-4, c.Min.Y, tx(to)+4, c.Max.Y))
	}
}

// upright draws a vertical line at a value of the x axis.
func upright(style style, at float64) mark {
	return func(c draw.Canvas, _ *plot.Plot, tx, _ func(float64) vg.Length) {
		if x := tx(at); x >= c.Min.X && x <= c.Max.X {
			c.StrokeLine2(draw.LineStyle{Color: style.color, Width: 0.8, Dashes: dashes[2]}, x, c.Min.Y, x, c.Max.Y)
		}
	}
}

// dots draws points at whole numbers of y, shifted up, with intervals along x.
func dots(style style, points []point, shift float64) mark {
	return func(c draw.Canvas, _ *plot.Plot, tx, ty func(float64) vg.Length) {
		for _, q := range points {
			y := ty(q.y + shift)
			if q.lo < q.hi {
				c.StrokeLine2(style.solid(0.9), tx(q.lo), y, tx(q.hi), y)
			}
			c.DrawGlyph(style.mark(3.2), vg.Point{X: tx(q.x), Y: y})
		}
	}
}

// bands shades every second row to guide the eye.
func bands(rows int) mark {
	return func(c draw.Canvas, _ *plot.Plot, _, ty func(float64) vg.Length) {
		for i := 0; i < rows; i += 2 {
			c.FillPolygon(tint, box(c.Min.X, ty(float64(i)-0.5), c.Max.X, ty(float64(i)+0.5)))
		}
	}
}

// box returns the corners of a rectangle.
func box(x1, y1, x2, y2 vg.Length) []vg.Point {
	return []vg.Point{{X: x1, Y: y1}, {X: x2, Y: y1}, {X: x2, Y: y2}, {X: x1, Y: y2}}
}

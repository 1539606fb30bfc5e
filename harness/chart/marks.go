package chart

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// A point has its interval along y, or along x; lo = hi where there is none.
type point struct{ x, y, lo, hi float64 }

// at returns an estimate along y.
func at(x float64, e analyze.Estimate) point {
	if e.Bounded() {
		return point{x, e.Value, e.Lo, e.Hi}
	}
	return point{x, e.Value, e.Value, e.Value}
}

// along returns an estimate along x.
func along(e analyze.Estimate, y float64) point {
	p := at(y, e)
	p.x, p.y = p.y, p.x
	return p
}

// A series draws points with whiskers and a line.
type series struct {
	style  style
	points []point
	line   []point   // that the line goes through; nil for the points
	shift  vg.Length // to the right, so that series at the same x do not cover each other
}

func (s series) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	at := func(x, y float64) vg.Point {
		return vg.Point{X: tx(x) + s.shift, Y: ty(min(max(y, p.Y.Min), p.Y.Max))}
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
			c.StrokeLines(s.style.solid(0.9), []vg.Point{lo, hi})
			long := hi.Y-lo.Y > 6 // ends of a shorter one would only hide the glyph
			if long && q.lo >= p.Y.Min {
				c.StrokeLines(s.style.solid(0.9), whisker(lo))
			}
			if long && q.hi <= p.Y.Max { // one that goes on beyond the frame has no end
				c.StrokeLines(s.style.solid(0.9), whisker(hi))
			}
		}
		c.DrawGlyph(s.style.mark(3.2), at(q.x, q.y))
	}
}

func whisker(p vg.Point) []vg.Point {
	return []vg.Point{{X: p.X - 2.5, Y: p.Y}, {X: p.X + 2.5, Y: p.Y}}
}

// A crossing marks where a series passes a level y: a diamond, its interval along x, and
// a thin line down to the axis.
type crossing struct {
	style style
	point // its interval is along x
}

func (m crossing) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	y := ty(m.y)
	at := func(x float64) vg.Length { return tx(min(max(x, p.X.Min), p.X.Max)) }
	x := at(m.x)
	c.StrokeLines(draw.LineStyle{Color: m.style.color, Width: 0.7, Dashes: []vg.Length{2, 2}},
		[]vg.Point{{X: x, Y: y}, {X: x, Y: c.Min.Y}})
	if lo, hi := at(m.lo), at(m.hi); hi > lo {
		c.StrokeLines(m.style.solid(1.2), []vg.Point{{X: lo, Y: y}, {X: hi, Y: y}},
			[]vg.Point{{X: lo, Y: y - 4}, {X: lo, Y: y + 4}}, []vg.Point{{X: hi, Y: y - 4}, {X: hi, Y: y + 4}})
	}
	const r = 4.5
	diamond := []vg.Point{{X: x, Y: y + r}, {X: x + r, Y: y}, {X: x, Y: y - r}, {X: x - r, Y: y}}
	c.FillPolygon(color.White, diamond)
	c.StrokeLines(m.style.solid(1.3), append(diamond, diamond[0]))
}

// A ruler is a straight line from one point to another with words at its right end.
type ruler struct {
	x1, y1, x2, y2 float64
	words          string
}

// level returns a ruler across the panel.
func level(p *plot.Plot, y float64, words string) ruler {
	return ruler{p.X.Min, y, p.X.Max, y, words}
}

// rulerLine is dashed and grey.
var rulerLine = draw.LineStyle{Color: grey, Width: 0.8, Dashes: []vg.Length{5, 3}}

func (r ruler) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	a, b := vg.Point{X: tx(r.x1), Y: ty(r.y1)}, vg.Point{X: tx(r.x2), Y: ty(r.y2)}
	c.StrokeLines(rulerLine, []vg.Point{a, b})
	if r.words == "" {
		return
	}
	sty := textStyle(9, grey)
	sty.XAlign = draw.XRight
	c.FillText(sty, vg.Point{X: b.X - 4, Y: b.Y + 3}, r.words)
}

// uprights draw faint lines at the labelled ticks of the x axis.
type uprights struct{ width vg.Length }

func (u uprights) Plot(c draw.Canvas, p *plot.Plot) {
	tx, _ := p.Transforms(&c)
	for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
		if x := tx(t.Value); !t.IsMinor() && c.ContainsX(x) {
			c.StrokeLine2(draw.LineStyle{Color: faint, Width: u.width}, x, c.Min.Y, x, c.Max.Y)
		}
	}
}

// A grid has lines at the labelled ticks of both axes.
type grid struct{}

func (grid) Plot(c draw.Canvas, p *plot.Plot) {
	uprights{0.5}.Plot(c, p)
	_, ty := p.Transforms(&c)
	sty := draw.LineStyle{Color: faint, Width: 0.5}
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if y := ty(t.Value); !t.IsMinor() && c.ContainsY(y) {
			c.StrokeLine2(sty, c.Min.X, y, c.Max.X, y)
		}
	}
}

// box returns the corners of a rectangle.
func box(x1, y1, x2, y2 vg.Length) []vg.Point {
	return []vg.Point{{X: x1, Y: y1}, {X: x2, Y: y1}, {X: x2, Y: y2}, {X: x1, Y: y2}}
}

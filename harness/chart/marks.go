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
	line   []point // that the line goes through; nil for the points
	shift  float64 // to the right, so that series at the same x do not cover each other
}

// add appends an estimate, and takes it into an extent; it leaves out one that is not known, or
// that cannot stand on a logarithmic axis.
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
	point // its interval is along x; zero for no mark
}

func (m crossing) Plot(c draw.Canvas, p *plot.Plot) {
	if m.point == (point{}) {
		return
	}
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
func level(p panel, y float64, words string) ruler {
	return ruler{p.X.Min, y, p.X.Max, y, words}
}

// rulerLine is dashed and grey.
var rulerLine = draw.LineStyle{Color: grey, Width: 0.8, Dashes: ruled}

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

// A height is a line across at a value of y, with a glyph on it a part of the way along.
type height struct {
	style style
	y     float64
	at    float64
}

func (l height) Plot(c draw.Canvas, p *plot.Plot) {
	_, ty := p.Transforms(&c)
	y := ty(l.y)
	c.StrokeLine2(l.style.line(1.3), c.Min.X, y, c.Max.X, y)
	c.DrawGlyph(l.style.mark(3.2), vg.Point{X: c.Min.X + vg.Length(l.at)*(c.Max.X-c.Min.X), Y: y})
}

// A shaded is a part of the x axis.
type shaded struct{ from, to float64 }

func (s shaded) Plot(c draw.Canvas, p *plot.Plot) {
	tx, _ := p.Transforms(&c)
	c.FillPolygon(tint, box(tx(s.from)-4, c.Min.Y, tx(s.to)+4, c.Max.Y))
}

// An upright is a line at a place of the x axis, from below to above.
type upright struct {
	style style
	x     float64
}

func (u upright) Plot(c draw.Canvas, p *plot.Plot) {
	tx, _ := p.Transforms(&c)
	if x := tx(u.x); x >= c.Min.X && x <= c.Max.X {
		line := u.style.line(0.8)
		line.Dashes = dashes[2]
		c.StrokeLine2(line, x, c.Min.Y, x, c.Max.Y)
	}
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

// box returns the corners of a rectangle.
func box(x1, y1, x2, y2 vg.Length) []vg.Point {
	return []vg.Point{{X: x1, Y: y1}, {X: x2, Y: y1}, {X: x2, Y: y2}, {X: x1, Y: y2}}
}

package chart

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A point with its interval along y; lo = hi where there is none.
type point struct{ x, y, lo, hi float64 }

// A series draws points with whiskers and a line.
type series struct {
	style  style
	points []point
	line   []point   // what the line goes through; nil for the points
	shift  vg.Length // to the right, so that series at the same x can be told apart
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
			if long && q.hi <= p.Y.Max { // what goes on beyond the frame has no end
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
	style     style
	y         float64
	x, lo, hi float64
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

// A ruler is a straight line from one point to another with words on it.
type ruler struct {
	x1, y1, x2, y2 float64
	words          string
	right          bool // words at the right end, else at the left
}

func (r ruler) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	a, b := vg.Point{X: tx(r.x1), Y: ty(r.y1)}, vg.Point{X: tx(r.x2), Y: ty(r.y2)}
	c.StrokeLines(draw.LineStyle{Color: grey, Width: 0.8, Dashes: []vg.Length{5, 3}}, []vg.Point{a, b})
	if r.words == "" {
		return
	}
	sty := textStyle(9, grey)
	at := vg.Point{X: a.X + 4, Y: a.Y + 3}
	if r.right {
		sty.XAlign = draw.XRight
		at = vg.Point{X: b.X - 4, Y: b.Y + 3}
	}
	c.FillText(sty, at, r.words)
}

// grid draws faint lines at the labelled ticks.
type grid struct{}

func (grid) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	sty := draw.LineStyle{Color: faint, Width: 0.5}
	for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
		if x := tx(t.Value); !t.IsMinor() && c.ContainsX(x) {
			c.StrokeLine2(sty, x, c.Min.Y, x, c.Max.Y)
		}
	}
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if y := ty(t.Value); !t.IsMinor() && c.ContainsY(y) {
			c.StrokeLine2(sty, c.Min.X, y, c.Max.X, y)
		}
	}
}

// An entry of the legend: the series' line and glyph, and words.
type entry struct {
	style style
	words string
	plain bool // a grey dashed line instead, for rulers

	glyphOnly bool // for what is a single point
}

const legendRow = 15

// drawLegend fills columns from the bottom of the page up and returns the height used.
func drawLegend(c draw.Canvas, entries []entry) vg.Length {
	if len(entries) == 0 {
		return 0
	}
	sty := textStyle(10, ink)
	widest := vg.Length(0)
	for _, e := range entries {
		widest = max(widest, sty.Width(e.words)+44)
	}
	columns := max(1, min(len(entries), int((c.Max.X-c.Min.X)/widest)))
	rows := (len(entries) + columns - 1) / columns
	columns = (len(entries) + rows - 1) / rows
	step := (c.Max.X - c.Min.X) / vg.Length(columns)
	for i, e := range entries {
		x := c.Min.X + step*vg.Length(i/rows)
		y := c.Min.Y + legendRow*(vg.Length(rows-1-i%rows)+0.5)
		from, to := vg.Point{X: x, Y: y}, vg.Point{X: x + 32, Y: y}
		if e.plain {
			c.StrokeLines(draw.LineStyle{Color: grey, Width: 0.8, Dashes: []vg.Length{5, 3}}, []vg.Point{from, to})
		} else {
			if !e.glyphOnly {
				c.StrokeLines(e.style.line(1.6), []vg.Point{from, to})
			}
			c.DrawGlyph(e.style.mark(3.2), vg.Point{X: x + 16, Y: y})
		}
		c.FillText(sty, vg.Point{X: x + 38, Y: y - 3.5}, e.words)
	}
	return legendRow * vg.Length(rows)
}

// usable reports whether v can stand on a logarithmic axis.
func usable(v float64) bool { return v > 0 && !math.IsInf(v, 1) }

package chart

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// shapes are the outlines of glyphs. An outline is a list of points on or in the unit circle; nil
// stands for the circle itself.
var shapes = [][]vg.Point{
	nil,
	polygon(4, math.Pi/4, 1), // square
	polygon(3, math.Pi/2, 1), // triangle
	polygon(4, 0, 1),         // diamond
	polygon(3, -math.Pi/2, 1),
	polygon(5, math.Pi/2, 0.45), // star
	polygon(6, 0, 1),
	polygon(4, math.Pi/4, 0.4), // cross
}

// polygon returns the corners of a regular polygon with n corners on the unit circle, the first at
// the given angle. If depth is below 1, it returns a star, which also has n inner corners at the
// distance depth from the centre.
func polygon(n int, angle, depth float64) (all []vg.Point) {
	for i := range 2 * n {
		r := 1.0
		if i%2 == 1 {
			if r = depth; depth == 1 {
				continue
			}
		}
		sin, cos := math.Sincos(angle + float64(i)*math.Pi/float64(n))
		all = append(all, vg.Point{X: vg.Length(r * cos), Y: vg.Length(r * sin)})
	}
	return all
}

const glyphSize = 3.6 // points from the centre to a corner

// glyph draws the glyph of the style at a point. It draws a hollow glyph for values that have few
// launches.
func (s style) glyph(c draw.Canvas, at vg.Point, hollow bool) {
	var path vg.Path
	corners := shapes[s.shape%len(shapes)]
	if corners == nil {
		path.Move(vg.Point{X: at.X + 0.9*glyphSize, Y: at.Y})
		path.Arc(at, 0.9*glyphSize, 0, 2*math.Pi)
	}
	for i, p := range corners {
		p = vg.Point{X: at.X + glyphSize*p.X, Y: at.Y + glyphSize*p.Y}
		if i == 0 {
			path.Move(p)
		} else {
			path.Line(p)
		}
	}
	path.Close()
	if c.SetColor(s.color); hollow {
		c.SetColor(color.White)
	}
	c.Fill(path)
	c.SetLineStyle(draw.LineStyle{Color: s.color, Width: 1.2})
	c.Stroke(path)
}

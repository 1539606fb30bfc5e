package chart

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/payoff-bench/payoff/harness/format"
)

// tiles returns a mark that draws the values of a heat map as coloured rectangles.
func (p *Panel) tiles() mark {
	return func(c draw.Canvas, _ *plot.Plot, tx, ty func(float64) vg.Length) {
		for _, s := range p.Series {
			for _, q := range s.Points {
				const gap = 1
				x1, x2 := tx(q.X-0.5)+gap, tx(q.X+0.5)-gap
				y1, y2 := ty(q.Y+0.5)+gap, ty(q.Y-0.5)-gap
				p.drawTile(c, vg.Rectangle{Min: vg.Point{X: x1, Y: y1}, Max: vg.Point{X: x2, Y: y2}}, q)
			}
		}
	}
}

func (p *Panel) drawTile(c draw.Canvas, tile vg.Rectangle, q Point) {
	corners := box(tile.Min.X, tile.Min.Y, tile.Max.X, tile.Max.Y)
	shade, dark := p.heat(q.Z)
	c.FillPolygon(shade, corners)
	words := textStyle(9, ink)
	if dark {
		words.Color = color.White
	}
	label := p.label(q.Z)
	words.XAlign, words.YAlign = draw.XCenter, draw.YCenter
	mid := vg.Point{X: (tile.Min.X + tile.Max.X) / 2, Y: (tile.Min.Y + tile.Max.Y) / 2}
	decorate(c, tile, q, dark)
	if q.Open { // keep the number free of hatching
		w := words.Width(label)/2 + 2
		c.FillPolygon(shade, box(mid.X-w, mid.Y-5, mid.X+w, mid.Y+5))
	}
	if q.Best {
		words.Font.Weight = bold
	}
	c.FillText(words, mid, label)
}

// decorate draws hatching on the tile of point q if q.Open is set, and a frame if q.Best or
// q.Likely is set. dark reports whether the tile has a dark colour.
func decorate(c draw.Canvas, tile vg.Rectangle, q Point, dark bool) {
	if q.Open {
		line := draw.LineStyle{Color: color.Gray{0x99}, Width: 0.6}
		if dark {
			line.Color = color.Gray{0xbb}
		}
		hatch(c, tile, line)
	}
	frame := draw.LineStyle{Color: ink, Width: 2}
	if q.Likely {
		frame.Width, frame.Dashes = 1.4, dashes[2]
	}
	if q.Best || q.Likely {
		corners := box(tile.Min.X, tile.Min.Y, tile.Max.X, tile.Max.Y)
		c.StrokeLines(frame, append(corners, corners[0], corners[1]))
	}
}

// hatch draws diagonal lines in the box, from lower left to upper right.
func hatch(c draw.Canvas, box vg.Rectangle, sty draw.LineStyle) {
	high := box.Max.Y - box.Min.Y
	const step = 5
	for x := box.Min.X - high + step/2; x < box.Max.X; x += step {
		from, to := max(x, box.Min.X), min(x+high, box.Max.X)
		if from < to {
			c.StrokeLine2(sty, from, box.Min.Y+(from-x), to, box.Min.Y+(to-x))
		}
	}
}

// label returns the text on a tile with value v: a factor for a speed-up, percent for a share.
func (p *Panel) label(v float64) string {
	if p.Z.Unit == Share {
		return format.Points(v)
	}
	digits := 3
	if v < 1 {
		digits = 2
	}
	return format.Number(v, digits)
}

// heat returns the colour of a tile with value v. A speed-up is orange below 1, white at 1 and blue
// above 1. A share is white at 0 and blue at 1. It also reports whether the colour is so dark that
// text on the tile must be light.
func (p *Panel) heat(v float64) (shade color.Color, dark bool) {
	mix := func(to color.RGBA, f float64) color.Color {
		part := func(v uint8) uint8 { return uint8(250 - f*(250-float64(v))) }
		return color.RGBA{part(to.R), part(to.G), part(to.B), 0xff}
	}
	if p.Z.Unit == Share {
		f := math.Sqrt(min(max(v, 0), 1)) // stretches small shares
		return mix(color.RGBA{0x08, 0x30, 0x6b, 0xff}, f), f > 0.55
	}
	if !usable(v) {
		return color.White, false
	}
	f := math.Log2(v)
	if f < 0 {
		f = min(1, math.Sqrt(-f/5))
		return mix(color.RGBA{0xb3, 0x58, 0x06, 0xff}, f), f > 0.7
	}
	f = min(1, math.Sqrt(f/max(1, math.Log2(max(1, p.Z.Max)))))
	return mix(color.RGBA{0x08, 0x45, 0x94, 0xff}, f), f > 0.6
}

package chart

import (
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// tiles draws the sweeps of a chunking by chunk, the first sweep on top.
func tiles(k analyze.Chunking) mark {
	return func(c draw.Canvas, _ *plot.Plot, tx, ty func(float64) vg.Length) {
		for i, s := range k.Sweeps {
			y := float64(len(k.Sweeps) - 1 - i)
			for _, r := range s.Rows {
				if r.Over.Ratio.Known() {
					x := float64(slices.Index(k.Chunks, r.Chunk))
					drawTile(c, vg.Rectangle{Min: vg.Point{X: tx(x-0.5) + 0.7, Y: ty(y-0.5) + 0.7}, Max: vg.Point{X: tx(x+0.5) - 0.7, Y: ty(y+0.5) - 0.7}}, s, r)
				}
			}
		}
	}
}

func drawTile(c draw.Canvas, tile vg.Rectangle, s analyze.Sweep, r analyze.Regret) {
	corners := box(tile.Min.X, tile.Min.Y, tile.Max.X, tile.Max.Y)
	mid := vg.Point{X: (tile.Min.X + tile.Max.X) / 2, Y: (tile.Min.Y + tile.Max.Y) / 2}
	shade, dark := heat(r.Value())
	c.FillPolygon(shade, corners)
	words := textStyle(9, ink)
	if dark {
		words.Color = color.White
	}
	words.XAlign, words.YAlign = draw.XCenter, draw.YCenter
	label := format.Points(r.Value())
	if r.Over.Verdict == analyze.Unresolved {
		hatch(c, tile, dark)
		w := words.Width(label)/2 + 2 // keep the number free of hatching
		c.FillPolygon(shade, box(mid.X-w, mid.Y-5, mid.X+w, mid.Y+5))
	}
	if r.Chunk == s.Best {
		label = "best"
		c.StrokeLines(draw.LineStyle{Color: ink, Width: 1.2}, append(corners, corners[0]))
	}
	c.FillText(words, mid, label)
}

// heat returns the shade of a regret, from near white at 0 to dark blue at 1. Shades of one hue
// differ only in lightness. Dark reports whether text on the shade must be light.
func heat(regret float64) (shade color.Color, dark bool) {
	f := math.Sqrt(min(max(regret, 0), 1)) // stretches small regrets
	mix := func(a, b uint8) uint8 { return uint8(float64(a) + f*(float64(b)-float64(a))) }
	return color.RGBA{mix(0xf2, 0x08), mix(0xf6, 0x30), mix(0xfb, 0x6b), 0xff}, f > 0.5
}

// hatch draws diagonal lines across the box, from lower left to upper right.
func hatch(c draw.Canvas, box vg.Rectangle, light bool) {
	sty := draw.LineStyle{Color: color.Gray{0x99}, Width: 0.6}
	if light {
		sty.Color = color.Gray{0xbb}
	}
	high := box.Max.Y - box.Min.Y
	const apart = 5
	for x := box.Min.X - high; x < box.Max.X; x += apart {
		from, to := max(x, box.Min.X), min(x+high, box.Max.X)
		c.StrokeLine2(sty, from, box.Min.Y+(from-x), to, box.Min.Y+(to-x))
	}
}

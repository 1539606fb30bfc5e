package chart

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// compared returns the chunkings of each place of which a heat map tells more than the charts
// of their chunks: of a policy, or of several kinds of tasks.
func compared(a *analyze.Analysis) [][]analyze.Chunking {
	return slices.DeleteFunc(a.ChunkingsByPlace(), func(all []analyze.Chunking) bool {
		return !slices.ContainsFunc(all, func(k analyze.Chunking) bool {
			return len(k.Sweeps) > 1 || slices.ContainsFunc(k.Chunks, func(c harness.Chunk) bool { return c.Fixed() == 0 })
		})
	})
}

// regret draws a heat map with a panel for each strategy: kinds of tasks by chunks.
func regret(c *Chart, a *analyze.Analysis, all []analyze.Chunking) {
	place := analyze.PlaceOf(all[0].Who)
	c.about(place, place.String(), cores(place))
	c.height = 100
	x := newExtent()
	for _, k := range all {
		p := newPlot()
		p.Title.Text = strategyOf(k)
		var rows, columns plot.ConstantTicks
		for i, chunk := range k.Chunks {
			columns = append(columns, plot.Tick{Value: float64(i), Label: string(chunk)})
		}
		for i, s := range k.Sweeps {
			rows = append(rows, plot.Tick{Value: float64(len(k.Sweeps) - 1 - i), Label: kindOf(s, k)})
			for _, r := range s.Rows {
				x.count(r.Over.Ratio.N)
			}
		}
		p.X.Min, p.X.Max = -0.5, float64(len(k.Chunks))-0.5
		p.Y.Min, p.Y.Max = -0.5, float64(len(k.Sweeps))-0.5
		p.X.Tick.Marker, p.Y.Tick.Marker = columns, rows
		p.X.Tick.Length, p.Y.Tick.Length = 0, 0
		p.X.LineStyle.Width, p.Y.LineStyle.Width = 0, 0
		p.Add(tiles(k))
		c.panels = append(c.panels, []*plot.Plot{p})
		c.height += vg.Length(52 + 21*len(k.Sweeps))
	}
	c.across = "chunk: a fixed number, or a policy"
	c.Caption = fmt.Sprintf("A tile is how much longer a job takes than with the best fixed number for these tasks (framed), in %%: %s of paired launches, %s. "+
		"Darker is worse; hatched: unresolved at %s with a margin of %s. The best of several is picked from the same launches and was lucky too: regrets are rather too high. %s",
		x.center(), x.rounds(), format.Percent(a.Settings.Confidence), format.Percent(a.Settings.Margin), machine(a))
}

// Tiles draw the sweeps of a chunking by chunks, the first sweep on top.
type tiles analyze.Chunking

func (t tiles) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	for i, s := range t.Sweeps {
		y := float64(len(t.Sweeps) - 1 - i)
		for _, r := range s.Rows {
			if !r.Over.Ratio.Known() {
				continue
			}
			x := float64(slices.Index(t.Chunks, r.Chunk))
			tile := vg.Rectangle{Min: vg.Point{X: tx(x-0.5) + 0.7, Y: ty(y-0.5) + 0.7}, Max: vg.Point{X: tx(x+0.5) - 0.7, Y: ty(y+0.5) - 0.7}}
			drawTile(c, tile, s, r)
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
		w := words.Width(label)/2 + 2 // the figure stands on plain ground
		c.FillPolygon(shade, box(mid.X-w, mid.Y-5, mid.X+w, mid.Y+5))
	}
	if r.Chunk == s.Best {
		label = "best"
		c.StrokeLines(draw.LineStyle{Color: ink, Width: 1.2}, append(corners, corners[0]))
	}
	c.FillText(words, mid, label)
}

// heat shades a regret from near white at 0 to dark blue at a factor of two, one hue so
// that lightness alone tells them apart; dark says that words on it must be light.
func heat(regret float64) (shade color.Color, dark bool) {
	f := math.Sqrt(min(max(regret, 0), 1)) // small ones are told apart best
	mix := func(a, b uint8) uint8 { return uint8(float64(a) + f*(float64(b)-float64(a))) }
	return color.RGBA{mix(0xf2, 0x08), mix(0xf6, 0x30), mix(0xfb, 0x6b), 0xff}, f > 0.5
}

// hatch draws parallels across the box from lower left to upper right.
func hatch(c draw.Canvas, box vg.Rectangle, light bool) {
	sty := draw.LineStyle{Color: color.Gray{0x99}, Width: 0.6}
	if light {
		sty.Color = color.Gray{0xbb}
	}
	high := box.Max.Y - box.Min.Y
	const apart = 5
	for x := box.Min.X - high; x < box.Max.X; x += apart {
		from, to := vg.Point{X: x, Y: box.Min.Y}, vg.Point{X: x + high, Y: box.Max.Y}
		if d := box.Min.X - from.X; d > 0 {
			from.X, from.Y = from.X+d, from.Y+d
		}
		if d := to.X - box.Max.X; d > 0 {
			to.X, to.Y = to.X-d, to.Y-d
		}
		c.StrokeLine2(sty, from.X, from.Y, to.X, to.Y)
	}
}

package chart

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// regrets draws one heat map for each place whose chunks were swept, with a panel for each
// strategy: kinds of tasks by chunks.
func regrets(a *analyze.Analysis) []Chart {
	var out []Chart
	for i := 0; i < len(a.Chunkings); {
		at := analyze.PlaceOf(a.Chunkings[i].Who)
		end := i
		for end < len(a.Chunkings) && analyze.PlaceOf(a.Chunkings[end].Who) == at {
			end++
		}
		all := a.Chunkings[i:end]
		i = end
		if !slices.ContainsFunc(all, tells) {
			continue
		}
		c := Chart{
			Name: name("regret", at) + "-" + file(analyze.Count(at.Cores, "core")),
			Kind: Regret, Place: at,
			Question: fmt.Sprintf("What does a chunk policy cost against the best fixed number? (%s)", at),
		}
		c.regret(a, all)
		out = append(out, c)
	}
	return out
}

// tells reports whether a heat map tells more than the bathtub does: of a policy, or of
// several kinds of tasks.
func tells(k analyze.Chunking) bool {
	return len(k.Sweeps) > 1 || slices.ContainsFunc(k.Chunks(), func(c harness.Chunk) bool { return c.Fixed() == 0 })
}

func (c *Chart) regret(a *analyze.Analysis, all []analyze.Chunking) {
	c.width, c.height = 640, 100
	least, most := math.MaxInt, 0
	for _, k := range all {
		p := newPlot()
		p.Title.Text = strategyOf(k)
		t := tiles{chunks: k.Chunks()}
		var rows, columns plot.ConstantTicks
		for i, chunk := range t.chunks {
			columns = append(columns, plot.Tick{Value: float64(i), Label: string(chunk)})
		}
		for i, s := range k.Sweeps {
			t.rows = append(t.rows, s)
			rows = append(rows, plot.Tick{Value: float64(len(k.Sweeps) - 1 - i), Label: kindOf(s, k)})
			for _, r := range s.Rows {
				least, most = min(least, r.Over.Ratio.N), max(most, r.Over.Ratio.N)
			}
		}
		p.X.Min, p.X.Max = -0.5, float64(len(t.chunks))-0.5
		p.Y.Min, p.Y.Max = -0.5, float64(len(k.Sweeps))-0.5
		p.X.Tick.Marker, p.Y.Tick.Marker = columns, rows
		p.X.Tick.Length, p.Y.Tick.Length = 0, 0
		p.X.LineStyle.Width, p.Y.LineStyle.Width = 0, 0
		p.Add(t)
		c.panels = append(c.panels, []*plot.Plot{p})
		c.height += vg.Length(52 + 21*len(k.Sweeps))
	}
	c.across = "chunk: a fixed number, or a policy"
	c.Caption = fmt.Sprintf("A tile is how much longer a job takes than with the best fixed number for these tasks (framed), in %%: %s of paired launches, %s. "+
		"Darker is worse; hatched: unresolved at %s with a margin of %s. The best of several is picked from the same launches and was lucky too: regrets are rather too high. %s",
		center(least, most), rounds(least, most), analyze.Percent(a.Settings.Confidence), analyze.Percent(a.Settings.Margin), machine(a))
}

// strategyOf names who a chunking is of, as far as the place does not.
func strategyOf(k analyze.Chunking) string {
	c := k.Who
	c.Chunk, c.Order = "1", harness.MapOrder
	return strings.Replace(strings.Replace(analyze.Label(c), "(chunk 1, ", "(", 1), " (chunk 1)", "", 1)
}

// kindOf names the tasks of a sweep: "8.27 µs lognormal".
func kindOf(s analyze.Sweep, k analyze.Chunking) string {
	w := float64(s.Task.Grain)
	if s.Work.Known() {
		w = s.Work.Value
	}
	name := analyze.Time(w, 3)
	switch {
	case s.Task.Spread != "":
		name += " " + s.Task.Spread
	case len(spreadsOf(k)) > 1:
		name += " alike"
	}
	return name
}

// Tiles draw sweeps by chunks, the first sweep on top.
type tiles struct {
	chunks []harness.Chunk
	rows   []analyze.Sweep
}

func (t tiles) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	for i, s := range t.rows {
		y := float64(len(t.rows) - 1 - i)
		for _, r := range s.Rows {
			if !r.Over.Ratio.Known() {
				continue
			}
			x := float64(slices.Index(t.chunks, r.Chunk))
			box := vg.Rectangle{Min: vg.Point{X: tx(x-0.5) + 0.7, Y: ty(y-0.5) + 0.7}, Max: vg.Point{X: tx(x+0.5) - 0.7, Y: ty(y+0.5) - 0.7}}
			t.tile(c, box, s, r)
		}
	}
}

func (t tiles) tile(c draw.Canvas, box vg.Rectangle, s analyze.Sweep, r analyze.Regret) {
	corners := []vg.Point{box.Min, {X: box.Max.X, Y: box.Min.Y}, box.Max, {X: box.Min.X, Y: box.Max.Y}}
	shade, dark := heat(r.Value())
	c.FillPolygon(shade, corners)
	words := textStyle(9, ink)
	if dark {
		words.Color = color.White
	}
	words.XAlign, words.YAlign = draw.XCenter, draw.YCenter
	label := percents(r.Value())
	if r.Over.Verdict == analyze.Unresolved {
		hatch(c, box, dark)
		// The figure stands on plain ground.
		w := words.Width(label)/2 + 2
		mid := vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: (box.Min.Y + box.Max.Y) / 2}
		c.FillPolygon(shade, []vg.Point{{X: mid.X - w, Y: mid.Y - 5}, {X: mid.X + w, Y: mid.Y - 5}, {X: mid.X + w, Y: mid.Y + 5}, {X: mid.X - w, Y: mid.Y + 5}})
	}
	if r.Chunk == s.Best {
		label = "best"
		c.StrokeLines(draw.LineStyle{Color: ink, Width: 1.2}, append(corners, corners[0]))
	}
	c.FillText(words, vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: (box.Min.Y + box.Max.Y) / 2}, label)
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

// percents writes a fraction in %, with a digit behind the point where it is small.
func percents(f float64) string {
	digits := 0
	if math.Abs(f) < 0.0995 {
		digits = 1
	}
	return strings.Replace(strconv.FormatFloat(100*f, 'f', digits, 64), "-0.0", "0.0", 1)
}

package chart

import (
	"image/color"
	"maps"
	"slices"
	"strings"

	"golang.org/x/image/font"
	"gonum.org/v1/plot"
	plotfont "gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// palette is the palette of Okabe and Ito (Color Universal Design, 2008) without its yellow, which is
// invisible as a thin line on white.
var palette = []color.Color{
	color.RGBA{0x00, 0x72, 0xB2, 0xff}, // blue
	color.RGBA{0xD5, 0x5E, 0x00, 0xff}, // vermillion
	color.RGBA{0x00, 0x9E, 0x73, 0xff}, // bluish green
	color.RGBA{0xCC, 0x79, 0xA7, 0xff}, // reddish purple
	color.RGBA{0xE6, 0x9F, 0x00, 0xff}, // orange
	color.RGBA{0x56, 0xB4, 0xE9, 0xff}, // sky blue
	color.RGBA{0x00, 0x00, 0x00, 0xff}, // black
}

var (
	ink   = color.Gray{0x22}
	grey  = color.Gray{0x55}
	faint = color.Gray{0xdd}
	tint  = color.RGBA{0xe6, 0xee, 0xf5, 0xff}
	bold  = font.WeightBold
)

var (
	circle, square, triangle, pyramid = draw.CircleGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}, draw.PyramidGlyph{}
	framed, ring, cross, plus         = draw.BoxGlyph{}, draw.RingGlyph{}, draw.CrossGlyph{}, draw.PlusGlyph{}

	glyphs = []draw.GlyphDrawer{circle, square, triangle, pyramid, framed, ring, cross, plus}
	dashes = [][]vg.Length{nil, {6, 3}, {2, 2}, {8, 3, 2, 3}, {12, 3}, {4, 2, 1, 2, 1, 2}, {1, 3}, {10, 2, 2, 2, 2, 2}}

	ruled     = []vg.Length{5, 3}
	loopStyle = style{grey, ruled, plus} // of the plain loop
)

// A style is how a series is drawn, the same in all charts of a run.
type style struct {
	color color.Color
	dash  []vg.Length
	glyph draw.GlyphDrawer
}

func (s style) line(width vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: s.color, Width: width, Dashes: s.dash}
}

func (s style) solid(width vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: s.color, Width: width}
}

func (s style) mark(radius vg.Length) draw.GlyphStyle {
	return draw.GlyphStyle{Color: s.color, Radius: radius, Shape: s.glyph}
}

// A look maps each series of a run to its style: a colour by strategy, and a glyph and a dash by
// series. Orders share styles, since no chart has more than one.
type look map[string]style

func (l look) of(c harness.Cell) style { return l[analyze.Brief(c)] }

func newLook(a *analyze.Analysis) look {
	cells := map[string]harness.Cell{}
	for _, c := range a.Strategies() {
		c.Order = harness.MapOrder
		cells[analyze.Label(c)] = c
	}
	out := look{}
	strategies := map[string]int{}
	for i, c := range slices.SortedFunc(maps.Values(cells), analyze.CompareSeries) {
		if _, ok := strategies[c.Strategy]; !ok {
			strategies[c.Strategy] = len(strategies)
		}
		out[analyze.Label(c)] = styled(strategies[c.Strategy], i)
	}
	return out
}

// styleOf returns the style of the i-th series in a chart whose series appear in no other chart.
func styleOf(i int) style { return styled(i, i) }

// styled returns the style with the given numbers of the colour, and of the dash and glyph.
func styled(color, mark int) style {
	return style{palette[color%len(palette)], dashes[mark%len(dashes)], glyphs[mark%len(glyphs)]}
}

func textStyle(size vg.Length, c color.Color) text.Style {
	return text.Style{
		Color:   c,
		Font:    plotfont.From(plotfont.Font{Typeface: "Liberation", Variant: "Sans"}, size),
		Handler: plot.DefaultTextHandler,
	}
}

// wrap breaks s between words into lines of at most that width.
func wrap(sty text.Style, s string, width vg.Length) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if next := strings.TrimSpace(line + " " + word); line == "" || sty.Width(next) <= width {
			line = next
		} else {
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}

// A panel is one plot of a chart.
type panel = *plot.Plot

// newPanel returns an empty panel with linear axes.
func newPanel(title string) panel {
	p := plot.New()
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle = textStyle(10, ink)
		a.Label.TextStyle.XAlign, a.Label.TextStyle.YAlign = draw.XCenter, draw.YBottom
		a.Label.Padding = 4
		a.Tick.Label.Font = textStyle(9, ink).Font
		a.Tick.Label.Color = ink
		a.Tick.LineStyle.Color, a.LineStyle.Color = grey, grey
		a.Padding = 0
	}
	p.Title.Text = title
	p.Title.TextStyle = textStyle(10, ink)
	p.Title.TextStyle.XAlign, p.Title.TextStyle.YAlign = draw.XCenter, draw.YTop
	p.Title.Padding = 3
	return p
}

// logXPanel returns an empty panel with a logarithmic x axis.
func logXPanel(title string) panel {
	p := newPanel(title)
	p.X.Scale = plot.LogScale{}
	return p
}

// logPanel returns a panel with logarithmic axes and a grid, with marks below the grid.
func logPanel(title string, under ...plot.Plotter) panel {
	p := logXPanel(title)
	p.Y.Scale = plot.LogScale{}
	p.Add(append(under, grid)...)
	return p
}

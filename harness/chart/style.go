package chart

import (
	"fmt"
	"image/color"
	"slices"
	"strings"

	"golang.org/x/image/font"
	plotfont "gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// palette is the palette of Okabe and Ito (Color Universal Design, 2008) without its yellow, which is
// invisible as a thin line on white.
var palette = []color.RGBA{
	{0x00, 0x72, 0xB2, 0xff}, // blue
	{0xD5, 0x5E, 0x00, 0xff}, // vermillion
	{0x00, 0x9E, 0x73, 0xff}, // bluish green
	{0xCC, 0x79, 0xA7, 0xff}, // reddish purple
	{0xE6, 0x9F, 0x00, 0xff}, // orange
	{0x56, 0xB4, 0xE9, 0xff}, // sky blue
	{0x00, 0x00, 0x00, 0xff}, // black
}

var (
	ink   = color.Gray{0x22}
	grey  = color.Gray{0x55}
	faint = color.Gray{0xdd}
	tint  = color.RGBA{0xe6, 0xee, 0xf5, 0xff}
	bold  = font.WeightBold
)

var (
	dashes = [][]vg.Length{nil, {6, 3}, {2, 2}, {8, 3, 2, 3}, {12, 3}, {4, 2, 1, 2, 1, 2}, {1, 3}, {10, 2, 2, 2, 2, 2}}
	ruled  = []vg.Length{5, 3}
)

// Styles of parts of a time.
const (
	partWork = -1 - iota
	partUser
	partSystem
	partIdle
	partRest
	neutral // for points that belong to no strategy

	// Styles of the bars of a timeline.
	barRunning
	barReady
	barExecute
	barEncode
	barDecode
	barTake
	barDeliver
	barCollect
	barStopped
)

var parts = map[int]color.Color{
	partWork:   color.RGBA{0x6b, 0x6b, 0x6b, 0xff},
	partUser:   color.RGBA{0xe0, 0xb0, 0x2e, 0xff},
	partSystem: color.RGBA{0x7b, 0x32, 0x94, 0xff},
	partIdle:   color.RGBA{0xde, 0xde, 0xde, 0xff},
	partRest:   color.White,
	neutral:    ink,
	barRunning: color.RGBA{0xa0, 0xa0, 0xa0, 0xff},
	barReady:   palette[1],
	barExecute: palette[0],
	barEncode:  palette[4],
	barDecode:  palette[2],
	barTake:    color.RGBA{0x8a, 0x5a, 0x00, 0xff},
	barDeliver: color.RGBA{0x00, 0x4d, 0x38, 0xff},
	barCollect: palette[3],
	barStopped: ink,
}

// A style determines how a series is drawn. The strategy determines colour and glyph. The variant
// of the strategy determines dashes and shade.
type style struct {
	color color.Color
	dash  []vg.Length
	shape int
}

func (s style) line(width vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: s.color, Width: width, Dashes: s.dash}
}

func (s style) solid(width vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: s.color, Width: width}
}

// styled returns the style for the fields Style and Variant of a [Series].
func styled(number, variant int) style {
	switch {
	case number < 0:
		return style{color: parts[number], shape: len(shapes) - 2}
	case number == 0:
		return style{color: grey, dash: dashes[variant%len(dashes)], shape: len(shapes) - 1}
	}
	number--
	cycle := number / len(palette) // strategies of the same colour differ in their glyph
	return style{shade(palette[number%len(palette)], variant), dashes[variant%len(dashes)], (number + cycle) % (len(shapes) - 1)}
}

// shade returns colour c for the first variant of a strategy, and a lighter or darker shade of c
// for each further variant.
func shade(c color.RGBA, variant int) color.Color {
	mix := func(to, share float64) color.Color {
		part := func(v uint8) uint8 { return uint8(float64(v) + share*(to-float64(v))) }
		return color.RGBA{part(c.R), part(c.G), part(c.B), 0xff}
	}
	switch variant % 3 {
	case 1:
		return mix(0xff, 0.35)
	case 2:
		return mix(0, 0.4)
	}
	return c
}

// Color returns the colour of the series, such as "#0072b2", and the lengths of the dashes of its
// line in points. dash is nil for a solid line.
func (s Series) Color() (hex string, dash []float64) {
	sty := styled(s.Style, s.Variant)
	r, g, b, _ := sty.color.RGBA()
	for _, d := range sty.dash {
		dash = append(dash, float64(d))
	}
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8), dash
}

// A look assigns a number to each strategy of a run, and a number to each variant of a strategy.
// The numbers determine how series are drawn.
type look struct {
	strategies map[string]int
	variants   map[string]int // keyed by the label of a series, without its order and number of workers
}

// usual are the strategies that have the same number, and so the same colour, in all runs.
var usual = []string{harness.Direct, "pool", harness.Processes}

func newLook(a *analyze.Analysis) look {
	cells := a.Cells()
	slices.SortStableFunc(cells, analyze.CompareSeries)
	l := look{map[string]int{}, map[string]int{}}
	for i, name := range usual {
		l.strategies[name] = i
	}
	count := map[string]int{}
	for _, c := range cells {
		if _, ok := l.strategies[c.Strategy]; !ok {
			l.strategies[c.Strategy] = len(l.strategies)
		}
		if label := analyze.Bare(c); !l.has(label) {
			l.variants[label] = count[c.Strategy]
			count[c.Strategy]++
		}
	}
	return l
}

func (l look) has(label string) bool {
	_, ok := l.variants[label]
	return ok
}

// of returns a series without points that has the given name and the style of cell c.
func (l look) of(c harness.Cell, name string) Series {
	return Series{Name: name, Style: l.strategies[c.Strategy], Variant: l.variants[analyze.Bare(c)]}
}

func textStyle(size vg.Length, c color.Color) text.Style {
	return text.Style{
		Color:   c,
		Font:    plotfont.From(plotfont.Font{Typeface: "Liberation", Variant: "Sans"}, size),
		Handler: handler{},
	}
}

// wrap breaks text s between words into lines of at most the given width.
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

package chart

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// bathtubs draws one chart for each strategy whose chunks were swept, with a panel for each
// kind of tasks: makespan against chunk.
func bathtubs(a *analyze.Analysis) []Chart {
	var out []Chart
	for _, k := range a.Chunkings {
		at := analyze.PlaceOf(k.Who)
		c := Chart{
			Name: name("chunk", at) + "-" + file(strategyOf(k)) + "-" + file(analyze.Count(at.Cores, "core")),
			Kind: Bathtub, Place: at,
			Question: fmt.Sprintf("How many tasks should %s hand over at a time? (%s)", strategyOf(k), at),
		}
		c.bathtub(a, k)
		out = append(out, c)
	}
	return out
}

// The policies that a bathtub marks: those whose chunk stays the same stand at it, of the
// others, which vary it, only the height is drawn.
var policyStyles = []struct {
	policy harness.Chunk
	words  string
	varies bool
	style  style
}{
	{"slices", "slices: 64·P chunks", false, style{color: palette[2], glyph: draw.TriangleGlyph{}}},
	{"quarters", "quarters: n/(4P), as Python's Pool.map", false, style{color: palette[3], glyph: draw.SquareGlyph{}}},
	{"static", "static: n/P", false, style{color: palette[6], glyph: draw.PyramidGlyph{}}},
	{"auto", "auto", true, style{color: palette[1], glyph: draw.CrossGlyph{}, dash: []vg.Length{6, 3}}},
	{"guided", "guided", true, style{color: palette[4], glyph: draw.RingGlyph{}, dash: []vg.Length{2, 2}}},
	{"factoring", "factoring", true, style{color: palette[5], glyph: draw.PlusGlyph{}, dash: []vg.Length{8, 3, 2, 3}}},
}

var numberStyle = style{color: palette[0], glyph: draw.CircleGlyph{}}

func (c *Chart) bathtub(a *analyze.Analysis, k analyze.Chunking) {
	most, top, bottom := 1.0, 1.2, 0.95
	fewestN, mostN := math.MaxInt, 0
	for _, s := range k.Sweeps {
		for _, r := range s.Rows {
			if !r.Over.Ratio.Known() {
				continue
			}
			most = max(most, place(s, k, r))
			top, bottom = max(top, r.Over.Ratio.Value), min(bottom, r.Over.Ratio.Value)
			fewestN, mostN = min(fewestN, r.Over.Ratio.N), max(mostN, r.Over.Ratio.N)
		}
	}
	cols := min(len(k.Sweeps), 3)
	if n := len(spreadsOf(k)); n <= 4 && len(k.Sweeps)%n == 0 {
		cols = n // a row for each grain
	}
	seen := map[harness.Chunk]bool{}
	for i, s := range k.Sweeps {
		p := newPlot()
		p.Title.Text = kindOf(s, k)
		p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
		p.X.Min, p.X.Max = 0.7, most*1.4
		p.Y.Min, p.Y.Max = bottom/1.02, top*1.05
		p.X.Tick.Marker, p.Y.Tick.Marker = powersOfFour(most), factorTicks{}
		if i%cols == 0 {
			p.Y.Label.Text = "T / T of the best"
		}
		p.Add(shaded{float64(s.Band[0].Fixed()), float64(s.Band[1].Fixed())}, grid{}, ruler{x1: p.X.Min, y1: 1, x2: p.X.Max, y2: 1})
		c.chunks(p, s, k, seen)
		if i%cols == 0 {
			c.panels = append(c.panels, make([]*plot.Plot, cols))
		}
		c.panels[len(c.panels)-1][i%cols] = p
	}
	c.legend = append(c.legend, entry{style: numberStyle, words: "a fixed number"})
	for _, m := range policyStyles {
		if seen[m.policy] {
			c.legend = append(c.legend, entry{style: m.style, words: m.words, glyphOnly: !m.varies})
		}
	}
	c.across = "chunk: tasks handed over at a time (log scale)"
	c.width, c.height = 640, vg.Length(200+150*len(c.panels))
	c.Caption = fmt.Sprintf("A panel is one kind of task; its makespans are over that of the best fixed number: %s of paired launches, %s; %s. "+
		"Shaded: numbers around the best that take at most 10 %% longer. 1 is the default of most pools. Policies that vary the chunk are lines across. %s",
		center(fewestN, mostN), rounds(fewestN, mostN), whiskers(a, mostN, paired), machine(a))
}

// chunks adds the sweep to a panel and notes which policies it has.
func (c *Chart) chunks(p *plot.Plot, s analyze.Sweep, k analyze.Chunking, seen map[harness.Chunk]bool) {
	numbers := series{style: numberStyle}
	for _, r := range s.Rows {
		e := r.Over.Ratio
		if !e.Known() {
			continue
		}
		pt := point{place(s, k, r), e.Value, e.Value, e.Value}
		if e.Bounded() {
			pt.lo, pt.hi = e.Lo, e.Hi
		}
		if r.Chunk.Fixed() > 0 {
			numbers.points = append(numbers.points, pt)
			continue
		}
		for i, m := range policyStyles {
			switch {
			case m.policy != r.Chunk:
				continue
			case m.varies:
				p.Add(level{m.style, e.Value, 0.2 + 0.3*float64(i-3)})
			default:
				p.Add(series{style: m.style, points: []point{pt}})
			}
			seen[m.policy] = true
		}
	}
	p.Add(numbers)
}

// place returns where a chunk stands on the axis; 0 for a policy that varies it.
func place(s analyze.Sweep, k analyze.Chunking, r analyze.Regret) float64 {
	return float64(r.Chunk.Constant(int(s.Tasks), k.Who.Workers))
}

func spreadsOf(k analyze.Chunking) (all []string) {
	for _, s := range k.Sweeps {
		if !slices.Contains(all, s.Task.Spread) {
			all = append(all, s.Task.Spread)
		}
	}
	return all
}

// A level is a line across at a height, with a glyph on it a part of the way along.
type level struct {
	style style
	y     float64
	at    float64
}

func (l level) Plot(c draw.Canvas, p *plot.Plot) {
	_, ty := p.Transforms(&c)
	y := ty(l.y)
	c.StrokeLine2(l.style.line(1.3), c.Min.X, y, c.Max.X, y)
	c.DrawGlyph(l.style.mark(3.2), vg.Point{X: c.Min.X + vg.Length(l.at)*(c.Max.X-c.Min.X), Y: y})
}

// Shaded is a part of the x axis.
type shaded struct{ from, to float64 }

func (s shaded) Plot(c draw.Canvas, p *plot.Plot) {
	tx, _ := p.Transforms(&c)
	lo, hi := tx(s.from)-4, tx(s.to)+4
	c.FillPolygon(tint, []vg.Point{{X: lo, Y: c.Min.Y}, {X: hi, Y: c.Min.Y}, {X: hi, Y: c.Max.Y}, {X: lo, Y: c.Max.Y}})
}

// powersOfFour label a logarithmic axis of counts, few where it is long.
func powersOfFour(most float64) plot.ConstantTicks {
	var out plot.ConstantTicks
	for n, i := 1, 0; float64(n) <= most*1.4; n, i = n*4, i+1 {
		t := plot.Tick{Value: float64(n)}
		if most < 2000 || i%3 == 0 {
			t.Label = strconv.Itoa(n)
		}
		out = append(out, t)
	}
	return out
}

package chart

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// Policies that the chart marks. If the chunk of a policy is constant, its mark is at that chunk; if
// it varies, the mark is a horizontal line.
var policyStyles = []struct {
	policy harness.Chunk
	words  string
	varies bool
	style  style
}{
	{"slices", "slices: 64·P chunks", false, style{color: palette[2], glyph: triangle}},
	{"quarters", "quarters: n/(4P), as Python's Pool.map", false, style{color: palette[3], glyph: square}},
	{"static", "static: n/P", false, style{color: palette[6], glyph: pyramid}},
	{"auto", "auto", true, style{color: palette[1], glyph: cross, dash: dashes[1]}},
	{"guided", "guided", true, style{color: palette[4], glyph: ring, dash: dashes[2]}},
	{"factoring", "factoring", true, style{color: palette[5], glyph: plus, dash: dashes[3]}},
}

var numberStyle = style{color: palette[0], glyph: circle}

// chunk draws makespan against chunk for a strategy whose chunks were swept, with a panel for each
// kind of tasks.
func chunk(c *Chart, a *analyze.Analysis, k analyze.Chunking) {
	place := analyze.PlaceOf(k.Who)
	c.about(place, place.String(), strategyOf(k), cores(place))
	c.Question = fmt.Sprintf(c.Question, strategyOf(k))
	x, y := newExtent(), newExtent()
	x.add(1)
	y.add(1.2, 0.95)
	for _, s := range k.Sweeps {
		for _, r := range s.Rows {
			if r.Over.Ratio.Known() {
				x.add(float64(r.Size))
				y.add(r.Over.Ratio.Value)
				y.count(r.Over.Ratio.N)
			}
		}
	}
	cols := min(len(k.Sweeps), 3)
	if n := len(k.Spreads()); n <= 4 && len(k.Sweeps)%n == 0 {
		cols = n // one row per grain
	}
	seen := map[harness.Chunk]bool{}
	for i, s := range k.Sweeps {
		p := logPanel(kindOf(s, k), shaded(float64(s.Band[0].Fixed()), float64(s.Band[1].Fixed())))
		p.X.Min, p.X.Max = 0.7, x.hi*1.4
		p.Y.Min, p.Y.Max = y.lo/1.02, y.hi*1.05
		p.X.Tick.Marker, p.Y.Tick.Marker = powersOfFour(x.hi), factorTicks
		if i%cols == 0 {
			p.Y.Label.Text = "T / T of the best"
			c.panels = append(c.panels, make([]panel, cols))
		}
		p.Add(level(1, ""))
		addChunks(p, s, seen)
		c.panels[len(c.panels)-1][i%cols] = p
	}
	c.legend = append(c.legend, entry{style: numberStyle, words: "a fixed number"})
	for _, m := range policyStyles {
		if seen[m.policy] {
			c.legend = append(c.legend, entry{style: m.style, words: m.words, glyphOnly: !m.varies})
		}
	}
	c.across = "chunk: tasks handed over at a time (log scale)"
	c.height = float64(200 + 150*len(c.panels))
	c.Caption = fmt.Sprintf("Each panel is one kind of task. Makespans are relative to the best fixed number: %s of paired launches, %s; %s. "+
		"Shaded: numbers of tasks per chunk that take at most 10 %% longer than the best. 1 is the default of most pools. Horizontal lines: policies whose chunks vary during a job. %s",
		y.center(), y.rounds(), y.whiskers(a, analyze.PairedFrom), machine(a))
}

// addChunks adds a sweep to a panel and records its policies in seen.
func addChunks(p panel, s analyze.Sweep, seen map[harness.Chunk]bool) {
	numbers := series{style: numberStyle}
	for _, r := range s.Rows {
		if !r.Over.Ratio.Known() {
			continue
		}
		pt := at(float64(r.Size), r.Over.Ratio)
		if r.Chunk.Fixed() > 0 {
			numbers.points = append(numbers.points, pt)
			continue
		}
		for i, m := range policyStyles {
			switch {
			case m.policy != r.Chunk:
				continue
			case m.varies:
				p.Add(height(m.style, pt.y, 0.2+0.3*float64(i-3)))
			default:
				p.Add(series{style: m.style, points: []point{pt}})
			}
			seen[m.policy] = true
		}
	}
	p.Add(numbers)
}

// strategyOf returns the label of a chunking's strategy, without the chunk.
func strategyOf(k analyze.Chunking) string {
	c := k.Who
	c.Chunk = "1"
	return strings.Replace(strings.Replace(analyze.Brief(c), "(chunk 1, ", "(", 1), " (chunk 1)", "", 1)
}

// kindOf returns the label of a sweep's tasks: "8.27 µs lognormal".
func kindOf(s analyze.Sweep, k analyze.Chunking) string {
	name := format.Time(cmp.Or(s.Work.Value, float64(s.Task.Grain)), 3)
	switch {
	case s.Task.Spread != "":
		name += " " + s.Task.Spread
	case len(k.Spreads()) > 1:
		name += " alike"
	}
	return name
}

package chart

import (
	"fmt"
	"math"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// crossover draws the time of a job relative to the direct loop against the work of a task. It
// marks the break-evens: the work at which a strategy takes as long as the loop, or as the strategy
// pool.
func crossover(c *Chart, a *analyze.Analysis, of analyze.Section) {
	c.about(of.Place, of.Place.String(), cores(of.Place))
	p := &Panel{Form: Lines, X: Axis{Title: taskSize, Unit: Time, Log: true}, Y: Axis{Title: "time of a job relative to the loop (log scale); below 1 is faster", Unit: Ratio, Log: true}}
	look := newLook(a)
	lines := map[analyze.Series]Series{}
	for _, q := range compared(of) {
		for _, r := range q.Rows {
			who := r.Cell
			if who = analyze.SeriesOf(who); who.Strategy == "serial" || !r.VsDirect.Ratio.Known() {
				continue
			}
			line, ok := lines[who]
			if !ok {
				line = look.of(who, analyze.Brief(who))
			}
			line.add(q.Work.Value, r.VsDirect.Ratio)
			lines[who] = line
		}
	}
	for _, who := range seriesOf(of) {
		p.show(lines[who])
	}
	p.Rulers = []Ruler{{Level, 1, "the plain loop"}}
	c.Panels = []*Panel{p}
	for _, x := range of.Crossovers {
		x = x.Upward()
		line, other := lines[x.A], lines[x.B]
		if x.Kind != analyze.Crosses || len(line.Points) == 0 {
			continue
		}
		switch m := newMark("break-even with the loop", line, x.At, 1); {
		case x.Against():
			p.Marks = append(p.Marks, m)
		case x.B.Strategy == "pool" && x.A.Chunk == x.B.Chunk && len(other.Points) > 0:
			m.Name, m.Y, m.Solid = "break-even with pool", between(other.Points, m.X), true
			p.Marks = append(p.Marks, m)
		}
	}
	c.tall(420)
	c.Caption = c.judged(a, "Points") + " "
	if len(p.Marks) > 0 {
		c.Caption += fmt.Sprintf("Diamonds and brackets: estimates with %s intervals. They assume that times between measured sizes are linear in the task size, so they need not lie on the drawn lines. ", format.Percent(a.Settings.Confidence))
	}
	c.Caption += machine(a)
}

// seriesOf returns the series (strategies with parameters) of a section, in order of first
// appearance.
func seriesOf(s analyze.Section) (all []analyze.Series) {
	seen := map[analyze.Series]bool{}
	for _, q := range s.Questions {
		for _, r := range q.Rows {
			if who := analyze.SeriesOf(r.Cell); !seen[who] {
				seen[who] = true
				all = append(all, who)
			}
		}
	}
	return all
}

// between returns the y at the given x of the line that joins the points. Between two points, the
// line is straight on logarithmic axes.
func between(points []Point, x float64) float64 {
	y := points[0].Y
	for i, q := range points[1:] {
		if b := points[i]; b.X <= x && x <= q.X {
			return b.Y * math.Pow(q.Y/b.Y, math.Log(x/b.X)/math.Log(q.X/b.X))
		}
		y = q.Y
	}
	return y
}

// root returns the x at which the line from (x1, y1) to (x2, y2) crosses y = 1. The line is
// straight on logarithmic axes.
func root(x1, x2, y1, y2 float64) float64 {
	return x1 * math.Pow(x2/x1, math.Log(y1)/math.Log(y1/y2))
}

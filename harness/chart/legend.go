package chart

import (
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// An entry is a row of the legend: an example and the words that explain it. The function draw
// draws the example.
type entry struct {
	draw  func(c draw.Canvas, x, y vg.Length) // the example begins at x, and y is its middle
	words string
}

const sample = 32 // width of an example, in points

// legend returns the entries of the legend: one for each series, mark and ruler of the panels.
func (c Chart) legend() (all []entry) {
	add := func(e entry) {
		if e.words != "" && !slices.ContainsFunc(all, func(o entry) bool { return o.words == e.words }) {
			all = append(all, e)
		}
	}
	for _, p := range c.Panels {
		if p.Form == Tiles {
			continue // the rows of the panel have names, so the legend needs none
		}
		for _, s := range p.Series {
			add(entry{s.sample(p.Form), s.Name})
		}
	}
	for _, p := range c.Panels {
		for _, m := range p.Marks {
			add(entry{m.sample(p.Form), m.Name})
		}
		for _, r := range p.Rulers {
			add(entry{func(c draw.Canvas, x, y vg.Length) { c.StrokeLine2(rulerLine, x, y, x+sample, y) }, r.Words})
		}
	}
	for _, e := range c.keys {
		add(e)
	}
	return all
}

// tileKeys adds entries to the legend that explain framed and hatched tiles, if the chart has such
// tiles.
func (c *Chart) tileKeys() {
	area := func(x, y vg.Length) vg.Rectangle {
		return vg.Rectangle{Min: vg.Point{X: x + 4, Y: y - 5}, Max: vg.Point{X: x + sample - 4, Y: y + 5}}
	}
	for _, k := range []struct {
		has   func(Point) bool
		words string
		point Point
	}{
		{func(q Point) bool { return q.Best }, "the winner", Point{Best: true}},
		{func(q Point) bool { return q.Likely }, "one of the fastest; no winner is shown", Point{Likely: true}},
		{func(q Point) bool { return q.Open }, "open", Point{Open: true}},
	} {
		if slices.ContainsFunc(c.points(), k.has) {
			c.keys = append(c.keys, entry{func(on draw.Canvas, x, y vg.Length) { decorate(on, area(x, y), k.point, false) }, k.words})
		}
	}
}

// sample returns a function that draws an example of the series for the legend.
func (s Series) sample(form Form) func(c draw.Canvas, x, y vg.Length) {
	sty := styled(s.Style, s.Variant)
	few := !slices.ContainsFunc(s.Points, func(q Point) bool { return !q.hollow() })
	return func(c draw.Canvas, x, y vg.Length) {
		switch form {
		case Bars:
			barred(c, sty, few, x+sample/2-8, y-4, x+sample/2+8, y+4)
		case Spans:
			top, low := spanHeight(s.Style)
			c.FillPolygon(sty.color, box(x+sample/2-8, y-vg.Length(12*low), x+sample/2+8, y+vg.Length(12*top)))
		case Stacks:
			corners := box(x+sample/2-8, y-4, x+sample/2+8, y+4)
			c.FillPolygon(sty.color, corners)
			c.StrokeLines(draw.LineStyle{Color: grey, Width: 0.6}, append(corners, corners[0]))
		case Lines:
			if len(s.Points) > 1 && !s.Loose {
				c.StrokeLine2(sty.line(1.6), x, y, x+sample, y)
			}
			fallthrough
		default:
			sty.glyph(c, vg.Point{X: x + sample/2, Y: y}, few)
		}
	}
}

// drawLegend draws the legend in columns at the bottom of the canvas and returns its height.
func drawLegend(c draw.Canvas, entries []entry) vg.Length {
	if len(entries) == 0 {
		return 0
	}
	sty := textStyle(10, ink)
	widest := vg.Length(0)
	for _, e := range entries {
		widest = max(widest, sty.Width(e.words)*1.06+sample+14)
	}
	columns := max(1, min(len(entries), int((c.Max.X-c.Min.X)/widest)))
	rows := (len(entries) + columns - 1) / columns
	columns = (len(entries) + rows - 1) / rows
	step := (c.Max.X - c.Min.X) / vg.Length(columns)
	for i, e := range entries {
		x := c.Min.X + step*vg.Length(i/rows)
		y := c.Min.Y + legendRow*(vg.Length(rows-1-i%rows)+0.5)
		e.draw(c, x, y)
		c.FillText(sty, vg.Point{X: x + sample + 6, Y: y - 3.5}, e.words)
	}
	return legendRow * vg.Length(rows)
}

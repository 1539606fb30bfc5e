package chart

import (
	"cmp"
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/payoff-bench/payoff/harness"
)

// hollow reports whether the point has so few launches or rounds that its glyph is drawn hollow.
func (q Point) hollow() bool { return q.N < harness.FewestRounds }

// A spot is a point of a series, converted to canvas coordinates.
type spot struct {
	series, point int
	x, y, lo, hi  vg.Length
}

const (
	same   = 1.5 // largest distance between spots that count as having the same x
	apart  = 5   // distance to which dodge moves overlapping whiskers apart
	widest = 18  // largest distance between the first and the last whisker that dodge moves
)

// dodge moves points sideways if they have the same x and their whiskers or glyphs overlap.
func dodge(spots []spot) {
	byX := slices.Clone(spots)
	index := make([]int, len(spots))
	for i := range index {
		index[i] = i
	}
	slices.SortStableFunc(index, func(i, j int) int { return cmp.Compare(byX[i].x, byX[j].x) })
	for from := 0; from < len(index); {
		to := from + 1
		for to < len(index) && byX[index[to]].x-byX[index[from]].x < same {
			to++
		}
		group := slices.Clone(index[from:to])
		from = to
		slices.SortStableFunc(group, func(i, j int) int { return cmp.Compare(byX[i].lo, byX[j].lo) })
		for a := 0; a < len(group); {
			top, b := byX[group[a]].hi, a+1
			for b < len(group) && byX[group[b]].lo-2*glyphSize < top {
				top = max(top, byX[group[b]].hi)
				b++
			}
			cluster := slices.Clone(group[a:b])
			a = b
			slices.Sort(cluster) // by series
			step := vg.Length(apart)
			if n := len(cluster); n > 1 {
				step = min(apart, widest/vg.Length(n-1))
			}
			for k, i := range cluster {
				spots[i].x += step * (vg.Length(k) - vg.Length(len(cluster)-1)/2)
			}
		}
	}
}

// lines returns a mark that draws points with vertical whiskers, and lines between the points.
func (p *Panel) lines() mark {
	return func(c draw.Canvas, of *plot.Plot, tx, ty func(float64) vg.Length) {
		var spots []spot
		for k, s := range p.Series {
			for i, q := range s.Points {
				at := func(v float64) vg.Length { return ty(clamped(v, of.Y)) }
				spots = append(spots, spot{k, i, tx(q.X), at(q.Y), at(q.Lo), at(q.Hi)})
			}
		}
		dodge(spots)
		for k, s := range p.Series {
			sty := styled(s.Style, s.Variant)
			var line []vg.Point
			for _, o := range spots {
				if o.series == k {
					line = append(line, vg.Point{X: o.x, Y: o.y})
				}
			}
			if len(line) > 1 && !s.Loose {
				c.StrokeLines(sty.line(1.6), line)
			}
		}
		for _, o := range spots {
			s := p.Series[o.series]
			sty, q := styled(s.Style, s.Variant), s.Points[o.point]
			whisker(c, sty, o, q.Lo >= of.Y.Min, q.Hi <= of.Y.Max)
			sty.glyph(c, vg.Point{X: o.x, Y: o.y}, q.hollow())
		}
	}
}

// whisker draws a vertical interval with caps at its ends. low and high report whether the lower
// and the upper end lie inside the panel; an end outside gets no cap. A short whisker gets no caps,
// because they would hide the glyph.
func whisker(c draw.Canvas, sty style, o spot, low, high bool) {
	if o.hi <= o.lo {
		return
	}
	c.StrokeLine2(sty.solid(0.9), o.x, o.lo, o.x, o.hi)
	if o.hi-o.lo < 8 {
		return
	}
	if low {
		c.StrokeLine2(sty.solid(0.9), o.x-2.5, o.lo, o.x+2.5, o.lo)
	}
	if high {
		c.StrokeLine2(sty.solid(0.9), o.x-2.5, o.hi, o.x+2.5, o.hi)
	}
}

// bars returns a mark that draws groups of bars, with one bar for each series.
func (p *Panel) bars() mark {
	return func(c draw.Canvas, of *plot.Plot, tx, ty func(float64) vg.Length) {
		width := (tx(1) - tx(0)) * 0.8 / vg.Length(max(1, len(p.Series)))
		width = min(width, 26)
		for k, s := range p.Series {
			sty := styled(s.Style, s.Variant)
			for _, q := range s.Points {
				mid := tx(q.X) + width*(vg.Length(k)-vg.Length(len(p.Series)-1)/2)
				at := func(v float64) vg.Length { return ty(clamped(v, of.Y)) }
				barred(c, sty, q.hollow(), mid-width/2+0.7, c.Min.Y, mid+width/2-0.7, at(q.Y))
				ends := sty
				ends.color = ink
				whisker(c, ends, spot{x: mid, lo: at(q.Lo), hi: at(q.Hi)}, q.Lo >= of.Y.Min, q.Hi <= of.Y.Max)
			}
		}
		c.StrokeLine2(draw.LineStyle{Color: grey, Width: 0.5}, c.Min.X, c.Min.Y, c.Max.X, c.Min.Y)
	}
}

// barred draws one bar from (x1, y1) to (x2, y2). A bar with few launches is hollow. The bars of a
// strategy are hatched, except those of its first variant.
func barred(c draw.Canvas, sty style, hollow bool, x1, y1, x2, y2 vg.Length) {
	corners := box(x1, y1, x2, y2)
	if fill := sty.color; hollow {
		c.FillPolygon(pale(fill), corners)
	} else {
		c.FillPolygon(fill, corners)
	}
	if len(sty.dash) > 0 {
		hatch(c, vg.Rectangle{Min: corners[0], Max: corners[2]}, draw.LineStyle{Color: color.White, Width: 1.2})
	}
	c.StrokeLines(sty.solid(1), append(corners, corners[0]))
}

// pale returns colour c mixed with white.
func pale(c color.Color) color.Color {
	r, g, b, _ := c.RGBA()
	mix := func(v uint32) uint8 { return uint8(255 - (255-v>>8)/5) }
	return color.RGBA{mix(r), mix(g), mix(b), 0xff}
}

// dots returns a mark that draws points in rows, with horizontal whiskers and the values as text.
// Within a row, the series are one below the other.
func (p *Panel) dots() mark {
	return func(c draw.Canvas, of *plot.Plot, tx, ty func(float64) vg.Length) {
		words := textStyle(8, grey)
		words.YAlign = draw.YCenter
		for k, s := range p.Series {
			sty := styled(s.Style, s.Variant)
			shift := (float64(k) - float64(len(p.Series)-1)/2) / float64(len(p.Series)+1)
			for _, q := range s.Points {
				x, y := tx(clamped(q.X, of.X)), ty(q.Y+shift)
				right := x
				if q.Lo < q.Hi {
					right = max(x, tx(clamped(q.Hi, of.X)))
					c.StrokeLine2(sty.solid(0.9), tx(clamped(q.Lo, of.X)), y, right, y)
				}
				sty.glyph(c, vg.Point{X: x, Y: y}, q.hollow())
				text := p.X.text(q.X)
				if q.X < 0 || right+8+words.Width(text) > c.Max.X {
					words.XAlign = draw.XRight
					c.FillText(words, vg.Point{X: tx(clamped(min(q.Lo, q.X), of.X)) - 7, Y: y}, text)
				} else {
					words.XAlign = draw.XLeft
					c.FillText(words, vg.Point{X: right + 7, Y: y}, text)
				}
			}
		}
	}
}

// stacks returns a mark that draws the parts of each row as a stacked bar: positive parts from 0 to
// the right, negative parts from 0 to the left.
func (p *Panel) stacks() mark {
	return func(c draw.Canvas, _ *plot.Plot, tx, ty func(float64) vg.Length) {
		for row := range p.Y.Names {
			up, down := 0.0, 0.0
			for _, s := range p.Series {
				for _, q := range s.Points {
					if int(q.Y) != row || q.X == 0 {
						continue
					}
					from, to := up, up+q.X
					if q.X < 0 {
						from, to = down, down+q.X
						down = to
					} else {
						up = to
					}
					sty := styled(s.Style, s.Variant)
					corners := box(tx(from), ty(float64(row)+0.32), tx(to), ty(float64(row)-0.32))
					c.FillPolygon(sty.color, corners)
					if s.Style == partRest {
						c.StrokeLines(draw.LineStyle{Color: grey, Width: 0.6}, append(corners, corners[0]))
					}
					if q.X < 0 {
						hatch(c, vg.Rectangle{Min: vg.Point{X: tx(to), Y: corners[0].Y}, Max: vg.Point{X: tx(from), Y: corners[2].Y}}, draw.LineStyle{Color: color.White, Width: 1})
					}
				}
			}
		}
		c.StrokeLine2(draw.LineStyle{Color: grey, Width: 0.8}, tx(0), c.Min.Y, tx(0), c.Max.Y)
	}
}

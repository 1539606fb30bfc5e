package chart

import (
	"bytes"
	"fmt"
	"image/color"
	"io"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// SVG writes the chart as SVG. Text remains text, in the reader's own sans-serif font.
func (c Chart) SVG(w io.Writer) error {
	canvas := vgsvg.New(vg.Length(c.width), vg.Length(c.height))
	c.draw(draw.New(canvas))
	var buf bytes.Buffer
	if _, err := canvas.WriteTo(&buf); err != nil {
		return fmt.Errorf("chart %s: %w", c.Name, err)
	}
	text := strings.ReplaceAll(buf.String(), "font-family:Liberation Sans;", "font-family:Helvetica,Arial,sans-serif;")
	_, err := io.WriteString(w, text)
	return err
}

// PNG writes the chart as PNG at 144 dpi, for high-resolution screens.
func (c Chart) PNG(w io.Writer) error {
	canvas := vgimg.NewWith(vgimg.UseWH(vg.Length(c.width), vg.Length(c.height)), vgimg.UseDPI(144))
	c.draw(draw.New(canvas))
	_, err := vgimg.PngCanvas{Canvas: canvas}.WriteTo(w)
	return err
}

const margin = 12

// draw lays out the page from top to bottom: question, panels, legend, caption.
func (c Chart) draw(page draw.Canvas) {
	page.SetColor(color.White)
	page.Fill(page.Rectangle.Path())
	page = draw.Crop(page, margin, -margin, margin, -margin)
	width := page.Max.X - page.Min.X

	title, small := textStyle(14, ink), textStyle(9, grey)
	title.Font.Weight = bold
	top := page.Max.Y
	for _, line := range wrap(title, c.Question, width) {
		top -= 18
		page.FillText(title, vg.Point{X: page.Min.X, Y: top}, line)
	}
	bottom := page.Min.Y
	// The reader's sans-serif font may be wider than the one measured here.
	lines := wrap(small, c.Caption, width*5/6)
	for i := range lines {
		page.FillText(small, vg.Point{X: page.Min.X, Y: bottom + 2}, lines[len(lines)-1-i])
		bottom += 12
	}
	bottom += 4
	bottom += drawLegend(draw.Canvas{Canvas: page.Canvas, Rectangle: vg.Rectangle{
		Min: vg.Point{X: page.Min.X, Y: bottom}, Max: vg.Point{X: page.Max.X, Y: top}}}, c.legend)

	label := textStyle(10, ink)
	label.XAlign = draw.XCenter
	bottom += 10
	page.FillText(label, vg.Point{X: page.Center().X, Y: bottom}, c.across)

	if len(c.panels) == 0 { // the caption explains it
		return
	}
	area := draw.Canvas{Canvas: page.Canvas, Rectangle: vg.Rectangle{
		Min: vg.Point{X: page.Min.X, Y: bottom + 16}, Max: vg.Point{X: page.Max.X, Y: top - 10}}}
	tiles := draw.Tiles{Rows: len(c.panels), Cols: len(c.panels[0]), PadX: 8, PadY: 10}
	for j, row := range plot.Align(c.panels, tiles, area) {
		for i, at := range row {
			if p := c.panels[j][i]; p != nil {
				p.Draw(at)
			}
		}
	}
}

// An entry is a row of the legend: the line and glyph of a series, and words.
type entry struct {
	style style
	words string
	plain bool // draw a grey dashed line instead, for rulers

	glyphOnly bool // for a single point
}

const legendRow = 15

// drawLegend draws the legend in columns at the bottom of the canvas and returns its height.
func drawLegend(c draw.Canvas, entries []entry) vg.Length {
	if len(entries) == 0 {
		return 0
	}
	sty := textStyle(10, ink)
	widest := vg.Length(0)
	for _, e := range entries {
		widest = max(widest, sty.Width(e.words)+44)
	}
	columns := max(1, min(len(entries), int((c.Max.X-c.Min.X)/widest)))
	rows := (len(entries) + columns - 1) / columns
	columns = (len(entries) + rows - 1) / rows
	step := (c.Max.X - c.Min.X) / vg.Length(columns)
	for i, e := range entries {
		x := c.Min.X + step*vg.Length(i/rows)
		y := c.Min.Y + legendRow*(vg.Length(rows-1-i%rows)+0.5)
		if e.plain {
			c.StrokeLine2(rulerLine, x, y, x+32, y)
		} else {
			if !e.glyphOnly {
				c.StrokeLine2(e.style.line(1.6), x, y, x+32, y)
			}
			c.DrawGlyph(e.style.mark(3.2), vg.Point{X: x + 16, Y: y})
		}
		c.FillText(sty, vg.Point{X: x + 38, Y: y - 3.5}, e.words)
	}
	return legendRow * vg.Length(rows)
}

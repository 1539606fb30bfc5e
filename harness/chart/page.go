package chart

import (
	"bytes"
	"fmt"
	"image/color"
	"io"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// SVG writes the chart as SVG. Its words are SVG text, in the viewer's own sans-serif font.
func (c Chart) SVG(w io.Writer) error {
	canvas := vgsvg.New(vg.Length(c.Width), vg.Length(c.Height))
	c.draw(draw.New(canvas))
	var buf bytes.Buffer
	if _, err := canvas.WriteTo(&buf); err != nil {
		return fmt.Errorf("chart %s: %w", c.Name, err)
	}
	text := strings.ReplaceAll(buf.String(), "font-family:Liberation Sans;", "font-family:Helvetica,Arial,sans-serif;")
	_, err := io.WriteString(w, text)
	return err
}

// PNG writes the chart as PNG with 144 dots per inch, for high-resolution screens.
func (c Chart) PNG(w io.Writer) error {
	canvas := vgimg.NewWith(vgimg.UseWH(vg.Length(c.Width), vg.Length(c.Height)), vgimg.UseDPI(144))
	c.draw(draw.New(canvas))
	_, err := vgimg.PngCanvas{Canvas: canvas}.WriteTo(w)
	return err
}

const (
	margin    = 12
	legendRow = 15
)

// draw draws the page from top to bottom: question, panels, axis titles, legend, caption. It sets
// the field Box of each panel to the panel's position.
func (c Chart) draw(page draw.Canvas) {
	page.SetColor(color.White)
	page.Fill(page.Rectangle.Path())
	page = draw.Crop(page, margin, -margin, margin, -margin)
	width := page.Max.X - page.Min.X

	title, small := textStyle(14, ink), textStyle(9, grey)
	title.Font.Weight = bold
	top := page.Max.Y
	for _, line := range wrap(title, c.Question, width*19/20) {
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
	if len(c.Panels) == 0 { // the caption explains it
		return
	}
	bottom += 4
	bottom += drawLegend(draw.Canvas{Canvas: page.Canvas, Rectangle: vg.Rectangle{
		Min: vg.Point{X: page.Min.X, Y: bottom}, Max: vg.Point{X: page.Max.X, Y: top}}}, c.legend())
	c.drawPanels(draw.Canvas{Canvas: page.Canvas, Rectangle: vg.Rectangle{
		Min: vg.Point{X: page.Min.X, Y: bottom + 4}, Max: vg.Point{X: page.Max.X - 4, Y: top - 6}}})
}

// drawPanels draws the panels with their titles. An axis title that all panels share is drawn only
// once: the title of the x axes below the panels, the title of the y axes above the first panel of
// each row.
func (c Chart) drawPanels(area draw.Canvas) {
	label, name := textStyle(10, ink), textStyle(10, ink)
	name.Font.Weight = bold
	label.XAlign = draw.XCenter
	one := !slices.ContainsFunc(c.Panels, func(p *Panel) bool { return p.X.Title != c.Panels[0].X.Title })
	foot := vg.Length(15)
	if one {
		area.FillText(label, vg.Point{X: area.Center().X, Y: area.Min.Y}, c.Panels[0].X.Title)
		area.Min.Y += foot
		foot = 0
	}
	columns := c.columns()
	rows := (len(c.Panels) + columns - 1) / columns
	plots := make([][]*plot.Plot, rows)
	var titled []bool // by row
	labelled := false
	for i, p := range c.Panels {
		if i%columns == 0 {
			plots[i/columns] = make([]*plot.Plot, columns)
			titled = append(titled, false)
		}
		plots[i/columns][i%columns] = p.plot()
		titled[i/columns] = titled[i/columns] || p.Title != ""
		labelled = labelled || p.Y.Title != ""
	}
	head := func(row int) (height vg.Length) {
		if row < rows && titled[row] {
			height += 15
		}
		if labelled {
			height += 15
		}
		return height
	}
	tiles := draw.Tiles{Rows: rows, Cols: columns, PadX: 10, PadY: 10 + head(1) + foot, PadTop: head(0), PadBottom: foot}
	for j, row := range plot.Align(plots, tiles, area) {
		for i, at := range row {
			if plots[j][i] == nil {
				continue
			}
			p, before := c.Panels[j*columns+i], (*Panel)(nil)
			if i > 0 {
				before = c.Panels[j*columns+i-1]
			}
			plots[j][i].Draw(at)
			inner := plots[j][i].DataCanvas(at)
			top := at.Max.Y + head(j) - 11
			if titled[j] {
				area.FillText(name, vg.Point{X: inner.Min.X, Y: top}, p.Title)
				top -= 15
			}
			if before == nil || before.Y.Title != p.Y.Title {
				area.FillText(textStyle(9, grey), vg.Point{X: at.Min.X, Y: top}, p.Y.Title)
			}
			if !one {
				area.FillText(label, vg.Point{X: inner.Center().X, Y: at.Min.Y - 12}, p.X.Title)
			}
			p.Box = Box{float64(inner.Min.X), c.Height - float64(inner.Max.Y), float64(inner.Max.X - inner.Min.X), float64(inner.Max.Y - inner.Min.Y)}
		}
	}
}

// columns returns the number of panels in one row of the page.
func (c Chart) columns() int { return max(1, min(c.across, len(c.Panels))) }

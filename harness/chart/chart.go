// Package chart draws the answers of an analysis as SVG and PNG with gonum/plot. Each
// chart answers one question, which is written above it; n, intervals and the machine
// are in its caption; each series differs from the others by dash and glyph as well as
// by colour.
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

	"github.com/payoff-bench/payoff/harness/analyze"
)

// A Chart is a picture that can be written in two formats.
type Chart struct {
	Name     string // of its files, without extension: "efficiency-spin-2-cores"
	Kind     Kind
	Place    analyze.Place // what was measured; Cores is 0 for a Speedup chart
	Question string        // what it answers
	Caption  string        // what was measured, where and how often

	width, height vg.Length
	across        string // label of the x axis; not gonum's, which makes room for it at the wrong end of a logarithmic axis
	legend        []entry
	panels        [][]*plot.Plot // rows of columns; nil where a row is not full
}

// A Kind of chart.
type Kind int

const (
	Efficiency   Kind = iota // efficiency against granularity, with METG: for one workload on some cores
	Speedup                  // speed-up against cores: for one workload
	Bathtub                  // makespan against chunk: for one strategy, workload and number of cores
	Throughput               // throughput against workers, with the knee: for one kind of tasks that wait
	ResponseTime             // response time against rate: for one kind of tasks
	Regret                   // regret of chunk policies, a heat map: for one workload and number of cores
	Order                    // what order costs, against the window: for one strategy, workload and number of cores
	Memory                   // what workers hold: for one number of cores
	Scaled                   // cost against payload, or against the number of tasks with the start of the workers: for one workload, order and number of cores
)

// All returns the charts that the analysis has data for: of each workload whose tasks
// do not wait and that has at least two grains, efficiency against granularity for each
// number of cores, the largest first; of each workload that was measured on at least two
// numbers of cores, speed-up against cores; of each strategy whose chunks were swept,
// makespan against chunk, and for all of these together what chunk policies cost; of each
// strategy that delivered in both orders with several windows, what order costs; of each
// number of cores on which memory was what tasks were about, what workers hold; of each
// workload that was measured with at least three payloads, or numbers of tasks, the cost against these; of three workloads
// or more with the same payloads, these side by side.
func All(a *analyze.Analysis) []Chart {
	look := newLook(a)
	return slices.Concat(efficiencies(a, look), speedups(a, look), bathtubs(a), regrets(a), orders(a), memories(a), throughputs(a), responses(a), scales(a), besides(a))
}

// SVG writes the chart as SVG. Text stays text, in the reader's own sans-serif font.
func (c Chart) SVG(w io.Writer) error {
	canvas := vgsvg.New(c.width, c.height)
	c.draw(draw.New(canvas))
	var buf bytes.Buffer
	if _, err := canvas.WriteTo(&buf); err != nil {
		return fmt.Errorf("chart %s: %w", c.Name, err)
	}
	text := strings.ReplaceAll(buf.String(), "font-family:Liberation Sans;", "font-family:Helvetica,Arial,sans-serif;")
	_, err := io.WriteString(w, text)
	return err
}

// PNG writes the chart as PNG, twice as large as its points for sharp screens.
func (c Chart) PNG(w io.Writer) error {
	canvas := vgimg.NewWith(vgimg.UseWH(c.width, c.height), vgimg.UseDPI(144))
	c.draw(draw.New(canvas))
	_, err := vgimg.PngCanvas{Canvas: canvas}.WriteTo(w)
	return err
}

const margin = 12

// draw lays the page out: question, panels, legend, caption from top to bottom.
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
	// A viewer of the SVG may have no sans-serif as narrow as the one measured here.
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

	if len(c.panels) == 0 { // the caption says why
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

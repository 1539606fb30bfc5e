package chart

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// Names of the contours of a map, in the legend.
const (
	measuredEven  = "break-even with the loop, measured"
	predictedEven = "break-even, PREDICTED by a cost model"
)

// contour adds a break-even with the loop to row y of a map, whose columns are the tasks of section s:
// as measured, and as predicted. It is that of the strategy for which is returns true; of several, the
// smallest. Tasks between two columns are placed by their logarithm.
func (p *Panel) contour(a *analyze.Analysis, s analyze.Section, y int, is func(harness.Cell) bool) {
	questions := compared(s)
	least := func(e, than analyze.Estimate) analyze.Estimate {
		if _, ok := column(questions, e.Value); ok && e.Bounded() && (!than.Known() || e.Value < than.Value) {
			return e
		}
		return than
	}
	var measured, predicted analyze.Estimate
	for _, c := range s.Crossovers {
		if c = c.Upward(); c.Kind == analyze.Crosses && c.Against() && is(bare(c.A)) {
			measured = least(c.At, measured)
		}
	}
	// The model is about tasks whose work the size determines.
	if of := s.Place.Task; of.Spread == "" && of.Shape == "" && of.Memory == 0 && of.Tasks == 0 && !s.Waits() {
		for _, b := range a.BreakEvens {
			if b.Cell.Payload == of.Payload && b.Cell.Cores == s.Place.Cores && is(bare(b.Cell)) {
				predicted = least(b.At, predicted)
			}
		}
	}
	for i, e := range []analyze.Estimate{measured, predicted} {
		if name := []string{measuredEven, predictedEven}[i]; e.Known() {
			x, _ := column(questions, e.Value)
			lo, _ := column(questions, e.Lo)
			hi, _ := column(questions, e.Hi)
			p.Marks = append(p.Marks, Mark{Name: name, X: x, Y: float64(y), Lo: lo, Hi: hi, N: e.N, Solid: name == measuredEven})
		}
	}
}

// bare returns a series or cell without its task.
func bare(c harness.Cell) harness.Cell {
	c.Task = harness.Task{}
	return c
}

// column returns the place of a task with the given work among the columns of a map. ok is false if it
// is outside of them; the place is then that of the nearest column.
func column(questions []analyze.Question, work float64) (x float64, ok bool) {
	for i := 1; i < len(questions); i++ {
		lo, hi := questions[i-1].Work.Value, questions[i].Work.Value
		if lo <= work && work <= hi && lo < hi {
			return float64(i-1) + math.Log(work/lo)/math.Log(hi/lo), true
		}
	}
	if len(questions) > 0 && work > questions[0].Work.Value {
		return float64(len(questions) - 1), false
	}
	return 0, false
}

// tileMark draws a break-even on a row of a map: an upright line, dashed if it is predicted, and its
// interval as a line at the lower edge of the row.
func tileMark(c draw.Canvas, m Mark, tx, ty func(float64) vg.Length) {
	line := draw.LineStyle{Color: ink, Width: 2}
	low := ty(m.Y+0.5) + 3
	if !m.Solid {
		line.Dashes = dashes[2]
		low += 3
	}
	x, bottom, top := tx(m.X), ty(m.Y+0.5)+1, ty(m.Y-0.5)-1
	gap := max(0, min(5, (top-bottom)/2-5))              // keeps the number of the tile free
	halo := draw.LineStyle{Color: color.White, Width: 4} // so that dark tiles do not hide the lines
	thin := draw.LineStyle{Color: ink, Width: 1}
	for _, part := range [][2]vg.Length{{bottom, (bottom+top)/2 - gap}, {(bottom+top)/2 + gap, top}} {
		c.StrokeLine2(halo, x, part[0], x, part[1])
		c.StrokeLine2(line, x, part[0], x, part[1])
	}
	if lo, hi := tx(m.Lo), tx(m.Hi); hi > lo {
		c.StrokeLine2(draw.LineStyle{Color: color.White, Width: 3}, lo, low, hi, low)
		c.StrokeLine2(thin, lo, low, hi, low)
	}
}

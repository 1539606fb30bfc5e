package chart

import (
	"fmt"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// mostForetold is the number of rows of a chart of predictions; further cells are left out, and the
// caption says so.
const mostForetold = 40

// foretold returns the predicted cells of the run, if there are any, with the largest error first.
func foretold(a *analyze.Analysis) [][]analyze.Foretold {
	if len(a.Foretold) == 0 {
		return nil
	}
	all := slices.Clone(a.Foretold)
	size := func(f analyze.Foretold) float64 { return math.Abs(math.Log(f.Predicted.Value / f.Measured.Value)) }
	slices.SortStableFunc(all, func(x, y analyze.Foretold) int {
		switch {
		case size(x) > size(y):
			return -1
		case size(x) < size(y):
			return 1
		}
		return 0
	})
	return [][]analyze.Foretold{all}
}

// predicted draws a row for each held-out cell: the predicted makespan divided by the measured one,
// with the band of the prediction. The stretch within 10 % is shaded.
func predicted(c *Chart, a *analyze.Analysis, all []analyze.Foretold) {
	look := newLook(a)
	p := &Panel{Form: Dots, X: Axis{Title: "predicted / measured makespan (log scale)", Unit: Ratio, Log: true}, Band: [2]float64{0.9, 1.1}}
	p.Rulers = []Ruler{{Kind: Upright, At: 1, Words: "as predicted; shaded: within 10 %"}}
	inside := 0
	for _, f := range all {
		if f.Predicted.Lo <= f.Measured.Value && f.Measured.Value <= f.Predicted.Hi {
			inside++
		}
	}
	for row, f := range all[:min(len(all), mostForetold)] {
		name := f.Cell.Workload
		if f.Cell.Grain > 0 {
			name += ", " + format.RoundTime(float64(f.Cell.Grain))
		}
		p.Y.Names = append(p.Y.Names, name+", "+cores(analyze.PlaceOf(f.Cell)))
		p.append(look.of(f.Cell, analyze.Brief(f.Cell)), across(f.Predicted.Times(1/f.Measured.Value), row))
	}
	c.Panels = []*Panel{p}
	c.Width = 800
	c.tall(float64(140 + 18*len(p.Y.Names)))
	more := ""
	if n := len(all) - mostForetold; n > 0 {
		more = fmt.Sprintf(" The %s with the smallest errors are left out.", format.Count(n, "cell"))
	}
	c.Caption = fmt.Sprintf("Predictions, not measurements: %s of the run. The cost model of each prediction was fitted without the cells of the same task and number of cores. Whiskers are the 95 %% band of the prediction; it holds %d of the measured makespans.%s %s",
		format.Count(len(all), "cell"), inside, more, machine(a))
}

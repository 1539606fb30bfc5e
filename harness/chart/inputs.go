package chart

import (
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// timed returns the programs of a run with at least two inputs.
func timed(a *analyze.Analysis) []analyze.Program {
	return slices.DeleteFunc(slices.Clone(a.Programs), func(p analyze.Program) bool { return len(p.Inputs) < 2 })
}

// inputs draws how long a program runs for each of its inputs. The input with the shortest time
// comes first.
func inputs(c *Chart, a *analyze.Analysis, of analyze.Program) {
	c.Place = of.Place
	all := slices.Clone(of.Inputs)
	slices.SortStableFunc(all, func(x, y analyze.Input) int {
		switch {
		case x.Median < y.Median:
			return -1
		case x.Median > y.Median:
			return 1
		}
		return 0
	})
	p := &Panel{Form: Lines, X: Axis{Title: "inputs, the shortest time first", Unit: Count, Max: float64(len(all) + 1)}, Y: Axis{Title: "time of the program", Unit: Time}}
	s := Series{Name: "one input", Loose: true}
	n, most := 0, 0.0
	for i, in := range all {
		s.Points = append(s.Points, Point{X: float64(i + 1), Y: in.Median, Lo: in.Min, Hi: in.Max, N: in.N})
		n, most = max(n, in.N), max(most, in.Max)
	}
	p.Y.Max = 1.1 * most
	p.show(s)
	c.Panels = []*Panel{p}
	c.tall(360)
	c.Caption = fmt.Sprintf("Times of %d of the %s, run with one process at a time. Points: medians of launches, n = %d; whiskers: the shortest and the longest launch.%s %s",
		len(all), format.Count(of.Of, "input"), n, c.hollows(), machine(a))
}

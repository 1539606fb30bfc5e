package model

import (
	"math"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// BreakEvens returns break-evens: the work of a task from which a strategy is predicted to be
// faster than the direct loop. There is one for each strategy, fixed chunk, payload, number of
// workers and number of cores of the run. It omits a break-even if its band is not between the
// measured works.
func (m Model) BreakEvens() (all []analyze.BreakEven) {
	done := map[harness.Cell]bool{}
	for _, s := range m.Series {
		for _, c := range s.Cells {
			who := c.Cell
			who.Task = harness.Task{Payload: c.Cell.Payload}
			if c.Cell.Chunk.Fixed() == 0 || c.Cell.Order != harness.MapOrder || done[who] {
				continue
			}
			done[who] = true
			lo, hi := math.Inf(1), 0.0 // the smallest and the largest work of tasks with this payload
			for _, o := range s.Cells {
				if o.At.Payload == c.At.Payload {
					lo, hi = min(lo, o.At.Work), max(hi, o.At.Work)
				}
			}
			// excess returns a function of the work: how much longer the strategy takes than the
			// loop. The function end selects the predicted value or an end of its band.
			excess := func(end func(analyze.Estimate) float64) func(float64) float64 {
				return func(work float64) float64 {
					p := c.At
					p.Work, p.Tasks = work, Tasks(work, c.At.Workers)
					return end(m.banded(s, p)) - work
				}
			}
			at, ok1 := root(lo, hi, excess(func(e analyze.Estimate) float64 { return e.Value }))
			least, ok2 := root(lo, hi, excess(func(e analyze.Estimate) float64 { return e.Lo }))
			most, ok3 := root(lo, hi, excess(func(e analyze.Estimate) float64 { return e.Hi }))
			if ok1 && ok2 && ok3 {
				all = append(all, analyze.BreakEven{Cell: who, At: analyze.Estimate{Value: at, Lo: least, Hi: most, N: len(s.Cells)}})
			}
		}
	}
	return all
}

// root returns the work between lo and hi at which f changes from positive to negative. The result
// ok is false if f is not positive at lo and negative at hi.
func root(lo, hi float64, f func(float64) float64) (at float64, ok bool) {
	if !(lo < hi) || !(f(lo) > 0 && f(hi) < 0) {
		return 0, false
	}
	for hi/lo > 1.0001 {
		if mid := math.Sqrt(lo * hi); f(mid) > 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi, true
}

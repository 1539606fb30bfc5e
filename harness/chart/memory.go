package chart

import (
	"fmt"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// memoryResults returns the memory results of a run, one group for each number of cores. If the run
// has none because its launches could not read the memory, it returns one empty group. The chart of
// that group gives the reason.
func memoryResults(a *analyze.Analysis) [][]analyze.Holding {
	all := a.HoldingsByCores()
	if len(all) == 0 && unread(a) != "" && len(a.Isolations) > 0 {
		return [][]analyze.Holding{nil}
	}
	return all
}

// unread returns the reason why some or all launches could not read the memory. It returns "" if
// all could.
func unread(a *analyze.Analysis) string {
	return strings.TrimSuffix(a.Info.Absent[harness.UnitPSS], ".")
}

// memory draws a row for each kind of task. The left panel shows the memory of all processes. The
// right panel shows how much more or less memory each worker takes than the direct loop. If the
// memory could not be read, the chart says why.
func memory(c *Chart, a *analyze.Analysis, all []analyze.Holding) {
	if len(all) == 0 {
		c.Height = 120
		c.Caption = fmt.Sprintf("The memory of the processes could not be read here: %s. %s", unread(a), machine(a))
		return
	}
	c.Name += "-" + file(cores(all[0].Place))
	c.Question += " (on " + cores(all[0].Place) + ")"
	look := newLook(a)
	left := &Panel{Title: "all processes", Form: Dots, X: Axis{Title: "peak memory (log scale)", Unit: Bytes, Log: true}}
	right := &Panel{Title: "memory per worker, minus that of the plain loop", Form: Dots, X: Axis{Title: "peak memory minus that of the loop, per worker", Unit: Bytes}}
	n := 0
	for row, h := range all {
		left.Y.Names, right.Y.Names = append(left.Y.Names, h.Place.Anywhere()), append(right.Y.Names, "")
		for _, r := range h.Rows {
			who := r.Cell
			who.Window = 0 // there is no more than one
			line := look.of(who, analyze.Bare(who))
			if r.Peak.Known() && r.Peak.Value > 0 {
				left.append(line, across(r.Peak, row))
			}
			if r.Each.Known() {
				right.append(line, across(r.Each, row))
			}
		}
		n = max(n, len(h.Rows))
	}
	lo, hi := 0.0, 0.0
	for _, s := range right.Series {
		for _, q := range s.Points {
			lo, hi = min(lo, q.X, q.Lo), max(hi, q.X, q.Hi)
		}
	}
	right.X.Min, right.X.Max = lo-0.3*(hi-lo), hi+0.3*(hi-lo)
	if lo == 0 {
		right.X.Min = -0.04 * hi
	}
	right.Rulers = []Ruler{{Kind: Upright, Words: "as much memory as the loop; to the left of it, workers save memory"}}
	if lo == 0 {
		right.Rulers[0].Words = "as much memory as the loop"
	}
	c.Panels, c.across = []*Panel{left, right}, 2
	c.Width = 800
	c.tall(float64(140 + (10+13*n)*len(all)))
	c.Caption = fmt.Sprintf("Peak memory (PSS) of the process tree in one warm-up job, from several readings. PSS divides a shared page among its processes. %s %s", c.medians(a, "Points"), machine(a))
	if why := unread(a); why != "" {
		c.Caption += " In some launches the memory could not be read: " + why + "."
	}
}

// append adds point q to the panel's series that has the same name as s. If there is no such
// series, it adds s with this point.
func (p *Panel) append(s Series, q Point) {
	for i, o := range p.Series {
		if o.Name == s.Name {
			p.Series[i].Points = append(o.Points, q)
			return
		}
	}
	s.Points = []Point{q}
	p.Series = append(p.Series, s)
}

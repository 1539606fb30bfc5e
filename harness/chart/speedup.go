package chart

import (
	"fmt"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

const (
	mostColumns = 4 // largest number of panels in a row
	linesFrom   = 4 // from this many numbers of cores on, speed-ups are drawn as lines
)

// A scaling holds the data of one speed-up chart: the speed-ups of the same strategies on the same
// numbers of cores, at several grains. All panels of the chart thus have the same series.
type scaling struct {
	place  analyze.Place
	waits  bool
	who    []analyze.Series // of the strategies, without their numbers of cores
	grains []grainScaling
}

// A grainScaling holds the speed-ups at one grain of a [scaling].
type grainScaling struct {
	work  analyze.Estimate
	cores []int
	ups   map[analyze.Series]map[int]analyze.Estimate // speed-ups by number of cores
}

// acrossCores returns the series of a cell without its number of cores, so that a strategy has the
// same series on all numbers of cores. If the cell has one worker for each core, acrossCores also
// removes the number of workers.
func acrossCores(c harness.Cell) harness.Cell {
	if c.Workers == c.Cores {
		c.Workers = 0
	}
	c.Cores = 0
	return analyze.SeriesOf(c)
}

// scalings returns the data for the speed-up charts of a run: one scaling for each chart.
func scalings(a *analyze.Analysis) (all []scaling) {
	for _, sections := range a.AcrossCores() {
		grains := map[harness.Size]*grainScaling{}
		var order []harness.Size
		for _, s := range sections {
			for _, q := range s.Questions {
				g := grains[q.Task.Size()]
				if g == nil {
					g = &grainScaling{ups: map[analyze.Series]map[int]analyze.Estimate{}}
					grains[q.Task.Size()] = g
					order = append(order, q.Task.Size())
				}
				if q.Work.Known() {
					g.work = q.Work
				}
				g.cores = append(g.cores, q.Cores)
				for _, r := range q.Rows {
					if who := acrossCores(r.Cell); r.Cell.Strategy != harness.Direct && r.Speedup.Known() {
						if g.ups[who] == nil {
							g.ups[who] = map[int]analyze.Estimate{}
						}
						g.ups[who][q.Cores] = r.Speedup
					}
				}
			}
		}
		bySet := map[string]int{}
		for _, grain := range slices.SortedFunc(slices.Values(order), harness.Size.Compare) {
			var who []analyze.Series
			g := grains[grain]
			g.cores = sorted(g.cores)
			for series, ups := range g.ups {
				if len(ups) > 1 {
					who = append(who, series)
				}
			}
			if len(who) == 0 {
				continue
			}
			slices.SortFunc(who, analyze.CompareSeries)
			key := strings.Join(analyze.Labels(who), "|") + fmt.Sprint(g.cores)
			i, ok := bySet[key]
			if !ok {
				i = len(all)
				bySet[key] = i
				place := sections[0].Place
				place.Cores = 0
				all = append(all, scaling{place: place, waits: sections[0].Waits(), who: who})
			}
			all[i].grains = append(all[i].grains, *g)
		}
	}
	return all
}

// speedup draws speed-up against cores, with a panel for each grain: as bars for few numbers of
// cores, else as lines.
func speedup(c *Chart, a *analyze.Analysis, s scaling) {
	c.about(s.place, s.place.Anywhere())
	look, shown := newLook(a), pick(s.grains, 2*mostColumns)
	cores := shown[0].cores
	few := len(cores) < linesFrom
	for _, g := range shown {
		p := &Panel{Form: Lines, Title: "task of " + format.Time(g.work.Value, 3), X: Axis{Title: "cores", Unit: Count, ticks: coreTicks(cores)}, Y: Axis{Title: "speed-up over the loop: N·w / T", Unit: Ratio}}
		if few {
			p.Form, p.X.Title, p.X.ticks = Bars, "", nil
			p.X.Names = named(cores, func(n int) string { return format.Count(n, "core") })
		}
		for _, who := range s.who {
			label := who
			label.Cores, label.Workers = 1, max(1, who.Workers)
			line := look.of(label, analyze.Brief(label))
			for i, n := range g.cores {
				x := float64(n)
				if few {
					x = float64(i)
				}
				if e, ok := g.ups[who][n]; ok && e.Known() {
					line.Points = append(line.Points, at(x, e))
				}
			}
			p.show(line)
		}
		p.Rulers = []Ruler{{Level, 1, "the plain loop"}}
		if most := float64(cores[len(cores)-1]); !s.waits {
			if !few {
				p.Rulers = append(p.Rulers, Ruler{Diagonal, 0, "ideal: all cores"})
			} else {
				p.Rulers = append(p.Rulers, Ruler{Level, most, fmt.Sprintf("ideal: %g cores", most)})
			}
			p.Y.Max = most * 1.04
		}
		if !few {
			lo, hi := float64(cores[0]), float64(cores[len(cores)-1])
			p.X.Min, p.X.Max = lo-0.08*(hi-lo), hi+0.08*(hi-lo)
		}
		p.Y.Max = max(p.Y.Max, highest(p)*1.04)
		c.Panels = append(c.Panels, p)
	}
	top := 0.0
	for _, p := range c.Panels {
		top = max(top, p.Y.Max)
	}
	for _, p := range c.Panels {
		p.Y.Max = top
	}
	rows := (len(shown) + mostColumns - 1) / mostColumns
	c.across = (len(shown) + rows - 1) / rows
	c.tall(float64(150 + 165*rows))
	c.Caption = fmt.Sprintf("%s N is the number of tasks, T the makespan, w the time of a task in a plain loop on the same cores. ", c.judged(a, "Each panel is one task size"))
	if s.waits {
		c.Caption += "These tasks mostly wait, so cores do not limit them. "
	}
	if len(shown) < len(s.grains) {
		c.Caption += fmt.Sprintf("The chart shows %d of %d task sizes. ", len(shown), len(s.grains))
	}
	c.Caption += machine(a)
}

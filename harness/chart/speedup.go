package chart

import (
	"fmt"
	"maps"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

const columns = 4 // of panels, at most

// speedup draws speed-up against cores, with a panel for each grain measured on several numbers of
// cores.
func speedup(c *Chart, a *analyze.Analysis, sections []analyze.Section) {
	var qs []analyze.Question
	measured := map[int]int{} // by grain, how many numbers of cores
	for _, s := range sections {
		for _, q := range s.Questions {
			measured[q.Task.Grain]++
			qs = append(qs, q)
		}
	}
	x := newExtent()
	x.add(1)
	work := map[int]string{}
	grains, cores := map[int]bool{}, map[int]bool{}
	lines := map[string]map[int][]point{} // by label and grain
	look := newLook(a)
	for _, q := range qs { // by increasing number of cores
		grain := q.Task.Grain
		if measured[grain] < 2 {
			continue
		}
		if q.Work.Known() {
			work[grain] = "w = " + format.Time(q.Work.Value, 3)
		}
		for _, r := range q.Rows {
			if r.Cell.Strategy == harness.Direct || !r.Speedup.Known() {
				continue
			}
			grains[grain], cores[q.Cores] = true, true
			x.add(r.Speedup.Value)
			x.count(r.Speedup.N)
			label := analyze.Label(r.Cell)
			if lines[label] == nil {
				lines[label] = map[int][]point{}
				c.legend = append(c.legend, entry{style: look.of(r.Cell), words: label})
			}
			lines[label][grain] = append(lines[label][grain], at(float64(q.Cores), r.Speedup))
		}
	}
	if len(cores) < 2 {
		return
	}
	place, waits := sections[0].Place, sections[0].Waits()
	place.Cores = 0
	c.about(place, place.Anywhere())
	all := slices.Sorted(maps.Keys(cores))
	few, many := float64(all[0]), float64(all[len(all)-1])
	ideal, note := "dashed: the plain loop (1)", "These tasks mostly wait, so cores do not limit them. "
	if !waits {
		ideal, note = "dashed: the plain loop (1) and the ideal (all cores)", ""
		x.add(many)
	}
	panels := spread(slices.Sorted(maps.Keys(grains)), 2*columns)
	rows := (len(panels) + columns - 1) / columns
	cols := (len(panels) + rows - 1) / rows
	for row := range slices.Chunk(panels, cols) {
		c.panels = append(c.panels, make([]panel, cols))
		for i, grain := range row {
			p := newPanel(work[grain])
			p.X.Min, p.X.Max = few-0.12*(many-few), many+0.12*(many-few)
			p.X.Tick.Marker = coreTicks(all)
			p.Y.Min, p.Y.Max = 0, x.hi*1.06
			p.Y.Tick.Marker = speedTicks(x.hi * 1.06)
			if i == 0 {
				p.Y.Label.Text = "speed-up A = N·w/T"
			}
			p.Add(grid, level(1, ""))
			if !waits {
				p.Add(diagonal(few, many))
			}
			for k, e := range c.legend {
				if points := lines[e.words][grain]; len(points) > 0 {
					p.Add(series{style: e.style, points: points, shift: (float64(k) - float64(len(c.legend)-1)/2) * 3})
				}
			}
			c.panels[len(c.panels)-1][i] = p
		}
	}
	c.legend = append(c.legend, entry{words: ideal, plain: true})
	c.across = "cores"
	c.height = float64(190 + 165*rows)
	c.Caption = fmt.Sprintf("%sEach panel is one grain; w is the time of a task in a plain loop in its block. Points: %s of paired launches, %s; %s, at the level of all comparisons of a question together. "+
		"Points are shifted sideways to keep them apart. %s", note, x.center(), x.rounds(), x.whiskers(a, analyze.PairedFrom), machine(a))
	if len(panels) < len(grains) {
		c.Caption += fmt.Sprintf(" The chart shows %d of %d grains.", len(panels), len(grains))
	}
}

// spread returns at most n of xs, including the first and last.
func spread(xs []int, n int) []int {
	if len(xs) <= n {
		return xs
	}
	out := make([]int, n)
	for i := range out {
		out[i] = xs[i*(len(xs)-1)/(n-1)]
	}
	return out
}

package chart

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// speedups draws one chart for each workload that was measured on several numbers of
// cores, with a panel for each grain that was.
func speedups(a *analyze.Analysis, look look) []Chart {
	groups := map[analyze.Place][]analyze.Question{}
	var keys []analyze.Place
	for _, q := range a.Questions {
		k := q.Place()
		k.Cores = 0
		if _, ok := groups[k]; !ok {
			keys = append(keys, k)
		}
		groups[k] = append(groups[k], q)
	}
	var out []Chart
	for _, k := range keys {
		c := Chart{
			Name: name("speedup", k), Kind: Speedup, Place: k,
			Question: fmt.Sprintf("How much faster than a plain loop do more cores make it? (%s)", k.Anywhere()),
		}
		if c.speedup(a, groups[k], look) {
			out = append(out, c)
		}
	}
	return out
}

const columns = 4 // of panels

func (c *Chart) speedup(a *analyze.Analysis, qs []analyze.Question, look look) bool {
	counts := map[int]map[int]bool{} // cores, by grain
	for _, q := range qs {
		if counts[q.Task.Grain] == nil {
			counts[q.Task.Grain] = map[int]bool{}
		}
		counts[q.Task.Grain][q.Cores] = true
	}
	qs = slices.DeleteFunc(slices.Clone(qs), func(q analyze.Question) bool { return len(counts[q.Task.Grain]) < 2 })
	grains, cores := map[int]bool{}, map[int]bool{}
	top := 1.0
	least, most := math.MaxInt, 0
	seen := map[string]harness.Cell{}
	var labels []string
	for _, q := range qs {
		for _, r := range q.Rows {
			if r.Cell.Strategy == harness.Direct || !r.Speedup.Known() {
				continue
			}
			grains[q.Task.Grain], cores[q.Cores] = true, true
			top = max(top, r.Speedup.Value)
			least, most = min(least, r.Speedup.N), max(most, r.Speedup.N)
			if l := analyze.Label(r.Cell); seen[l] == (harness.Cell{}) {
				seen[l] = r.Cell
				labels = append(labels, l)
			}
		}
	}
	if len(cores) < 2 {
		return false
	}
	all := slices.Sorted(maps.Keys(cores))
	few, many := float64(all[0]), float64(all[len(all)-1])
	if !qs[0].Waits {
		top = max(top, many)
	}
	panels := spread(slices.Sorted(maps.Keys(grains)), 2*columns)
	rows := (len(panels) + columns - 1) / columns
	cols := (len(panels) + rows - 1) / rows
	for j := range rows {
		row := make([]*plot.Plot, cols)
		for i := range min(cols, len(panels)-j*cols) {
			p := newPlot()
			p.X.Min, p.X.Max = few-0.12*(many-few), many+0.12*(many-few)
			p.X.Tick.Marker = coreTicks(all)
			p.Y.Min, p.Y.Max = 0, top*1.06
			p.Y.Tick.Marker = speedTicks(top * 1.06)
			if i == 0 {
				p.Y.Label.Text = "speed-up A = N·w/T"
			}
			p.Add(grid{}, ruler{x1: p.X.Min, y1: 1, x2: p.X.Max, y2: 1})
			if !qs[0].Waits {
				p.Add(ruler{x1: few, y1: few, x2: many, y2: many})
			}
			c.panel(p, qs, panels[j*cols+i], labels, seen, look)
			row[i] = p
		}
		c.panels = append(c.panels, row)
	}
	for _, l := range labels {
		c.legend = append(c.legend, entry{style: look.of(seen[l]), words: l})
	}
	ideal := "dashed: the plain loop (1) and the ideal (all cores)"
	if qs[0].Waits {
		ideal = "dashed: the plain loop (1)"
	}
	c.legend = append(c.legend, entry{words: ideal, plain: true})
	c.across = "cores"
	c.width, c.height = 640, vg.Length(190+165*rows)
	c.Caption = fmt.Sprintf("A panel is one grain, w the time of a task in a plain loop in the same block. Points: %s of paired launches, %s; %s. "+
		"Points are shifted sideways a little so that they can be told apart. %s", center(least, most), rounds(least, most), whiskers(a, most, paired), machine(a))
	if qs[0].Waits {
		c.Caption = "Tasks here mostly wait: cores bound nothing. " + c.Caption
	}
	if len(panels) < len(grains) {
		c.Caption += fmt.Sprintf(" %d of %d grains are drawn.", len(panels), len(grains))
	}
	return true
}

// panel adds the series of one grain and titles it with its w.
func (c *Chart) panel(p *plot.Plot, qs []analyze.Question, grain int, labels []string, cells map[string]harness.Cell, look look) {
	points := map[string][]point{}
	for _, q := range qs { // by growing cores
		if q.Task.Grain != grain {
			continue
		}
		if q.Work.Known() {
			p.Title.Text = "w = " + analyze.Time(q.Work.Value, 3)
		}
		for _, r := range q.Rows {
			e := r.Speedup
			if r.Cell.Strategy == harness.Direct || !e.Known() {
				continue
			}
			pt := point{float64(q.Cores), e.Value, e.Value, e.Value}
			if e.Bounded() {
				pt.lo, pt.hi = e.Lo, e.Hi
			}
			l := analyze.Label(r.Cell)
			points[l] = append(points[l], pt)
		}
	}
	for i, l := range labels {
		shift := (float64(i) - float64(len(labels)-1)/2) * 3
		if pts := points[l]; len(pts) > 0 {
			p.Add(series{style: look.of(cells[l]), points: pts, shift: vg.Length(shift)})
		}
	}
}

// spread returns at most n of xs, the first and last among them.
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

package chart

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg/draw"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// throughput draws throughput against concurrency, with the knee, for one kind of tasks that
// wait. Where workers are no limit, concurrency is how many tasks were under way.
func throughput(c *Chart, a *analyze.Analysis, all []analyze.Concurrency) {
	if !slices.ContainsFunc(all, func(c analyze.Concurrency) bool { return len(c.Levels) > 1 }) {
		return // a sentence has the point
	}
	c.ofTasks(all[0].Who)
	p := logPlot("")
	p.Add(grid{})
	x, y := newExtent(), newExtent()
	unbound := ""
	for i, one := range all {
		line := series{style: styleOf(i)}
		words := analyze.Bare(one.Who)
		for _, l := range one.Levels {
			pt := at(float64(l.Workers), l.Throughput)
			if one.Unbound() {
				unbound = "Where workers do not limit how many tasks wait, the point stands at as many as did, on average. "
				pt.x = l.UnderWay.Value
				words += fmt.Sprintf(": %.3g under way", pt.x)
			}
			line.points = append(line.points, pt)
			x.add(pt.x)
			y.add(pt.lo, pt.hi)
			y.count(l.Throughput.N)
		}
		if one.Knee > 0 {
			p.Add(upright{line.style, one.Knee})
			words += fmt.Sprintf(": knee at %.3g", one.Knee)
		}
		p.Add(line)
		c.legend = append(c.legend, entry{style: line.style, words: words})
	}
	p.X.Min, p.X.Max = x.padded(1.2, 1, 10)
	p.Y.Min, p.Y.Max = y.padded(1.2, 1, 10)
	p.X.Tick.Marker, p.Y.Tick.Marker = powersOfTwo, countTicks
	p.Y.Label.Text = "tasks in a second"
	c.panels = [][]*plot.Plot{{p}}
	c.across = "workers: tasks under way at once, at most (log scale)"
	c.Caption = fmt.Sprintf("Closed loop: N/T of a job whose tasks all wait to be run. %s%s. Upright lines are knees: "+
		"where as many workers, each as fast as the first few, would do the most that was measured. %s", unbound, y.medians(a), machine(a))
}

// percentiles of responses, a panel each.
var percentiles = []struct {
	words string
	of    func(analyze.Response) analyze.Estimate
}{
	{"half within", func(r analyze.Response) analyze.Estimate { return r.P50 }},
	{"99 % within", func(r analyze.Response) analyze.Estimate { return r.P99 }},
	{"99.9 % within", func(r analyze.Response) analyze.Estimate { return r.P999 }},
}

// response draws response time against rate, for one kind of tasks that arrived by several
// rates.
func response(c *Chart, a *analyze.Analysis, all []analyze.Latency) {
	c.ofTasks(all[0].Who)
	rates := map[int]bool{}
	x, y := newExtent(), newExtent()
	var row []*plot.Plot
	for _, of := range percentiles {
		p := logPlot(of.words)
		p.Add(grid{})
		any := false
		for i, one := range all {
			line := series{style: styleOf(i)}
			for _, r := range one.Responses {
				if e := of.of(r); e.Known() && usable(e.Value) {
					pt := at(float64(r.Rate), e)
					line.points = append(line.points, pt)
					rates[r.Rate] = true
					x.add(pt.x)
					y.add(pt.lo, pt.hi)
					y.count(e.N)
				}
			}
			if len(line.points) > 0 {
				p.Add(line)
				any = true
			}
		}
		if any {
			row = append(row, p)
		}
	}
	if len(rates) < 2 {
		return // the table has one alone
	}
	for _, p := range row {
		p.X.Min, p.X.Max = x.padded(1.2, 1, 10)
		p.Y.Min, p.Y.Max = y.padded(1.2, 1, 10)
		p.X.Tick.Marker, p.Y.Tick.Marker = ticksAt(slices.Sorted(maps.Keys(rates))), timeTicks
	}
	row[0].Y.Label.Text = "response time"
	for i, one := range all {
		c.legend = append(c.legend, entry{style: styleOf(i), words: analyze.Bare(one.Who) + ", " + format.Count(one.Who.Workers, "worker")})
	}
	c.panels = [][]*plot.Plot{row}
	c.across = "tasks that arrive in a second (log scale)"
	c.Caption = fmt.Sprintf("Open loop: tasks arrive by a Poisson process, whatever becomes of those before; a response is from the instant at which a task was to arrive. "+
		"%s. %s", y.medians(a), machine(a))
}

// ofTasks names the chart for one kind of tasks.
func (c *Chart) ofTasks(who harness.Cell) {
	place := analyze.PlaceOf(who)
	where := place.String()
	words := []string{strconv.Itoa(place.Cores) + "-cores"}
	if grain := place.Task.Grain; grain > 0 {
		words = append([]string{strconv.Itoa(grain) + "-ns"}, words...)
		where += ", " + format.RoundTime(float64(grain))
	}
	c.about(place, where, words...)
}

// An upright is a line at a place of the x axis, from below to above.
type upright struct {
	style style
	x     float64
}

func (u upright) Plot(c draw.Canvas, p *plot.Plot) {
	tx, _ := p.Transforms(&c)
	if x := tx(u.x); x >= c.Min.X && x <= c.Max.X {
		line := u.style.line(0.8)
		line.Dashes = dashes[2]
		c.StrokeLine2(line, x, c.Min.Y, x, c.Max.Y)
	}
}

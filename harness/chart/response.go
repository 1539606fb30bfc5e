package chart

import (
	"fmt"
	"maps"
	"slices"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// percentiles are the percentiles of response times, each with a panel.
var percentiles = []struct {
	words string
	of    func(analyze.Response) analyze.Estimate
}{
	{"half within", func(r analyze.Response) analyze.Estimate { return r.P50 }},
	{"99 % within", func(r analyze.Response) analyze.Estimate { return r.P99 }},
	{"99.9 % within", func(r analyze.Response) analyze.Estimate { return r.P999 }},
}

// response draws response time against rate for one kind of tasks that arrived at several rates.
func response(c *Chart, a *analyze.Analysis, all []analyze.Latency) {
	c.ofTasks(all[0].Who)
	rates := map[int]bool{}
	x, y := newExtent(), newExtent()
	var row []panel
	for _, of := range percentiles {
		p := logPanel(of.words)
		any := false
		for i, one := range all {
			line := series{style: styleOf(i)}
			for _, r := range one.Responses {
				if pt, ok := line.add(float64(r.Rate), of.of(r), &y); ok {
					x.add(pt.x)
					y.add(pt.lo, pt.hi)
					rates[r.Rate], any = true, true
				}
			}
			p.Add(line)
		}
		if any {
			row = append(row, p)
		}
	}
	if len(rates) < 2 {
		return // a single rate is in the table of the report
	}
	for _, p := range row {
		p.X.Min, p.X.Max = x.padded(1.2)
		p.Y.Min, p.Y.Max = y.padded(1.2)
		p.X.Tick.Marker, p.Y.Tick.Marker = ticksAt(slices.Sorted(maps.Keys(rates))), timeTicks
	}
	row[0].Y.Label.Text = "response time"
	for i, one := range all {
		c.legend = append(c.legend, entry{style: styleOf(i), words: analyze.Bare(one.Who) + ", " + format.Count(one.Who.Workers, "worker")})
	}
	c.panels = [][]panel{row}
	c.across = "tasks that arrive per second (log scale)"
	c.Caption = fmt.Sprintf("Open loop: tasks arrive by a Poisson process, independently of earlier tasks; a response time starts at the scheduled arrival of its task. "+
		"%s. %s", y.medians(a), machine(a))
}

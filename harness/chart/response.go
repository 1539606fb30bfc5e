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

// response draws the response time against the arrival rate, for one kind of task that was measured
// at several rates.
func response(c *Chart, a *analyze.Analysis, all []analyze.Latency) {
	c.ofTasks(all[0].Who)
	rates := map[int]bool{}
	look := newLook(a)
	for _, of := range percentiles {
		p := &Panel{Title: of.words, Form: Lines, X: Axis{Title: "tasks that arrive per second (log scale)", Unit: Count, Log: true}, Y: Axis{Title: "response time (log scale)", Unit: Time, Log: true}}
		for _, one := range all {
			line := look.of(one.Who, plain(analyze.Bare(one.Who))+", "+format.Count(one.Who.Workers, "worker"))
			for _, r := range one.Responses {
				if line.add(float64(r.Rate), of.of(r)) {
					rates[r.Rate] = true
				}
			}
			p.show(line)
		}
		if len(p.Series) > 0 {
			c.Panels = append(c.Panels, p)
		}
	}
	if len(rates) < 2 {
		c.Panels = nil
		return // a single rate is in the table of the report
	}
	for _, p := range c.Panels {
		p.X.ticks = ticksAt(slices.Sorted(maps.Keys(rates)))
	}
	c.across = len(c.Panels)
	c.Width = 760
	c.tall(380)
	c.Caption = fmt.Sprintf("Open loop: tasks arrive by a Poisson process, independently of earlier tasks; a response time starts at the scheduled arrival of its task. "+
		"%s %s", c.medians(a, "Points"), machine(a))
}

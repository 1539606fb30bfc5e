package chart

import (
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// throughput draws throughput against concurrency for one kind of tasks that wait, with the knee. If
// workers are not limited, concurrency is the mean number of tasks under way.
func throughput(c *Chart, a *analyze.Analysis, all []analyze.Concurrency) {
	if !slices.ContainsFunc(all, func(c analyze.Concurrency) bool { return len(c.Levels) > 1 }) {
		return // the report has a sentence instead
	}
	c.ofTasks(all[0].Who)
	p := logPanel("")
	x, y := newExtent(), newExtent()
	unbound := ""
	for i, one := range all {
		line := series{style: styleOf(i)}
		words := analyze.Bare(one.Who)
		for _, l := range one.Levels {
			wide := float64(l.Workers)
			if one.Unbound() {
				unbound = "Where workers do not limit how many tasks wait at once, the point is at the mean number under way. "
				wide = l.UnderWay.Value
				words += fmt.Sprintf(": %.3g under way", wide)
			}
			x.add(wide)
			pt, _ := line.add(wide, l.Throughput, &y)
			y.add(pt.lo, pt.hi)
		}
		if one.Knee > 0 {
			p.Add(upright(line.style, one.Knee))
			words += fmt.Sprintf(": knee at %.3g", one.Knee)
		}
		p.Add(line)
		c.legend = append(c.legend, entry{style: line.style, words: words})
	}
	p.X.Min, p.X.Max = x.padded(1.2)
	p.Y.Min, p.Y.Max = y.padded(1.2)
	p.X.Tick.Marker, p.Y.Tick.Marker = workerTicks, countTicks
	p.Y.Label.Text = "tasks per second"
	c.panels = [][]panel{{p}}
	c.across = "workers: the largest number of tasks that run at once (log scale)"
	c.Caption = fmt.Sprintf("Closed loop: all tasks are ready at the start of the job, and its throughput is N/T. %s%s. Vertical lines are knees: "+
		"the number of workers, each as fast as the first few, that would reach the highest throughput measured. %s", unbound, y.medians(a), machine(a))
}

package chart

import (
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// throughput draws throughput against the number of tasks under way, for one kind of task that
// waits. The number of tasks under way is the number of workers or, if workers do not limit it, a
// measured mean.
func throughput(c *Chart, a *analyze.Analysis, all []analyze.Concurrency) {
	if !slices.ContainsFunc(all, func(c analyze.Concurrency) bool { return len(c.Levels) > 1 }) {
		return // the report has a sentence instead
	}
	c.ofTasks(all[0].Who)
	p := &Panel{Form: Lines, X: Axis{Title: "workers: the largest number of tasks that run at once (log scale)", Unit: Count, Log: true, ticks: workerTicks}, Y: Axis{Title: "tasks per second (log scale)", Unit: PerSecond, Log: true}}
	look := newLook(a)
	unbound := ""
	var knees []Mark
	for _, one := range all {
		line := look.of(one.Who, analyze.Bare(one.Who))
		for _, l := range one.Levels {
			wide := float64(l.Workers)
			if one.Unbound() {
				unbound = "Where workers do not limit how many tasks wait at once, the point is at the mean number of tasks under way. "
				wide = l.UnderWay.Value
				line.Name += fmt.Sprintf(": %.3g tasks under way", wide)
			}
			if line.add(wide, l.Throughput) && one.Knee.Known() && l.Workers == int(one.Knee.Value) {
				knees = append(knees, newMark("the fewest workers with 90 % of the highest throughput", line, one.Knee, l.Throughput.Value))
			}
		}
		p.show(line)
	}
	p.Marks = knees
	c.Panels = []*Panel{p}
	c.tall(400)
	c.Caption = fmt.Sprintf("Closed loop: all tasks are ready at the start of the job. Throughput is N/T, the number of tasks divided by the makespan. %s%s ", unbound, c.medians(a, "Points"))
	if len(knees) > 0 {
		c.Caption += "Diamonds: the fewest workers that reach 90 % of the highest throughput. Brackets: fewer workers than at the left end do not reach 90 %; the workers at the right end do. "
	}
	c.Caption += machine(a)
}

package chart

import (
	"fmt"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// accounted returns groups of sections, one group for each account chart. An account chart shows
// how the core time of a task is divided into parts. A section with at least [curveFrom] grains has
// a chart of its own. Sections with fewer grains share one chart, except those of tasks that wait.
// All sections are on the largest number of cores.
func accounted(a *analyze.Analysis) (all [][]analyze.Section) {
	for _, s := range manyGrains(a) {
		if len(withAccounts(s)) >= curveFrom {
			all = append(all, []analyze.Section{s})
		}
	}
	few := slices.DeleteFunc(fewGrains(a), func(s analyze.Section) bool { return s.Waits() || len(withAccounts(s)) == 0 })
	if len(few) > 0 {
		all = append(all, few)
	}
	return all
}

// withAccounts returns the questions of section s that have an account: the core time of a task,
// divided into parts. At least one strategy other than the direct loop has it.
func withAccounts(s analyze.Section) []analyze.Question {
	return slices.DeleteFunc(slices.Clone(s.Questions), func(q analyze.Question) bool {
		return !slices.ContainsFunc(q.Rows, func(r analyze.Row) bool {
			return r.Cell.Strategy != harness.Direct && r.Account.CPU.Known() && r.Account.Idle.Known()
		})
	})
}

// A share is one part of the core time of a task: its name, its style and a function that returns
// its size.
type share struct {
	name  string
	style int
	of    func(r, loop analyze.Account) analyze.Estimate
}

// shares are the parts of the core time of a task, T·C/N (makespan × cores ÷ tasks), if tasks
// compute. The part for work is the CPU time of the direct loop, which includes its system calls.
var shares = []share{
	{"work, as in the loop", partWork, func(r, _ analyze.Account) analyze.Estimate { return r.Work }},
	{"handing over, garbage collection and other user code", partUser, func(r, loop analyze.Account) analyze.Estimate {
		return minus(r.Other, extraSystem(r, loop))
	}},
	{"time in the operating system beyond that of the loop", partSystem, extraSystem},
	{"idle, or the core ran other programs", partIdle, func(r, _ analyze.Account) analyze.Estimate { return r.Idle }},
}

// waiting are the parts of the core time of a task if tasks mostly wait. There is no part for work,
// because the direct loop mostly waits too.
var waiting = []share{
	{"CPU time in user mode", partUser, func(r, _ analyze.Account) analyze.Estimate { return minus(r.CPU, r.System) }},
	{"system calls", partSystem, func(r, _ analyze.Account) analyze.Estimate { return r.System }},
	shares[3],
}

// extraSystem returns the system time of account r minus that of account loop, the account of the
// direct loop.
func extraSystem(r, loop analyze.Account) analyze.Estimate { return minus(r.System, loop.System) }

// minus returns the difference a - b of two medians, without an interval. If a or b is unknown, it
// returns a.
func minus(a, b analyze.Estimate) analyze.Estimate {
	if !b.Known() || !a.Known() {
		return a
	}
	d := a.Value - b.Value
	return analyze.Estimate{Value: d, Lo: d, Hi: d, N: min(a.N, b.N)}
}

// account draws how the core time of a task is divided into parts. For one section with at least
// [curveFrom] grains, it draws up to three grains, each in its own panel, with a bar for each
// strategy. Otherwise it draws one panel with a bar for each task and strategy.
func account(c *Chart, a *analyze.Analysis, sections []analyze.Section) {
	if len(withAccounts(sections[0])) < curveFrom {
		c.accountOfTasks(sections)
	} else {
		c.accountOfSizes(sections[0])
	}
	rest, negative := false, false
	for _, p := range c.Panels {
		p.stacked()
		for _, s := range p.Series {
			for _, q := range s.Points {
				rest = rest || s.Style == partRest
				negative = negative || q.X < 0 && s.Style != partRest
			}
		}
	}
	c.Caption = fmt.Sprintf("T is the makespan, C the number of cores, N the number of tasks. All values are medians of launches, %s. ", c.counts().rounds())
	if sections[0].Waits() {
		c.Caption += "These tasks mostly wait, so idle time is part of them. "
	}
	if rest {
		c.Caption += "Each part is a separate median, so the parts may not add up to the total; the white part is the rest. "
	}
	if negative {
		c.Caption += "A negative part, hatched to the left of 0, means that the tasks used less CPU time than in the loop. "
	}
	c.Caption += machine(a)
}

// accountOfSizes draws the accounts (parts of the core time) of the strategies of section s, for up
// to three task sizes. Each size has its own panel.
func (c *Chart) accountOfSizes(s analyze.Section) {
	questions := pick(withAccounts(s), 3)
	c.about(s.Place, s.Place.String(), cores(s.Place))
	var who []analyze.Series
	for _, one := range seriesOf(s) {
		if slices.ContainsFunc(questions, func(q analyze.Question) bool { _, ok := rowOf(q, one); return ok }) {
			who = append(who, one)
		}
	}
	for _, q := range questions {
		p := &Panel{Title: "task of " + format.Time(q.Work.Value, 3), Form: Stacks, X: Axis{Title: "core time of a task, T·C/N", Unit: Time}, Y: Axis{Names: analyze.Labels(who)}}
		for row, cell := range who {
			if r, ok := rowOf(q, cell); ok {
				p.divide(row, r.Account, loopOf(q), s.Waits(), 1)
			}
		}
		c.Panels = append(c.Panels, p)
	}
	c.across = len(c.Panels)
	c.Width, c.Height = 760, 205+26*float64(len(who))
}

// accountOfTasks draws the accounts (parts of the core time) of the strategies of all sections in
// one panel. All times are relative to the time of the task in the direct loop.
func (c *Chart) accountOfTasks(sections []analyze.Section) {
	c.Name += "-tasks"
	c.Question += " (tasks measured at few sizes)"
	p := &Panel{Form: Stacks, X: Axis{Title: "core time of a task, T·C/N, relative to its time in the loop", Unit: Ratio}}
	for _, s := range sections {
		for _, q := range withAccounts(s) {
			for _, r := range q.Rows {
				if r.Cell.Strategy != harness.Direct && r.Account.CPU.Known() && r.Account.Work.Known() {
					p.divide(len(p.Y.Names), r.Account, loopOf(q), false, 1/r.Account.Work.Value)
					p.Y.Names = append(p.Y.Names, fmt.Sprintf("%s, %s: %s", s.Place.Anywhere(), format.Time(q.Work.Value, 3), plain(analyze.Brief(r.Cell))))
				}
			}
		}
	}
	c.Panels = []*Panel{p}
	c.Width, c.Height = 760, 190+19*float64(len(p.Y.Names))
}

// divide adds a stacked bar to the panel, in the given row. The bar shows the parts of account x,
// multiplied by scale. loop is the account of the direct loop. waits is true if the tasks mostly
// wait.
func (p *Panel) divide(row int, x, loop analyze.Account, waits bool, scale float64) {
	if !x.CPU.Known() || !x.Granularity.Known() {
		return
	}
	kinds := shares
	if waits {
		kinds = waiting
	}
	g := x.Granularity
	rest := g.Value
	for _, k := range kinds {
		if e := k.of(x, loop); e.Known() {
			rest -= e.Value
			p.append(Series{Name: k.name, Style: k.style}, across(e.Times(scale), row))
		}
	}
	if math.Abs(rest) > 0.01*g.Value {
		p.append(Series{Name: "rest (medians do not add up)", Style: partRest}, Point{X: rest * scale, Y: float64(row), Lo: rest * scale, Hi: rest * scale, N: g.N})
	}
	p.Marks = append(p.Marks, Mark{Name: "total, T·C/N", X: g.Value * scale, Y: float64(row), Lo: g.Value * scale, Hi: g.Value * scale, N: g.N})
	if e := x.Ready; e.Known() && e.Value > 0.01*g.Value {
		p.Marks = append(p.Marks, Mark{Name: "threads that wait for a core (not a further part)", X: e.Value * scale, Y: float64(row), Hi: e.Value * scale, N: e.N})
	}
}

// loopOf returns the account of the direct loop in question q.
func loopOf(q analyze.Question) analyze.Account {
	for _, r := range q.Rows {
		if r.Cell.Strategy == harness.Direct {
			return r.Account
		}
	}
	return analyze.Account{}
}

// rowOf returns the row of series s in question q, and reports whether q has such a row.
func rowOf(q analyze.Question, s analyze.Series) (analyze.Row, bool) {
	s.Task = s.Task.Sized(q.Task.Size())
	i := slices.IndexFunc(q.Rows, func(r analyze.Row) bool { return r.Cell == s })
	if i < 0 {
		return analyze.Row{}, false
	}
	return q.Rows[i], true
}

// stacked sets the limits of the x axis of a panel with stacked bars, so that all parts and marks
// are visible.
func (p *Panel) stacked() {
	lo, hi := 0.0, 0.0
	for row := range p.Y.Names {
		up, down := 0.0, 0.0
		for _, s := range p.Series {
			for _, q := range s.Points {
				if int(q.Y) == row {
					up, down = up+max(0, q.X), down+min(0, q.X)
				}
			}
		}
		lo, hi = min(lo, down), max(hi, up)
	}
	for _, m := range p.Marks {
		hi = max(hi, m.X)
	}
	p.X.Min, p.X.Max = lo*1.05, hi*1.05
}

// pick returns at most n elements of all, evenly chosen, including the first and the last.
func pick[T any](all []T, n int) []T {
	if len(all) <= n {
		return all
	}
	out := make([]T, n)
	for i := range out {
		out[i] = all[i*(len(all)-1)/(n-1)]
	}
	return out
}

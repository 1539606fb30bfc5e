package chart

import (
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// accounted returns the sections with a strategy whose CPU time was measured.
func accounted(a *analyze.Analysis) []analyze.Section {
	return slices.DeleteFunc(slices.Clone(a.Sections), func(s analyze.Section) bool {
		return len(explained(s)) == 0
	})
}

// explained returns the questions of a section with an account of a strategy other than direct.
func explained(s analyze.Section) []analyze.Question {
	return slices.DeleteFunc(slices.Clone(s.Questions), func(q analyze.Question) bool {
		return !slices.ContainsFunc(q.Rows, func(r analyze.Row) bool {
			return r.Cell.Strategy != harness.Direct && r.Account.CPU.Known() && r.Account.Idle.Known()
		})
	})
}

// A share is one part of the core time of a task, with its name and style.
type share struct {
	name  string
	style int
	of    func(r, loop analyze.Account) analyze.Estimate
}

// shares are the parts of g = T·C/N where tasks compute. The work is that of the direct loop, with
// its system calls.
var shares = []share{
	{"work, as in the loop", partWork, func(r, _ analyze.Account) analyze.Estimate { return r.Work }},
	{"handing over: other CPU time in user mode", partUser, func(r, loop analyze.Account) analyze.Estimate {
		return less(r.Other, beyond(r, loop))
	}},
	{"system calls beyond those of the loop", partSystem, beyond},
	{"idle, or the core ran other programs", partIdle, func(r, _ analyze.Account) analyze.Estimate { return r.Idle }},
}

// waiting are the parts of g where tasks mostly wait, so that the time of the loop is not work.
var waiting = []share{
	{"CPU time in user mode", partUser, func(r, _ analyze.Account) analyze.Estimate { return less(r.CPU, r.System) }},
	{"system calls", partSystem, func(r, _ analyze.Account) analyze.Estimate { return r.System }},
	shares[3],
}

// beyond returns the time in the operating system beyond that of the direct loop.
func beyond(r, loop analyze.Account) analyze.Estimate { return less(r.System, loop.System) }

// less returns the difference of two medians, without an interval; if b is unknown, it is a.
func less(a, b analyze.Estimate) analyze.Estimate {
	if !b.Known() || !a.Known() {
		return a
	}
	d := a.Value - b.Value
	return analyze.Estimate{Value: d, Lo: d, Hi: d, N: min(a.N, b.N)}
}

// account draws the core time of a task by part for each strategy, with a panel for each of at most
// three grains.
func account(c *Chart, a *analyze.Analysis, of analyze.Section) {
	questions := pick(explained(of), 3)
	place := of.Place
	if len(of.Questions) == 1 {
		place = questions[0].Place
	}
	c.about(of.Place, of.Place.String(), cores(of.Place))
	c.Place = place
	var who []analyze.Series
	for _, s := range seriesOf(of) {
		if slices.ContainsFunc(questions, func(q analyze.Question) bool { _, ok := rowOf(q, s); return ok }) {
			who = append(who, s)
		}
	}
	kinds := shares
	if of.Waits() {
		kinds = waiting
	}
	negative := false
	for _, q := range questions {
		loop, _ := rowOf(q, who[0])
		p := &Panel{Title: "task of " + format.Time(q.Work.Value, 3), Form: Stacks, X: Axis{Title: "core time of a task, T·C/N", Unit: Time}, Y: Axis{Names: analyze.Labels(who)}}
		for _, k := range kinds {
			s := Series{Name: k.name, Style: k.style}
			for row, cell := range who {
				if r, ok := rowOf(q, cell); ok {
					if e := k.of(r.Account, loop.Account); e.Known() {
						s.Points = append(s.Points, across(e, row))
						negative = negative || e.Value < -0.005*r.Account.Granularity.Value
					}
				}
			}
			p.show(s)
		}
		for row, cell := range who {
			r, ok := rowOf(q, cell)
			if !ok || !r.Account.CPU.Known() {
				continue
			}
			g := r.Account.Granularity
			p.Marks = append(p.Marks, Mark{Name: "total, T·C/N", X: g.Value, Y: float64(row), Lo: g.Value, Hi: g.Value, N: g.N})
			if e := r.Account.Ready; e.Known() && e.Value > 0.01*g.Value {
				p.Marks = append(p.Marks, Mark{Name: "waiting for a core (overlaps the parts)", X: e.Value, Y: float64(row), Hi: e.Value, N: e.N})
			}
		}
		p.stacked()
		c.Panels = append(c.Panels, p)
	}
	c.across = len(c.Panels)
	c.Width = 760
	c.Height = 205 + 26*float64(len(who))
	n := c.counts()
	c.Caption = fmt.Sprintf("Medians of launches, %s. ", n.rounds())
	if of.Waits() {
		c.Caption += "These tasks mostly wait, so idle time is part of them. "
	}
	c.Caption += "The parts are medians of their own, so they may miss the total slightly. "
	if negative {
		c.Caption += "A negative part, hatched to the left of 0, means that the launch used less CPU time than the loop, which ran slower; the rest extends beyond the total by as much. "
	}
	c.Caption += machine(a)
}

// rowOf returns the row of a series in a question.
func rowOf(q analyze.Question, who analyze.Series) (analyze.Row, bool) {
	who.Grain = q.Task.Grain
	i := slices.IndexFunc(q.Rows, func(r analyze.Row) bool { return r.Cell == who })
	if i < 0 {
		return analyze.Row{}, false
	}
	return q.Rows[i], true
}

// stacked sets the limits of the x axis so that all parts and marks are visible.
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

// pick returns at most n of all, including the first and last.
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

package analyze

import (
	"cmp"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// An Advice names the strategy to use for one kind of task. It covers a range of neighbouring
// grains (task sizes) at which the same strategy is best.
type Advice struct {
	Place    Place          // the kind of task, cores and order; its grain is 0
	Waits    bool           // tasks mostly wait
	Batch    [2]int         // inputs of a task at the first and last grain; 0 if tasks are not batches
	From, To float64        // work of a task at the first and last grain, in ns; the nominal grain if direct was not measured
	Use      []harness.Cell // the winner, or all candidates for it, at the last grain; the fastest first
	Loop     Span           // speed-up of the first of Use over direct
	Next     harness.Cell   // fastest strategy whose Kind differs from that of Use; never direct or serial; zero if there is none
	Ahead    Span           // makespan of Next divided by that of the first of Use
	Rounds   int            // number of rounds, at the grain with the fewest rounds
	Sure     Certainty
	Why      Note          // reason why no winner can be named; "" if there is one, or if only intervals are too wide
	More     time.Duration // if Sure is Uncertain: estimated time of the rounds that may answer the question; 0 if unknown
}

// A Span holds the smallest and the largest of the estimates of a ratio at neighbouring grains. The
// ratio of the zero Span is unknown.
type Span struct{ Least, Most Estimate }

// Known reports whether the span covers at least one known estimate.
func (s Span) Known() bool { return s.Least.Known() }

// with returns the span, extended if necessary to include estimate e. If e is unknown, it returns s
// unchanged.
func (s Span) with(e Estimate) Span {
	switch {
	case !e.Known():
	case !s.Known():
		s = Span{e, e}
	case e.Value < s.Least.Value:
		s.Least = e
	case e.Value > s.Most.Value:
		s.Most = e
	}
	return s
}

// A Certainty says how sure the run is about the strategies that an [Advice] names.
type Certainty int

const (
	Uncertain Certainty = iota // several strategies may be best
	Likely                     // too few rounds for verdicts, or verdicts that further rounds may change
	Settled                    // a winner, or several strategies that are about equally fast
)

func (c Certainty) String() string { return [...]string{"open", "likely", "settled"}[c] }

// A Kind is a group of strategies: loops, goroutines or processes. Users choose a kind before they
// choose a strategy.
type Kind string

const (
	Loops      Kind = "a loop"
	Goroutines Kind = "goroutines"
	Workers    Kind = "processes"
)

// KindOf returns the kind of the cell's strategy: loops, goroutines or processes.
func KindOf(c harness.Cell) Kind {
	switch {
	case isDirect(c) || c.Strategy == "serial":
		return Loops
	case c.Strategy == harness.Processes:
		return Workers
	}
	return Goroutines
}

// Advice returns advice for the tasks of the run, on the largest number of cores on which they were
// measured. It gives no advice for streams, or for jobs whose number of tasks is set by the suite.
// The order of the advice is:
//
//  1. tasks of several sizes that only compute
//  2. tasks that wait
//  3. tasks that both goroutines and processes executed
//  4. tasks that crash
//  5. all other tasks
func (a *Analysis) Advice() (all []Advice) {
	for _, s := range a.advised() {
		first := len(all)
		for _, q := range s.Questions {
			if len(q.Rows) < 2 {
				continue
			}
			next := a.answer(s, q)
			if last := len(all) - 1; last >= first && all[last].joins(next) {
				all[last] = all[last].join(next)
				continue
			}
			all = append(all, next)
		}
	}
	return all
}

// advised returns the sections for which [Analysis.Advice] gives advice, in the order of the
// advice.
func (a *Analysis) advised() []Section {
	sections := only(a.Sections, func(s Section) bool {
		return s.Most && (s.Place.Order == "" || s.Place.Order == harness.MapOrder) && s.Place.Task.Tasks == 0
	})
	main, _ := Main(sections)
	use := func(s Section) int {
		switch {
		case s.Place == main.Place:
			return 0
		case s.Waits():
			return 1
		case s.measured(Goroutines) && s.measured(Workers):
			return 2
		case crashes(s.Place.Task.Shape):
			return 3
		}
		return 4
	}
	slices.SortStableFunc(sections, func(x, y Section) int {
		return cmp.Or(use(x)-use(y), len(y.Questions)-len(x.Questions))
	})
	return sections
}

// measured reports whether the section contains a strategy of the given kind.
func (s Section) measured(kind Kind) bool {
	return slices.ContainsFunc(s.Questions, func(q Question) bool {
		return slices.ContainsFunc(q.Rows, func(r Row) bool { return KindOf(r.Cell) == kind })
	})
}

// Survivor returns the advice for tasks that crash and thereby end their process. Only strategies
// with worker processes survive such tasks. The second result is false if the run has no such
// advice, for example because it did not measure such tasks.
func (a *Analysis) Survivor() (Advice, bool) {
	for _, d := range a.Advice() {
		if crashes(d.Place.Task.Shape) && KindOf(d.Use[0]) == Workers {
			return d, true
		}
	}
	return Advice{}, false
}

// answer returns the advice for the task of question q, which belongs to section s.
func (a *Analysis) answer(s Section, q Question) Advice {
	out := Advice{Place: s.Place, Waits: q.Waits, From: q.Work.Value, Use: q.Winner.Best, Sure: Uncertain, Why: q.Winner.Why}
	if !q.Work.Known() {
		out.From = float64(q.Task.Grain)
	}
	out.To, out.Batch = out.From, [2]int{q.Task.Batch, q.Task.Batch}
	best := out.Use[0]
	for _, r := range q.Rows {
		out.Rounds = max(out.Rounds, r.N())
		if r.Cell == best {
			out.Loop = out.Loop.with(r.Speedup)
		}
	}
	if next, ok := nextKind(q, best); ok {
		out.Next = next
		out.Ahead = out.Ahead.with(q.Versus(next, best).Ratio)
	}
	if a.Busy() && out.Why == "" {
		out.Why = "the machine was busy"
	}
	switch {
	case out.Why != "":
	case out.Rounds < harness.FewestRounds:
		out.Sure = Likely
		out.Use = out.Use[:1]
	case q.Winner.Kind != Undecided && a.answered[q.Rows[0].Cell.Question()]:
		out.Sure = Settled
	case q.Winner.Kind != Undecided:
		out.Sure = Likely
	default:
		out.More = a.time((q.Winner.More - out.Rounds) * len(q.Rows))
	}
	return out
}

// nextKind returns the fastest strategy whose [Kind] differs from that of the cell best. It
// considers goroutines and processes, but not loops. ok is false if there is no such strategy.
func nextKind(q Question, best harness.Cell) (next harness.Cell, ok bool) {
	least := 0.0
	for _, r := range q.Rows {
		ratio := q.Versus(r.Cell, best).Ratio
		if kind := KindOf(r.Cell); kind == Loops || kind == KindOf(best) || !ratio.Known() {
			continue
		}
		if !ok || ratio.Value < least {
			next, least, ok = r.Cell, ratio.Value, true
		}
	}
	return next, ok
}

// time returns how long the given number of launches probably take. It multiplies the number by the
// mean duration of a launch in the run. It returns 0 if this mean is unknown.
func (a *Analysis) time(launches int) time.Duration {
	if launches <= 0 || a.Launches == 0 {
		return 0
	}
	return a.Info.Spent.Wall / time.Duration(a.Launches) * time.Duration(launches)
}

// joins reports whether a and b name the same strategies with the same certainty, so that one
// advice can replace both. a can be the advice for several grains; b must be the advice for the
// next larger grain.
func (a Advice) joins(b Advice) bool {
	return a.Sure == b.Sure && a.Why == b.Why && (a.Next == harness.Cell{}) == (b.Next == harness.Cell{}) &&
		slices.EqualFunc(a.Use, b.Use, func(x, y harness.Cell) bool { return SeriesOf(x) == SeriesOf(y) })
}

// join returns one advice for the grains of both a and b.
func (a Advice) join(b Advice) Advice {
	b.Batch[0] = a.Batch[0]
	b.From, b.Rounds, b.More = a.From, min(a.Rounds, b.Rounds), a.More+b.More
	b.Loop = b.Loop.with(a.Loop.Least).with(a.Loop.Most)
	b.Ahead = b.Ahead.with(a.Ahead.Least).with(a.Ahead.Most)
	return b
}

package analyze

import (
	"slices"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// An Advice names the strategy to use for a kind of task: neighbouring grains with one answer
// together.
type Advice struct {
	Place    Place // without a grain
	Waits    bool
	From, To float64        // work of a task at the first and the last grain, in ns; nominal where direct was not measured
	Use      []harness.Cell // the winner, or all that may be best, fastest first; of the last grain
	Loop     Span           // speed-up over direct of the first of Use
	Next     harness.Cell   // the fastest of another kind than Use, neither direct nor serial; zero for none
	Ahead    Span           // makespan of Next over that of the first of Use
	Rounds   int            // fewest of the grains
	Sure     Certainty
	Why      Note          // where no winner can be named for another reason than width
	More     time.Duration // where open: what the rounds that may answer it take; 0 if that is not known
}

// A Span is a ratio over neighbouring grains, from the least to the most; zero if not known.
type Span struct{ Least, Most Estimate }

// Known reports whether there is a ratio.
func (s Span) Known() bool { return s.Least.Known() }

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

// A Certainty says how far an answer can be relied on.
type Certainty int

const (
	Uncertain Certainty = iota // several may be best
	Likely                     // too few rounds for verdicts, or verdicts that another look may take back
	Settled                    // a winner, or strategies between which the choice does not matter
)

func (c Certainty) String() string { return [...]string{"open", "likely", "settled"}[c] }

// A Kind of strategy: the choice that comes before that of one strategy.
type Kind string

const (
	Loops      Kind = "a loop"
	Goroutines Kind = "goroutines"
	Workers    Kind = "processes"
)

// KindOf returns the kind of the cell's strategy.
func KindOf(c harness.Cell) Kind {
	switch {
	case isDirect(c) || c.Strategy == "serial":
		return Loops
	case c.Strategy == harness.Processes:
		return Workers
	}
	return Goroutines
}

// Advice returns the advice of a run on its most cores: sections with more grains first. Streams
// and jobs of a chosen number of tasks have none, since their questions are others.
func (a *Analysis) Advice() (all []Advice) {
	sections := only(a.Sections, func(s Section) bool {
		return s.Most && (s.Place.Order == "" || s.Place.Order == harness.MapOrder) && s.Place.Task.Tasks == 0
	})
	slices.SortStableFunc(sections, func(x, y Section) int { return len(y.Questions) - len(x.Questions) })
	for _, s := range sections {
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

// answer returns the answer of one question.
func (a *Analysis) answer(s Section, q Question) Advice {
	out := Advice{Place: s.Place, Waits: q.Waits, From: q.Work.Value, Use: q.Winner.Best, Sure: Uncertain, Why: q.Winner.Why}
	if !q.Work.Known() {
		out.From = float64(q.Task.Grain)
	}
	out.To = out.From
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

// nextKind returns the fastest strategy of another kind than best, by the makespans against it.
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

// time returns how long so many launches take, by those of the run; 0 if that is not known.
func (a *Analysis) time(launches int) time.Duration {
	if launches <= 0 || a.Launches == 0 {
		return 0
	}
	return a.Info.Spent.Wall / time.Duration(a.Launches) * time.Duration(launches)
}

// joins reports whether b, of the next grain, says the same as a.
func (a Advice) joins(b Advice) bool {
	series := func(c harness.Cell) harness.Cell {
		c.Grain = 0
		return c
	}
	return a.Sure == b.Sure && a.Why == b.Why && (a.Next == harness.Cell{}) == (b.Next == harness.Cell{}) &&
		slices.EqualFunc(a.Use, b.Use, func(x, y harness.Cell) bool { return series(x) == series(y) })
}

func (a Advice) join(b Advice) Advice {
	b.From, b.Rounds, b.More = a.From, min(a.Rounds, b.Rounds), a.More+b.More
	b.Loop = b.Loop.with(a.Loop.Least).with(a.Loop.Most)
	b.Ahead = b.Ahead.with(a.Ahead.Least).with(a.Ahead.Most)
	return b
}

package analyze

import (
	"cmp"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// A Question asks which strategy is best for one task, on some cores, with one order of delivery.
// The direct loop is one of the candidates.
type Question struct {
	Place
	Waits  bool     // tasks mostly wait, so there is no efficiency
	Swept  bool     // further cells of this place, such as other chunks, were measured but left out: a Chunking or a Scale has them
	Work   Estimate // w, ns per task of the direct loop: median over launches; unknown without direct
	Rows   []Row    // direct first
	Winner Winner
	Notes  []Note

	verdicts versus
}

// Versus returns the comparison of cell a with cell b of the question. All comparisons of a
// question are judged together, which limits the probability that any of their verdicts is wrong.
func (q Question) Versus(a, b harness.Cell) Comparison { return q.verdicts.of(a, b) }

// A Row holds the results of one strategy in a question.
type Row struct {
	Cell       harness.Cell
	Makespan   Estimate // T/N in ns per task: median over launches, as in benchstat
	Speedup    Estimate // N·w/T, paired with direct; its interval has the level of the verdict against direct
	Efficiency Estimate // N·w/(C·T); unknown if tasks wait, or if direct itself uses several cores
	VsDirect   Comparison
	Account    Account
	Notes      []Note
}

// N returns the number of rounds of the row's speed-up. If the row has no speed-up, N returns the
// number of launches of its makespan.
func (r Row) N() int { return cmp.Or(r.Speedup.N, r.Makespan.N) }

// impossible reports whether the row's efficiency is too high to be true: its whole interval lies
// above 1 by more than the margin.
func (r Row) impossible(set Settings) bool {
	return r.Efficiency.Bounded() && r.Efficiency.Lo > 1+set.Margin
}

// A Winner holds the best strategy for a question. If no strategy is shown to be the best, it holds
// all candidates. A strategy wins if it is better than every other strategy, including the direct
// loop, by more than the margin (comparisons with the best: Hsu, Ann. Stat. 12, 1984).
//
// All verdicts of a question are judged together, so a wrong winner is rare. Two runs that both
// name a winner therefore rarely disagree.
type Winner struct {
	Kind   WinnerKind
	Best   []harness.Cell // the winner, or all candidates; the fastest first
	Within float64        // for Close: largest difference between a strategy in Best and the fastest one, as a fraction
	Rounds int            // smallest number of rounds among the comparisons with the fastest strategy
	More   int            // for Undecided: total rounds that may decide the question; 0 if unknown
	Why    Note           // for Undecided: the reason; "" if only intervals are too wide
}

// A WinnerKind says how the strategies in Winner.Best compare with each other.
type WinnerKind int

const (
	Undecided WinnerKind = iota // the comparison of the fastest with at least one other strategy is unresolved
	Close                       // all strategies in Best are within the precision of the run, all others are worse
	Tied                        // all strategies in Best are equivalent to the fastest, all others are worse
	Won                         // one strategy is better than all others
	Unopposed                   // only one strategy was measured
)

// questions returns one question for each grain of the grid, at the given place.
func (g grid) questions(at Place) []Question {
	var out []Question
	for _, size := range g.sizes {
		at.Task = at.Task.Sized(size)
		var cells []harness.Cell
		for _, who := range g.series {
			if c, ok := g.cell(who, size); ok {
				cells = append(cells, c)
			}
		}
		out = append(out, g.question(at, cells))
	}
	return out
}

func (g grid) question(at Place, cells []harness.Cell) Question {
	q := Question{Place: at, Waits: g.set.Waits(at.Task.Workload), Work: g.median(direct(cells[0])), verdicts: newVersus(g.table, cells)}
	for c := range g.left {
		q.Swept = q.Swept || PlaceOf(c) == at
	}
	if !q.Work.Known() {
		q.Notes = append(q.Notes, "no launch of the direct loop can be used, so there is no speed-up, no efficiency and no verdict against the direct loop")
	} else if len(cells) == 1 {
		q.Notes = append(q.Notes, "only the direct loop was measured: there is nothing to compare it with")
	}
	q.Rows = mapped(cells, func(c harness.Cell) Row { return g.row(q, c) })
	q.Winner = g.winner(cells, q.verdicts)
	if slices.ContainsFunc(q.Rows, func(r Row) bool { return r.impossible(g.set) }) {
		q.Winner = Winner{Kind: Undecided, Best: cells, Rounds: q.Winner.Rounds, Why: "an efficiency is impossibly high"}
	}
	if loop := direct(cells[0]); g.parallel(loop) && !q.Waits {
		q.Notes = append(q.Notes, notef("the direct loop itself keeps %s cores busy, because of garbage collection or the operating system, so efficiency is unknown", format.Number(g.busyCores[loop], 3)))
	}
	return q
}

// row returns the results of cell c in question q, including its comparison with the direct loop.
func (g grid) row(q Question, c harness.Cell) Row {
	r := Row{Cell: c, Makespan: g.median(c), Account: g.spent[c]}
	if c == direct(c) {
		r.Speedup = exactly(r.Makespan.N)
	} else if q.Work.Known() {
		r.VsDirect = q.Versus(c, direct(c))
		if r.VsDirect.Ratio.Known() {
			r.Speedup = r.VsDirect.swapped().Ratio
		}
		r.Notes = withoutMarked(r.VsDirect)
		if r.VsDirect.Held != "" {
			r.Notes = append(r.Notes, r.VsDirect.Held)
		}
		switch n := r.Speedup.N; {
		case n == 0:
			r.Notes = append(r.Notes, "no round measured both this strategy and the direct loop, so there is no speed-up")
		case n != r.Makespan.N:
			r.Notes = append(r.Notes, notef("n counts only rounds that also measured the direct loop; the makespan is the median of %s", format.Count(r.Makespan.N, "launch")))
		}
	}
	if !q.Waits && !g.parallel(direct(c)) && r.Speedup.Known() {
		r.Efficiency = r.Speedup.Times(1 / float64(c.Cores))
		if r.impossible(g.set) {
			r.Notes = append(r.Notes, "this efficiency is impossible: its whole interval is above 100 % by more than the margin. Other work slowed down direct, or the strategy used other cores. No winner is named")
		}
	}
	return r
}

// serialMost is the largest mean number of busy cores at which the direct loop counts as serial.
const serialMost = 1.1

// parallel reports whether the direct loop itself keeps more than serialMost cores busy on average.
// Its time is then not the serial time.
func (t *table) parallel(loop harness.Cell) bool { return t.busyCores[loop] > serialMost }

// withoutMarked returns a note if comparison c has a different result without contaminated
// launches.
func withoutMarked(c Comparison) []Note {
	w := c.Without
	switch {
	case w == nil:
		return nil
	case !w.Ratio.Known():
		return []Note{"every round has a contaminated launch"}
	}
	return []Note{notef("without the %s that have a contaminated launch, the speed-up is %s and the verdict against the direct loop is %s", format.Count(c.Ratio.N-w.Ratio.N, "round"), w.swapped().Ratio, w.Words())}
}

// winner returns the best of the cells according to the comparisons in verdicts.
func (g grid) winner(cells []harness.Cell, verdicts versus) Winner {
	if len(cells) == 1 {
		return Winner{Kind: Unopposed, Best: cells}
	}
	best := g.fastest(cells)
	w := Winner{Kind: Won, Best: []harness.Cell{best}, Rounds: math.MaxInt}
	known := true // whether the rounds that each open comparison needs are known
	for _, other := range cells {
		if other == best {
			continue
		}
		c := verdicts.of(best, other)
		w.Rounds = min(w.Rounds, c.Ratio.N)
		switch {
		case c.Verdict == Better:
			continue
		case c.Leans == Better:
			w.Kind, w.More = Undecided, max(w.More, c.Rounds)
			continue
		case c.Verdict == Equivalent:
			w.Kind = min(w.Kind, Tied)
		case c.Within <= g.set.precision && c.Ratio.N >= harness.FewestRounds:
			w.Kind = min(w.Kind, Close)
			w.Within = max(w.Within, c.Within)
		default:
			w.Kind = Undecided
			w.Why = cmp.Or(w.Why, c.Held)
			w.More = max(w.More, c.Rounds)
			known = known && c.Rounds > 0
		}
		w.Best = append(w.Best, other)
	}
	if !known {
		w.More = 0
	}
	return w
}

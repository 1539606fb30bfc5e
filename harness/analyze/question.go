package analyze

import (
	"cmp"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// A Question is which strategy is best for one task, on some cores, with one order of
// delivery. The direct loop is one of the answers.
type Question struct {
	Place
	Waits  bool     // tasks mostly wait: no efficiency
	Swept  bool     // chunks were swept: of these the question has 1 and auto alone, all are in the Chunkings
	Work   Estimate // w: ns per task of the direct loop, median over launches; not known without direct
	Rows   []Row    // direct first
	Winner Winner
	Notes  []Note

	verdicts versus
}

// Versus compares two cells of the question, a with b. The verdict is one of a family: of the
// strategies against direct, or of the strategies against each other.
func (q Question) Versus(a, b harness.Cell) Comparison { return q.verdicts.of(a, b) }

// A Row is one strategy's part in a question.
type Row struct {
	Cell       harness.Cell
	Makespan   Estimate // T/N in ns per task: median over launches, as benchstat's
	Speedup    Estimate // A = N·w/T paired with direct
	Efficiency Estimate // E = N·w/(C·T); not known where tasks wait
	VsDirect   Comparison
	Account    Account
	Notes      []Note
}

// N returns how many rounds the speed-up is of, and where there is none, how many launches
// the makespan is of.
func (r Row) N() int { return cmp.Or(r.Speedup.N, r.Makespan.N) }

// impossible reports whether the cores would have had to do more work than there was time for.
func (r Row) impossible(set Settings) bool {
	return r.Efficiency.Bounded() && r.Efficiency.Lo > 1+set.Margin
}

// A Winner is the best strategy of a question, or the candidates for it. One strategy
// wins if it is better than every other by more than the margin, direct among them
// (comparisons with the best: Hsu, Ann. Stat. 12, 1984). It can be the wrong one only if a
// verdict is wrong and on the wrong side, whose chance is held down in the families of the
// verdicts; hence runs that both name a winner agree.
type Winner struct {
	Kind WinnerKind
	Best []harness.Cell // the winner, the tied, or those that may be best; fastest first
	More int            // where undecided: rounds that may decide it in all, 0 if that is not known
	Why  Note           // where undecided for another reason than the verdicts: that reason; Best are then all
}

// A WinnerKind says how the strategies in Best of a Winner compare.
type WinnerKind int

const (
	Undecided WinnerKind = iota // none of Best was shown to be worse than another, nor all to be alike
	Tied                        // Best are all equivalent to the fastest, all others are worse
	Won                         // one is better than all others
	Unopposed                   // only this one was measured
)

// questions asks about each grain.
func (g grid) questions(at Place) []Question {
	var out []Question
	for _, at.Task.Grain = range g.grains {
		var cells []harness.Cell
		for _, who := range g.series {
			if c, ok := g.cell(who, at.Task.Grain); ok {
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
		q.Notes = append(q.Notes, "direct was not measured here: no speed-up, efficiency or verdict against it")
	} else if len(cells) == 1 {
		q.Notes = append(q.Notes, "only direct was measured here: there is nothing to compare it with")
	}
	for _, c := range cells {
		q.Rows = append(q.Rows, g.row(q, c))
	}
	q.Winner = g.winner(cells, q.verdicts)
	if slices.ContainsFunc(q.Rows, func(r Row) bool { return r.impossible(g.set) }) {
		q.Winner = Winner{Kind: Undecided, Best: cells, Why: "an efficiency is impossibly high"}
	}
	return q
}

// row compares a cell of a question with direct.
func (g grid) row(q Question, c harness.Cell) Row {
	r := Row{Cell: c, Makespan: g.median(c), Account: g.spent[c]}
	if c == direct(c) {
		r.Speedup = exactly(r.Makespan.N)
	} else {
		r.Speedup = g.speedup(c)
	}
	if c != direct(c) && q.Work.Known() {
		r.VsDirect = q.Versus(c, direct(c))
		r.Notes = withoutMarked(r.VsDirect)
		switch n := r.Speedup.N; {
		case n == 0:
			r.Notes = append(r.Notes, "never launched in one round with direct: no speed-up")
		case n != r.Makespan.N:
			r.Notes = append(r.Notes, notef("n counts the rounds that hold direct too; the makespan is of %s", format.Count(r.Makespan.N, "launch")))
		}
	}
	if !q.Waits && r.Speedup.Known() {
		r.Efficiency = r.Speedup.Times(1 / float64(c.Cores))
		if r.impossible(g.set) {
			r.Notes = append(r.Notes, "the whole interval of this efficiency lies above 100 % by more than the margin, which cannot be: the machine was disturbed while this or direct was measured, or more than these cores worked; no winner is named")
		}
	}
	return r
}

// withoutMarked notes where contaminated launches make a difference.
func withoutMarked(c Comparison) []Note {
	w := c.Without
	switch {
	case w == nil:
		return nil
	case !w.Ratio.Known():
		return []Note{"every round holds a launch that is marked as suspect"}
	}
	return []Note{notef("without the %s marked as suspect the speed-up is %s, and the verdict against direct %s", format.Count(c.Ratio.N-w.Ratio.N, "round"), w.swapped().Ratio, w.Verdict)}
}

// winner reads the best of the cells off their verdicts.
func (g grid) winner(cells []harness.Cell, verdicts versus) Winner {
	if len(cells) == 1 {
		return Winner{Kind: Unopposed, Best: cells}
	}
	best := g.fastest(cells)
	w := Winner{Kind: Won, Best: []harness.Cell{best}}
	known := true // how many rounds each open comparison takes
	for _, other := range cells {
		c := verdicts.of(best, other)
		if other == best || c.Verdict == Better {
			continue
		}
		if c.Verdict == Equivalent {
			w.Kind = min(w.Kind, Tied)
		} else {
			w.Kind = Undecided
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

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

// Versus compares two cells of the question, a with b. The verdicts of a question are one family.
func (q Question) Versus(a, b harness.Cell) Comparison { return q.verdicts.of(a, b) }

// A Row is one strategy's part in a question.
type Row struct {
	Cell       harness.Cell
	Makespan   Estimate // T/N in ns per task: median over launches, as benchstat's
	Speedup    Estimate // A = N·w/T paired with direct; its interval is that of the verdict against direct
	Efficiency Estimate // E = N·w/(C·T); not known where tasks wait, or where direct itself uses several cores
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
	Kind   WinnerKind
	Best   []harness.Cell // the winner, the tied, or those that may be best; fastest first
	Within float64        // where close: none of Best differs from the fastest by more than this share
	More   int            // where undecided: rounds that may decide it in all, 0 if that is not known
	Why    Note           // where undecided for another reason than width: that reason
}

// A WinnerKind says how the strategies in Best of a Winner compare.
type WinnerKind int

const (
	Undecided WinnerKind = iota // none of Best was shown to be worse than another, nor all to be alike
	Close                       // Best are all within the precision of the run of the fastest, all others are worse
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
		q.Notes = append(q.Notes, "no launch of direct can be used here: no speed-up, efficiency or verdict against it")
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
	if used, several := g.several(direct(cells[0])); several && !q.Waits {
		q.Notes = append(q.Notes, notef("the loop itself keeps %s cores busy, by its collector or the kernel: no efficiency", format.Number(used, 3)))
	}
	return q
}

// row compares a cell of a question with direct.
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
			r.Notes = append(r.Notes, "never launched in one round with direct: no speed-up")
		case n != r.Makespan.N:
			r.Notes = append(r.Notes, notef("n counts the rounds that hold direct too; the makespan is of %s", format.Count(r.Makespan.N, "launch")))
		}
	}
	if _, several := g.several(direct(c)); !q.Waits && !several && r.Speedup.Known() {
		r.Efficiency = r.Speedup.Times(1 / float64(c.Cores))
		if r.impossible(g.set) {
			r.Notes = append(r.Notes, "the whole interval of this efficiency lies above 100 % by more than the margin, which cannot be: other work slowed down direct, or more than these cores worked; no winner is named")
		}
	}
	return r
}

// parallel is how many cores the direct loop keeps busy from which on it is not serial.
const parallel = 1.1

// several returns how many cores the loop keeps busy, on average, and whether that is several.
func (t *table) several(loop harness.Cell) (used float64, several bool) {
	used = t.busyCores[loop]
	return used, used > parallel
}

// withoutMarked notes where contaminated launches make a difference.
func withoutMarked(c Comparison) []Note {
	w := c.Without
	switch {
	case w == nil:
		return nil
	case !w.Ratio.Known():
		return []Note{"every round holds a contaminated launch"}
	}
	return []Note{notef("without the %s with a contaminated launch the speed-up is %s, and the verdict against direct %s", format.Count(c.Ratio.N-w.Ratio.N, "round"), w.swapped().Ratio, w.Verdict)}
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
		switch {
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

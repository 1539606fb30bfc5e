package analyze

import (
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Question is which strategy is best for one task, on some cores, with one order of
// delivery. The direct loop is one of the answers.
type Question struct {
	Task   harness.Task
	Cores  int
	Order  string
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

// A Winner is the best strategy of a question, or what stands in its place. One strategy
// wins if it is better than every other by more than the margin, direct among them
// (comparisons with the best: Hsu, Ann. Stat. 12, 1984). It can be the wrong one only if a
// verdict is wrong and on the wrong side, whose chance is held down in the families of the
// verdicts; hence runs that both name a winner agree.
type Winner struct {
	Kind WinnerKind
	Best []harness.Cell // the winner, the tied, or those that may be best; fastest first
	More int            // where undecided: rounds that may decide it in all, 0 if that cannot be told
	Why  Note           // where undecided for another reason than the verdicts: that reason; Best are then all
}

// A WinnerKind says what Best of a Winner holds.
type WinnerKind int

const (
	Undecided WinnerKind = iota // none of Best was shown to be worse than another, nor all to be alike
	Tied                        // Best are all equivalent to the fastest, all others are worse
	Won                         // one is better than all others
	Unopposed                   // nothing was measured but this one
)

func (k WinnerKind) String() string {
	return [...]string{"undecided", "tie", "winner", "unopposed"}[k]
}

func (s sweep) questions(t *table, set Settings) []Question {
	var out []Question
	for _, grain := range s.grains {
		var cells []harness.Cell
		for _, who := range s.series {
			if c, ok := s.cell(who, grain); ok {
				cells = append(cells, c)
			}
		}
		out = append(out, newQuestion(t, s, cells, set))
	}
	return out
}

func newQuestion(t *table, s sweep, cells []harness.Cell, set Settings) Question {
	q := Question{
		Task: cells[0].Task, Cores: s.Cores, Order: s.Order, Waits: set.Waits(s.Workload),
		Work:     summary(t.values(direct(cells[0])), set.Confidence),
		verdicts: newVersus(t, cells, set),
	}
	for c := range s.left {
		q.Swept = q.Swept || c.Task == q.Task && PlaceOf(c) == s.Place
	}
	if !q.Work.Known() {
		q.Notes = append(q.Notes, "direct was not measured here: no speed-up, efficiency or verdict against it")
	} else if len(cells) == 1 {
		q.Notes = append(q.Notes, "only direct was measured here: there is nothing to compare it with")
	}
	for _, c := range cells {
		r := Row{Cell: c, Makespan: summary(t.values(c), set.Confidence)}
		pairs := t.pairs(c, direct(c))
		if c != direct(c) {
			r.Speedup = fromLogs(negate(logs(pairs)), set.Confidence)
			if n := len(pairs); n > 0 && n != r.Makespan.N {
				r.Notes = append(r.Notes, Note(fmt.Sprintf("n counts the rounds that hold direct too; the makespan is of %s", Count(r.Makespan.N, "launch"))))
			}
			if q.Work.Known() && len(pairs) == 0 {
				r.Notes = append(r.Notes, "never launched in one round with direct: no speed-up")
			}
			if q.Work.Known() {
				r.VsDirect = q.verdicts.of(c, direct(c))
				r.Notes = append(withoutMarked(r.VsDirect), r.Notes...)
			}
		} else {
			r.Speedup = Estimate{1, 1, 1, r.Makespan.N}
		}
		if !q.Waits && r.Speedup.Known() {
			r.Efficiency = r.Speedup.Times(1 / float64(c.Cores))
			if impossible(r.Efficiency, set) {
				r.Notes = append(r.Notes, "the whole interval of this efficiency lies above 100 % by more than the margin, which cannot be: the machine was disturbed while this or direct was measured, or more than these cores worked; no winner is named")
			}
		}
		q.Rows = append(q.Rows, r)
	}
	q.Winner = newWinner(t, cells, q.verdicts)
	if slices.ContainsFunc(q.Rows, func(r Row) bool { return impossible(r.Efficiency, set) }) {
		q.Winner = Winner{Kind: Undecided, Best: cells, Why: "an efficiency is impossibly high"}
	}
	return q
}

// impossible reports whether cores would have had to do more work than there was time for.
func impossible(efficiency Estimate, set Settings) bool {
	return efficiency.Bounded() && efficiency.Lo > 1+set.Margin
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
	speedup := w.swapped().Ratio
	return []Note{Note(fmt.Sprintf("without the %s marked as suspect the speed-up is %s, and the verdict against direct %s", Count(c.Ratio.N-w.Ratio.N, "round"), speedup, w.Verdict))}
}

func newWinner(t *table, cells []harness.Cell, verdicts versus) Winner {
	if len(cells) == 1 {
		return Winner{Kind: Unopposed, Best: cells}
	}
	best := fastest(t, cells)
	w := Winner{Kind: Won, Best: []harness.Cell{best}}
	told := true // of each open comparison, how many rounds it takes
	for _, other := range cells {
		if other == best {
			continue
		}
		c := verdicts.of(best, other)
		switch c.Verdict {
		case Better:
			continue
		case Equivalent:
			w.Kind = min(w.Kind, Tied)
		default:
			w.Kind = Undecided
			w.More = max(w.More, c.Rounds)
			told = told && c.Rounds > 0
		}
		w.Best = append(w.Best, other)
	}
	if !told {
		w.More = 0
	}
	return w
}

// fastest returns the cell with the smallest centre of T/w, and where direct is missing
// the smallest median makespan.
func fastest(t *table, cells []harness.Cell) harness.Cell {
	score := func(c harness.Cell) float64 {
		if c == direct(c) {
			return 1
		}
		if e := fromLogs(logs(t.pairs(c, direct(c))), 0.95); e.Known() {
			return e.Value
		}
		return summary(t.values(c), 0.95).Value / max(summary(t.values(direct(c)), 0.95).Value, 1e-300)
	}
	return slices.MinFunc(cells, func(a, b harness.Cell) int {
		if x, y := score(a), score(b); x != y {
			if x < y {
				return -1
			}
			return 1
		}
		return CompareSeries(a, b)
	})
}

package ab

import (
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/compare"
)

// Settings hold the parameters of [Judge].
type Settings struct {
	Margin float64  // ratios within 1 ± Margin are equivalent; 0 means 0.02
	Gates  []string // units that affect the outcome, in addition to the time of an operation
	Shown  []string // further units that have rows in the table; nil for all units
}

// Error levels of verdicts: probabilities of a wrong one. They hold even though a run judges its
// results after many rounds and stops when the verdicts are clear.
const (
	claimLevel   = 0.005 // level of better and worse for all benchmarks together, and of equivalent for each one
	supportLevel = 0.05  // level of the further comparisons that must agree with a better or worse
	precise      = 0.01  // half-width of the 95 % interval of a ratio at which further rounds are not worth their time
)

// defaultMargin is the margin that package analyze uses if Settings.Margin is 0.
const defaultMargin = 0.02

// A Judgement is the result of [Judge]: the table of rows, and the benchmarks that need more rounds.
type Judgement struct {
	Table   *compare.Table
	Decided map[string]bool // whether a benchmark is decided, keyed by its name
	// Rounds has the estimated total number of rounds that decides a benchmark, keyed by its name.
	// The number is 0 if it is larger than [mostRounds]. Decided benchmarks are absent.
	Rounds map[string]int
}

// Judge compares head with base in the turns of the benchmarks; turns is keyed by the benchmark's
// name. The units that affect the outcome are the time of an operation and set.Gates. All
// comparisons in these units form one family, whose levels Judge adjusts together.
//
// Head is better or worse than base only if several comparisons agree:
//
//  1. The ratio head/base, paired by round, is beyond the margin at the level 0.005, adjusted for
//     the family by Holm's procedure.
//  2. The ratio of head to the second launches of base is on the same side of 1.
//  3. Rounds with a starved launch are left out, if six other rounds remain. If fewer remain, all
//     rounds count, and a further comparison must agree: the CPU time shows the same difference, or
//     the interval of the ratio does not overlap that of base compared with itself.
//  4. The verdict also holds without the rounds that have a contaminated launch, if six other
//     rounds remain.
//  5. If a benchmark computes and does not wait, its CPU time does not contradict its time.
//
// If a comparison disagrees, the row has no verdict, and a doubt of the row names this comparison.
//
// Each benchmark can be equivalent at the level 0.005, which is not adjusted for the family,
// because this verdict fails no gate.
//
// A benchmark is decided, and needs no more rounds, if all of its rows in the units that affect the
// outcome have a verdict. It is also decided if its ratio is known to ±1 % and near the margin,
// because a verdict would then need many more rounds.
func Judge(benches []Bench, turns map[string][]Turn, set Settings) Judgement {
	j := Judgement{
		Table:   &compare.Table{Old: compare.Side{Name: harness.Base.String()}, New: compare.Side{Name: harness.Head.String()}, Margin: set.Margin, Confidence: 1 - claimLevel},
		Decided: map[string]bool{}, Rounds: map[string]int{},
	}
	var gates, others []series
	for _, b := range benches {
		for _, unit := range unitsOf(turns[b.Name], set) {
			s, missing := seriesOf(b.Name, unit, turns[b.Name])
			s.Gate = unit == harness.UnitOp || slices.Contains(set.Gates, unit)
			if missing != nil {
				j.Table.Missing = append(j.Table.Missing, *missing)
			}
			switch {
			case len(s.turns) == 0:
			case s.Gate:
				gates = append(gates, s)
			default:
				others = append(others, s)
			}
		}
	}
	claims := analyze.Settings{Confidence: 1 - claimLevel, Margin: set.Margin}
	rows := compare.Paired(mapped(gates, valuesOf(harness.Base, harness.Head)), claims, true)
	for i, s := range gates {
		s.check(&rows[i], claims)
	}
	j.Table.Rows = append(rows, compare.Paired(mapped(others, valuesOf(harness.Base, harness.Head)), claims, true)...)
	j.Table.Floor = compare.Paired(mapped(gates, valuesOf(harness.Base, harness.BaseAgain)), claims, true)
	j.stand(benches, gates, rows, turns, set)
	return j
}

// check withdraws the verdict of the row r if another comparison of the series disagrees with it;
// see [Judge]. If r has neither a verdict nor a doubt, check judges this series alone, with the
// settings claims. If the sides are then equivalent, r gets this verdict.
func (s series) check(r *compare.Row, claims analyze.Settings) {
	if r.Verdict == analyze.Unresolved && len(r.Doubts) == 0 {
		if alone := s.alone(harness.Base, harness.Head, claims); alone.Verdict == analyze.Equivalent {
			r.Comparison = alone.Comparison
		}
		return
	}
	if r.Verdict != analyze.Better && r.Verdict != analyze.Worse {
		return
	}
	if again := s.alone(harness.BaseAgain, harness.Head, support); again.Verdict != r.Verdict {
		withdraw(r, "head is %s compared with the first launches of base, but not with the second ones: the ratio to the second launches is %s", r.Verdict, compare.Ratio(again.Ratio))
		return
	}
	if !harness.IsTime(s.Unit) {
		return
	}
	cpu := s.cpu()
	switch fed := len(s.fed(harness.Base, harness.Head)); {
	case fed < len(s.turns) && analyze.Few(fed) && (cpu.Verdict != r.Verdict || cpu.contradicts(r)) && !s.beyondFloor(r):
		withdraw(r, "other processes starved launches of %d of %d rounds, and neither the CPU time nor the noise floor (base compared with itself) confirms that head is %s", len(s.turns)-fed, len(s.turns), r.Verdict)
	case cpu.computes && cpu.contradicts(r):
		withdraw(r, "the CPU times of the launches do not confirm that head is %s: their ratio is %s", r.Verdict, compare.Ratio(cpu.Ratio))
	}
}

// withdraw removes the verdict of the row, and adds the formatted text as a doubt.
func withdraw(r *compare.Row, format string, args ...any) {
	r.Doubts = append(r.Doubts, fmt.Sprintf(format, args...))
	r.Verdict, r.Rounds = analyze.Unresolved, 0
}

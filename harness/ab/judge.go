package ab

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/compare"
)

// Settings hold the parameters of [Judge].
type Settings struct {
	Margin float64  // ratios within 1 ± Margin are equivalent; 0 means 0.02
	Gates  []string // units that decide, in addition to the time of an operation
	Shown  []string // units that have rows in addition to those that decide; nil for all units
}

// Error levels of verdicts. They hold although the run judges its results after many rounds and
// stops when the verdicts are clear.
const (
	claimLevel   = 0.005 // of better and worse, for all benchmarks together; of equivalent, for each alone
	supportLevel = 0.05  // of the further comparisons that a better or worse must agree with
	precise      = 0.01  // half-width of the 95 % interval at which more rounds would change little
)

// defaultMargin is the margin that package analyze uses if Settings.Margin is 0.
const defaultMargin = 0.02

// A Judgement is the result of [Judge]: the table, and which benchmarks need more rounds.
type Judgement struct {
	Table   *compare.Table
	Decided map[string]bool // whether a benchmark is decided, keyed by its name
	// Rounds is the estimated total number of rounds that decides the benchmark, by name. It is 0
	// if that is more than [mostRounds]. Decided benchmarks are absent.
	Rounds map[string]int
}

// Judge compares head with base in the turns of the benchmarks. All comparisons in the units that
// decide (the time of an operation, and set.Gates) form one family: their levels are adjusted
// together.
//
// Head is better or worse than base only if several comparisons agree:
//
//  1. The ratio head/base, paired by round, is beyond the margin at the level 0.005, adjusted for
//     the family by Holm's procedure.
//  2. The ratio of head to the second launches of base is on the same side of 1.
//  3. Rounds with a starved launch do not count, if six rounds remain. Otherwise all rounds count,
//     but then the CPU time must show the same difference, or the interval of the ratio must not
//     overlap that of the ratio of base to itself. The verdict must also hold without the rounds
//     that other work disturbed in other ways.
//  4. If a benchmark computes and does not wait, its CPU time must not contradict its time.
//
// If a comparison disagrees, the row has no verdict, and a doubt of the row names this comparison.
//
// The verdict equivalent is judged for each benchmark alone, because no gate fails by it. A
// benchmark is decided, and needs no more rounds, if all of its rows in the units that decide have
// a verdict. It is also decided if the ratio is known to ±1 % and so near to the margin that a
// verdict would need many more rounds.
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

// unitsOf returns the units of the turns that get rows in the table. The units that decide come
// first.
func unitsOf(turns []Turn, set Settings) (units []string) {
	gates := append([]string{harness.UnitOp}, set.Gates...)
	add := func(unit string, shown bool) {
		if shown && !slices.Contains(units, unit) {
			units = append(units, unit)
		}
	}
	has := map[string]bool{}
	for _, t := range turns {
		for _, s := range t.Samples {
			for unit := range s.Values {
				has[unit] = true
			}
		}
	}
	for _, unit := range gates {
		add(unit, has[unit])
	}
	for _, unit := range slices.Sorted(maps.Keys(has)) {
		add(unit, set.Shown == nil || slices.Contains(set.Shown, unit))
	}
	return units
}

// A series holds the turns of a benchmark in which all three sides have a value in the series'
// unit.
type series struct {
	compare.Series
	turns []Turn
}

// seriesOf returns the series of a benchmark in a unit: the turns that have a value of each side.
// If base or head never has a value in the unit, missing says so; otherwise missing is nil.
func seriesOf(name, unit string, turns []Turn) (s series, missing *compare.Missing) {
	s.Name, s.Unit, s.Better = name, unit, harness.BetterOf(unit)
	var held [harness.Sides]int
	for _, t := range turns {
		complete := true
		for side, sample := range t.Samples {
			if _, ok := sample.Values[unit]; ok {
				held[side]++
			} else {
				complete = false
			}
		}
		if complete {
			s.turns = append(s.turns, t)
		}
	}
	for _, side := range []harness.Side{harness.Base, harness.Head} {
		if held[side] == 0 {
			missing = &compare.Missing{Name: name, Unit: unit, Side: side.String()}
		}
	}
	return s, missing
}

// valuesOf returns a function that returns the values of a series in its own unit, for the two
// given sides.
func valuesOf(older, newer harness.Side) func(series) compare.Series {
	return func(s series) compare.Series {
		return s.values(older, newer, func(x harness.SideSample) float64 { return x.Values[s.Unit] })
	}
}

// values returns a [compare.Series] of two sides. The function value takes the number to compare
// from each launch. The result leaves out rounds with a starved launch if enough rounds remain.
func (s series) values(older, newer harness.Side, value func(harness.SideSample) float64) compare.Series {
	out := s.Series
	turns := s.turns
	if fed := s.fed(older, newer); !analyze.Few(len(fed)) {
		turns = fed
	}
	var marked []bool
	clean := 0
	for _, t := range turns {
		out.Old, out.New = append(out.Old, value(t.Samples[older])), append(out.New, value(t.Samples[newer]))
		disturbed := t.contaminated(older, newer)
		marked = append(marked, disturbed)
		if !disturbed {
			clean++
		}
	}
	if !analyze.Few(clean) { // else see series.check
		out.OldMarked, out.NewMarked = marked, marked
	}
	return out
}

// fed returns the turns in which no launch of the two given sides was starved by other processes.
func (s series) fed(older, newer harness.Side) []Turn {
	return slices.DeleteFunc(slices.Clone(s.turns), func(t Turn) bool {
		return t.Samples[older].Starved() || t.Samples[newer].Starved()
	})
}

// check withdraws the verdict of the row r if another comparison of the series disagrees with it;
// see [Judge]. If r has no verdict, but the comparison of this series alone shows that the sides
// are equivalent, r gets the verdict equivalent. The argument claims has the settings for that
// comparison.
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
		withdraw(r, "head is %s than the first launches of base in the rounds, but not than the second launches: the ratio of head to these is %s", r.Verdict, compare.Ratio(again.Ratio))
		return
	}
	if !harness.IsTime(s.Unit) {
		return
	}
	cpu := s.cpu()
	switch fed := len(s.fed(harness.Base, harness.Head)); {
	case fed < len(s.turns) && analyze.Few(fed) && (cpu.Verdict != r.Verdict || cpu.contradicts(r)) && !s.beyondFloor(r):
		withdraw(r, "other processes starved launches of %d of %d rounds, and neither the CPU time nor the noise floor (base against itself) confirms that head is %s", len(s.turns)-fed, len(s.turns), r.Verdict)
	case cpu.computes && cpu.contradicts(r):
		withdraw(r, "the CPU time of the launches contradicts that head is %s: its ratio is %s", r.Verdict, compare.Ratio(cpu.Ratio))
	}
}

// support holds the settings of the further comparisons that must agree with a verdict. For these,
// only the direction of the difference counts, not the margin.
var support = analyze.Settings{Confidence: 1 - supportLevel, Margin: 1e-9}

// beyondFloor reports whether the interval of the row's ratio does not overlap the noise floor: the
// interval of the ratio of base to itself, taken in both directions.
func (s series) beyondFloor(r *compare.Row) bool {
	floor := s.alone(harness.Base, harness.BaseAgain, support).Ratio
	return r.Ratio.Bounded() && floor.Bounded() && (r.Ratio.Lo > max(floor.Hi, 1/floor.Lo) || r.Ratio.Hi < min(floor.Lo, 1/floor.Hi))
}

// alone compares two sides of the series only. The level of this comparison is not adjusted for the
// comparisons of other series.
func (s series) alone(older, newer harness.Side, set analyze.Settings) compare.Row {
	c := valuesOf(older, newer)(s)
	c.OldMarked, c.NewMarked = nil, nil
	return compare.Paired([]compare.Series{c}, set, false)[0]
}

func withdraw(r *compare.Row, format string, args ...any) {
	r.Doubts = append(r.Doubts, fmt.Sprintf(format, args...))
	r.Verdict, r.Rounds = analyze.Unresolved, 0
}

// A use is the result of comparing the CPU times of whole launches of base and head.
type use struct {
	compare.Row
	computes bool    // the launches compute and do not wait, on one core
	share    float64 // share of a launch's time that the operations take
}

// Limits of the ratio of CPU time to wall time, between which a launch computes on one core and
// does not wait. A launch above the limits uses several cores.
const (
	computesLeast = 0.8
	computesMost  = 1.25
)

// cpu returns a comparison of the CPU times that the launches of base and head used.
func (s series) cpu() (u use) {
	var shares []float64
	u.computes = true
	for _, side := range []harness.Side{harness.Base, harness.Head} {
		var ratios []float64
		for _, t := range s.turns {
			x := t.Samples[side]
			if x.Wall <= 0 || x.CPU <= 0 {
				return use{}
			}
			ratios = append(ratios, float64(x.CPU)/float64(x.Wall))
			if side == harness.Base {
				shares = append(shares, min(1, x.Values[harness.UnitOp]*float64(x.Reps)/float64(x.Wall)))
			}
		}
		slices.Sort(ratios)
		busy := ratios[9*(len(ratios)-1)/10] // not the median, because other work makes launches wait
		u.computes = u.computes && busy >= computesLeast && busy <= computesMost
	}
	c := s.values(harness.Base, harness.Head, func(x harness.SideSample) float64 { return float64(x.CPU) })
	c.OldMarked, c.NewMarked = nil, nil
	u.Row, u.share = compare.Paired([]compare.Series{c}, support, false)[0], analyze.Median(shares)
	return u
}

// contradicts reports whether the CPU times of the launches differ too little for the ratio in row
// r: by less than half of the difference that r predicts. The prediction considers that only a part
// of each launch, u.share, runs the benchmark's operations.
func (u use) contradicts(r *compare.Row) bool {
	half := 1 + u.share*(r.Ratio.Value-1)/2
	return half > 1 && u.Ratio.Hi < half || half < 1 && u.Ratio.Lo > half
}

// stand sets the fields Decided and Rounds of the judgement: which benchmarks need no more rounds,
// and how many rounds the others need.
func (j *Judgement) stand(benches []Bench, gates []series, rows []compare.Row, turns map[string][]Turn, set Settings) {
	for _, b := range benches {
		j.Decided[b.Name] = !analyze.Few(len(turns[b.Name]))
	}
	for i, s := range gates {
		r := rows[i]
		ratio := compare.Paired([]compare.Series{valuesOf(harness.Base, harness.Head)(s)}, analyze.Settings{}, false)[0].Ratio
		close := ratio.Half()
		edge := math.Abs(math.Log(ratio.Value)) < math.Log1p(cmp.Or(set.Margin, defaultMargin))+precise
		if analyze.Few(len(s.turns)) || r.Verdict == analyze.Unresolved && (close > precise || !edge) {
			j.Decided[s.Name] = false
			need := harness.FewestRounds
			if !math.IsInf(close, 0) {
				need = int(math.Ceil(float64(len(s.turns)) * math.Pow(close/precise, 2)))
			}
			if r.Rounds > 0 {
				need = min(need, r.Rounds)
			}
			j.need(s.Name, max(need, len(s.turns)+1, harness.FewestRounds))
		}
	}
}

// mostRounds is the largest number of rounds that the report suggests to the user.
const mostRounds = 1000

// need records the total number of rounds that an undecided benchmark needs for a verdict. It is
// called once for each unit without a verdict, and keeps the largest number.
func (j *Judgement) need(name string, rounds int) {
	before, known := j.Rounds[name]
	if rounds > mostRounds || known && before == 0 {
		rounds = 0
	}
	j.Rounds[name] = rounds
	if rounds > 0 {
		j.Rounds[name] = max(rounds, before)
	}
}

// More returns the estimated time that the undecided benchmarks still need, and the number of these
// benchmarks. The argument turn holds the mean time of a turn, by benchmark. More does not count
// benchmarks for which the number of rounds or this time is unknown.
func (j Judgement) More(turns map[string][]Turn, turn map[string]time.Duration) (more time.Duration, n int) {
	for name, rounds := range j.Rounds {
		if left := rounds - len(turns[name]); left > 0 && turn[name] > 0 {
			more += time.Duration(left) * turn[name]
			n++
		}
	}
	return more, n
}

func mapped[A, B any](all []A, f func(A) B) []B {
	out := make([]B, len(all))
	for i, a := range all {
		out[i] = f(a)
	}
	return out
}

package analyze

import (
	"cmp"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A ground holds the results from which the evidence for claims is taken.
type ground struct {
	*Analysis
	all   []harness.Sample
	times *table // makespans of timed jobs
	cold  *table // times of the start and the first job, for jobs with a fixed number of tasks
	peaks *table // peak memory
}

// A trial compares cells of a run with other cells, to test a claim.
type trial struct {
	of   string // compared quantity, as in [Evidence]
	from *table // values that are compared
	// sides returns the cells with which to compare cell c, or nil if c says nothing about the
	// claim. The result may contain cells that the run has not measured; try leaves them out.
	sides func(c harness.Cell) []harness.Cell
	limit func(c harness.Cell) float64 // limit with which the ratio of the two cells is compared; nil means 1
	holds func(Comparison) Answer      // answer that a comparison gives to the claim
}

// predicts returns a function for the field holds of a [trial]. The function returns Yes for a
// comparison with the verdict as, Open for an unresolved comparison, and otherwise No.
func predicts(as Verdict) func(Comparison) Answer {
	return func(c Comparison) Answer { return holds(c, as) }
}

// passes returns a function for the field holds of a [trial] with a limit: for a claim that the
// ratio is below the limit if as is Better, or above it if as is Worse. The function returns Yes
// for a comparison with the verdict as, No for one with the opposite verdict, and otherwise Open.
func passes(as Verdict) func(Comparison) Answer {
	return func(c Comparison) Answer {
		switch c.Verdict {
		case as:
			return Yes
		case as.Opposite():
			return No
		}
		return Open
	}
}

// apart confirms a claim if the verdict is better or worse, and refutes it if the two sides differ by
// at most 5 %.
func apart(c Comparison) Answer {
	switch {
	case c.Verdict == Better || c.Verdict == Worse:
		return Yes
	case c.Held == "" && !Few(c.Ratio.N) && c.Within <= about-1:
		return No
	}
	return Open
}

// about is the ratio up to which one makespan counts as not longer than another.
const about = 1.05

// always returns a function for the field limit of a [trial]. The function returns the same ratio
// for all cells.
func always(ratio float64) func(harness.Cell) float64 {
	return func(harness.Cell) float64 { return ratio }
}

// try returns the evidence that the trials give. It reuses comparisons that a question of the
// analysis has already judged. It makes and judges all other comparisons of a quantity together.
func (s *ground) try(trials ...trial) (all []Evidence) {
	type asked struct {
		*trial
		over Comparison
		by   float64
		c, b harness.Cell
	}
	var found []*asked
	families := map[*table][]contest{}
	for i := range trials {
		t := &trials[i]
		for _, c := range others(t.from.all) {
			for _, b := range t.sides(c) {
				if b == c || len(t.from.cells[b]) == 0 {
					continue
				}
				a := &asked{trial: t, by: 1, c: c, b: b}
				if t.limit != nil {
					a.by = t.limit(c)
				}
				if a.over = s.judged(t, c, b); !a.over.Ratio.Known() {
					log := math.Log(a.by)
					pairs := mapped(t.from.against(c, b), func(p pair) pair { return pair{p.turn, p.log - log, p.marked} })
					if len(pairs) == 0 {
						continue
					}
					families[t.from] = append(families[t.from], contest{c, b, pairs, &a.over, log})
				}
				found = append(found, a)
			}
		}
	}
	for from, family := range families {
		from.judge(family)
	}
	for _, a := range found {
		if !a.over.Ratio.Known() {
			continue
		}
		answer := a.holds(a.over)
		if a.by != 1 {
			a.over = a.over.times(a.by)
		}
		all = append(all, Evidence{Cell: a.c, Work: s.times.median(direct(a.c)), Than: counterpart(a.c, a.b), Of: a.of, Over: a.over, Holds: answer})
	}
	slices.SortStableFunc(all, func(a, b Evidence) int { return CompareCells(a.Cell, b.Cell) })
	return all
}

// counterpart returns the label of cell b, the other side of a comparison with c. If their tasks differ,
// the label ends with the task.
func counterpart(c, b harness.Cell) string {
	if b.Task == c.Task {
		return Label(b)
	}
	return Label(b) + " on " + PlaceOf(b).Work()
}

// judged returns the comparison of makespans that a question of the analysis has made for the two
// cells. It returns the zero Comparison if there is none.
func (s *ground) judged(t *trial, c, b harness.Cell) Comparison {
	if t.from != s.times || t.limit != nil {
		return Comparison{}
	}
	for _, section := range s.Sections {
		if section.Place != PlaceOf(c).along() {
			continue
		}
		for _, q := range section.Questions {
			if q.Place == PlaceOf(c) {
				return q.Versus(c, b)
			}
		}
	}
	return Comparison{}
}

// against returns the pairs of two cells of the table, which may have different tasks. If both
// cells have the same task, it returns their [table.pairs]. Otherwise it pairs the values of the
// two cells by round, because cells with different tasks are in different blocks.
func (t *table) against(a, b harness.Cell) []pair {
	if t.busy[a] || t.busy[b] {
		return nil
	}
	if a.Task == b.Task {
		return t.pairs(a, b)
	}
	other := byRound(t.cells[b])
	var out []pair
	for at, v := range byRound(t.cells[a]) {
		if w, ok := other[at]; ok {
			out = append(out, pair{at, math.Log(v.ns / w.ns), v.marked || w.marked})
		}
	}
	slices.SortFunc(out, func(a, b pair) int { return cmp.Compare(a.turn.round, b.turn.round) })
	return out
}

// byRound returns the values of a cell, one for each round. Each key has only the round set. If a
// round measured the block of the cell several times, byRound uses the last value.
func byRound(values map[turn]value) map[turn]value {
	out := map[turn]value{}
	for _, at := range turns(values) {
		out[turn{round: at.round}] = values[at]
	}
	return out
}

// constant returns evidence that compares the values of cells, in the given unit, with a constant.
// For each cell, the function number returns this constant, and the limit for the ratio of a value
// to the constant. It returns 0 for a cell that says nothing about the claim. The function holds
// returns the answer of a comparison. The arguments of and than become the fields Of and Than of
// [Evidence].
func (s *ground) constant(unit, of, than string, holds func(Comparison) Answer, number func(harness.Cell) (number, limit float64)) (all []Evidence) {
	t := tableOf(s.all, s.Settings, inUnit(unit))
	var family [][]float64
	var limits []float64
	for _, c := range others(t.all) {
		by, limit := number(c)
		if by == 0 || t.busy[c] {
			continue
		}
		var logs []float64
		for _, at := range turns(t.cells[c]) {
			logs = append(logs, math.Log(t.cells[c][at].ns/(by*limit)))
		}
		family, limits = append(family, logs), append(limits, limit)
		all = append(all, Evidence{Cell: c, Work: s.times.median(direct(c)), Than: than, Of: of})
	}
	for i, c := range compare(family, s.Settings) {
		over := c.tentative()
		all[i].Holds = holds(over)
		all[i].Over = over.times(limits[i])
	}
	return slices.DeleteFunc(all, func(e Evidence) bool { return !e.Over.Ratio.Known() })
}

// tasks returns the number of tasks in a job of cell c, or 0 if no launch measured the cell.
func (s *ground) tasks(c harness.Cell) float64 {
	for _, x := range s.all {
		if x.Cell == c {
			return x.Values[harness.UnitTasks]
		}
	}
	return 0
}

// check returns the evidence of an exact check, which counts the launches in which something went
// wrong. The function keep selects cells, and wrong reports whether a sample shows that something
// went wrong.
//
// If expected is false, the claim says that nothing goes wrong, and launches that failed count as
// wrong. The claim is refuted if at least [accident] launches were wrong, or if all were. Fewer
// wrong launches may be accidents, so the claim is then open. It is confirmed if no launch was
// wrong.
//
// If expected is true, the claim says that something does go wrong. It is confirmed if this
// happened in any launch, and otherwise refuted.
//
// In both cases the claim is open if there were too few launches to confirm it or, if expected is
// true, to refute it.
func (s *ground) check(of string, expected bool, keep func(harness.Cell) bool, wrong func(harness.Sample) bool) (all []Evidence) {
	found := map[harness.Cell]*Evidence{}
	at := func(c harness.Cell) *Evidence {
		if found[c] == nil {
			found[c] = &Evidence{Cell: c, Work: s.times.median(direct(c)), Of: of}
		}
		return found[c]
	}
	for _, x := range s.all {
		if isDirect(x.Cell) || !keep(x.Cell) {
			continue
		}
		if e := at(x.Cell); wrong(x) {
			e.Wrong++
		} else {
			e.Runs++
		}
	}
	if !expected { // a failed launch shows that something was lost, and not that it was corrupted
		for name, n := range s.Info.Failed {
			if c, _, err := harness.ParseName("Job/" + name); err == nil && !isDirect(c) && keep(c) {
				at(c).Wrong += n
			}
		}
	}
	for _, e := range found {
		broken := e.Wrong >= accident || e.Wrong > 0 && e.Runs == 0 // a run drops a cell that hangs after one launch
		switch few := Few(e.Runs + e.Wrong); {
		case !expected && broken:
			e.Holds = No
		case few:
		case expected == (e.Wrong > 0):
			e.Holds = Yes
		case expected:
			e.Holds = No
		}
		all = append(all, *e)
	}
	slices.SortFunc(all, func(a, b Evidence) int { return CompareCells(a.Cell, b.Cell) })
	return all
}

// accident is the smallest number of wrong launches that cannot be explained by an accident.
const accident = 2

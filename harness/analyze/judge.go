package analyze

import (
	"fmt"
	"math"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// DefaultPrecision is the default precision of a run. Two strategies need no verdict if the
// interval of their ratio lies within this distance of 1, because the choice between them then
// makes little difference.
const DefaultPrecision = 0.05

// stopLevel is the level at which a verdict ends the measurement of a question. A run applies it
// after every round. Of runs that apply it after each of rounds 6 to 60, less than one in twenty
// finds a difference beyond the margin that does not exist; the audit of this package (make audit)
// measures this share.
const stopLevel = 0.005

// Judge returns a function that reports whether samples answer their question: which strategy is
// best for one task on some cores. The samples need at least [harness.FewestRounds] rounds. In
// addition, each cell except the fastest needs one of two results: a verdict against the fastest
// cell at level 0.005, or a ratio to the fastest cell whose interval lies within ± precision of 1.
// Streams in different orders are separate questions about the task, and all must be answered.
//
// Few rounds may agree by chance. For both results, Judge therefore assumes that each pair of cells
// varies at least as much as the median pair of the question.
//
// If the suite sets the number of tasks in a job, both the timed jobs and the cold start (the first
// job with the start of the workers) must answer the question, because the samples do not show
// whether the run varies that number.
func Judge(precision float64, set Settings) func([]harness.Sample) harness.Standing {
	set = set.filled()
	set.looks = true
	return func(samples []harness.Sample) harness.Standing {
		if len(samples) == 0 {
			return harness.Standing{Rounds: harness.FewestRounds, Open: "not measured"}
		}
		out := harness.Standing{Answered: true}
		widest, known := 0.0, true
		for _, t := range []*table{newTable(samples, set), tableOf(samples, set, cold)} {
			for _, p := range t.rivals() {
				open, rounds := p.open(precision, set)
				if !open {
					continue
				}
				out.Answered = false
				known = known && rounds > 0
				out.Rounds = max(out.Rounds, rounds)
				if half := fromLogs(p.logs, set.Confidence).Half(); out.Open == "" || half > widest {
					widest, out.Open = half, p.words(half)
				}
			}
		}
		if !known {
			out.Rounds = 0
		}
		if out.Answered && len(distinct(samples, func(s harness.Sample) int { return s.Round })) < harness.FewestRounds {
			return harness.Standing{Rounds: harness.FewestRounds, Open: "too few rounds"} // turns that repeat a round do not count as rounds
		}
		return out
	}
}

// A rival is a cell of a question, with its comparison with the fastest cell of the question.
type rival struct {
	cell, fastest harness.Cell
	logs          []float64 // ln of the ratio of the two makespans, one for each turn
	verdict       Comparison
	busy          bool    // most launches of one of the two were starved
	deviation     float64 // assumed lower limit of the standard deviation of logs
}

// rivals returns a rival for each cell, except the fastest cell of each question.
func (t *table) rivals() (all []rival) {
	for _, cells := range grouped(others(t.all), PlaceOf) {
		loop := direct(cells[0])
		if t.cells[loop] != nil {
			cells = append([]harness.Cell{loop}, cells...)
		}
		verdicts, fastest := newVersus(t, cells), t.fastest(cells)
		first := len(all)
		var deviations []float64
		for _, c := range cells {
			if c == fastest {
				continue
			}
			r := rival{cell: c, fastest: fastest, logs: logs(t.pairs(c, fastest)), verdict: verdicts.of(c, fastest), busy: t.busy[c] || t.busy[fastest]}
			if len(r.logs) > 1 {
				_, se := meanError(r.logs)
				deviations = append(deviations, se*math.Sqrt(float64(len(r.logs))))
			}
			all = append(all, r)
		}
		for i := range all[first:] {
			if len(deviations) > 0 {
				all[first+i].deviation = Median(deviations)
			}
		}
	}
	return all
}

// open reports whether the comparison of the rival with the fastest cell needs more rounds. rounds
// is the estimated total number of rounds that suffice, or 0 if it is unknown.
func (r rival) open(precision float64, set Settings) (open bool, rounds int) {
	n := len(r.logs)
	if n < 2 || r.busy {
		return true, 0
	}
	mean, se := meanError(r.logs)
	floor := max(se, r.deviation/math.Sqrt(float64(n)))
	decided := r.verdict.Verdict != Unresolved &&
		2*student(n).Survival(toEdge(mean, math.Log1p(set.Margin))/max(floor, 1e-12)) <= stopLevel
	limit := math.Log1p(precision)
	near := r.verdict.Within <= precision && math.Abs(mean)+floor*quantile(n, 1-set.Confidence) <= limit
	if n >= harness.FewestRounds && (decided || near) {
		return false, 0
	}
	// The question is answered by a verdict or by the width of the interval, whichever comes first.
	byVerdict := roundsFor(r.logs, stopLevel, toEdge(mean, math.Log1p(set.Margin)))
	byWidth := roundsFor(r.logs, 1-set.Confidence, limit-math.Abs(mean))
	rounds = max(byVerdict, byWidth)
	if byVerdict > 0 && byWidth > 0 {
		rounds = min(byVerdict, byWidth)
	}
	if rounds > 0 {
		rounds = max(rounds, harness.FewestRounds)
	}
	return true, rounds
}

// words returns a text for an open comparison: the labels of the two cells, and the half-width of
// the interval of their ratio.
func (r rival) words(half float64) string {
	text := Label(r.cell) + " against " + Label(r.fastest)
	switch {
	case r.busy:
		return text + ": the machine was busy"
	case math.IsInf(half, 1):
		return text + " without an interval"
	case half > 1:
		return text + " ± more than 100 %"
	}
	return fmt.Sprintf("%s ± %s", text, format.Percent(math.Round(half*1000)/1000))
}

package analyze

import (
	"fmt"
	"math"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// DefaultPrecision is how near to 1 the interval of a ratio lies wholly where two strategies
// need no verdict: whichever of the two a user takes, little is lost.
const DefaultPrecision = 0.05

// stopLevel is the level at which a verdict ends the measuring of a question. It is looked at
// after every round, and of runs that look at rounds 6 to 60 less than one in twenty finds a
// difference beyond the margin that is not there; the audit of this package counts them.
const stopLevel = 0.005

// Judge returns a function that says of the samples of a question, which is one task on some
// cores, whether they answer it. They do when, in at least [harness.FewestRounds] rounds, every
// other cell has a verdict against the fastest at a level of 0.005, or a ratio to it whose
// interval lies within ± precision of 1. Streams in different orders are different questions of
// that task, and all must be answered.
//
// In both rules the deviation of a pair is at least the median deviation of the pairs of the
// question: of few rounds the deviation is small now and then by chance.
//
// A job with a chosen number of tasks is judged twice: by its cost without workers and with
// them. The samples do not show whether the run sweeps that number.
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
				if half := p.half(set); out.Open == "" || half > widest {
					widest, out.Open = half, p.words(half)
				}
			}
		}
		if !known {
			out.Rounds = 0
		}
		return out
	}
}

// A rival is a cell and the fastest of its question.
type rival struct {
	cell, fastest harness.Cell
	logs          []float64 // of the ratio of their makespans
	verdict       Comparison
	busy          bool
	deviation     float64 // the least that is believed
}

// rivals returns each cell that the table compares with the fastest of its question.
func (t *table) rivals() (all []rival) {
	for _, cells := range grouped(t.others(), PlaceOf) {
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

// open reports whether more rounds are needed, and how many there must be in all, as far as that
// is known; else 0.
func (r rival) open(precision float64, set Settings) (open bool, rounds int) {
	n, mean := len(r.logs), 0.0
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
	// Either way may come first.
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

// half returns the half-width of the interval of the ratio, +Inf where there is none.
func (r rival) half(set Settings) float64 { return fromLogs(r.logs, set.Confidence).Half() }

// words names the two, and how well their ratio is known.
func (r rival) words(half float64) string {
	text := Label(r.cell) + " against " + Label(r.fastest)
	switch {
	case r.busy:
		return text + ": the machine was busy"
	case math.IsInf(half, 1):
		return text + " without an interval"
	}
	return fmt.Sprintf("%s ± %s", text, format.Percent(math.Round(half*1000)/1000))
}

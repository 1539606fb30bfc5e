package compare

import (
	"fmt"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// A Series holds the values of one cell or benchmark in one unit, for both sides. Each launch gives
// one value.
type Series struct {
	Name, Unit, Better string
	Gate               bool // the row of the series affects the outcome, unless Better is ""
	Old, New           []float64
	// OldMarked and NewMarked are indexed like Old and New. They are true for launches that other
	// work disturbed; nil means that there are none.
	OldMarked, NewMarked []bool
	Drift                analyze.Drift // drift between two sides that were measured one after the other
}

// Paired returns a row for each series. For each index i, the launches of Old[i] and New[i] must be
// from the same round. Paired judges all series together, as one family.
//
// Set repeated if the caller judges the rows several times, after different numbers of rounds, and
// stops the measurement when they have verdicts. Paired then requires more evidence for a verdict;
// see [analyze.Paired].
func Paired(family []Series, set analyze.Settings, repeated bool) []Row {
	return rows(family, set, Series.pairs, func(all []Series) []analyze.Comparison {
		logs := make([][]float64, len(all))
		for i, s := range all {
			for k := range s.Old {
				logs[i] = append(logs[i], math.Log(s.New[k]/s.Old[k]))
			}
		}
		return analyze.Paired(logs, set, repeated)
	})
}

// Unpaired returns a row for each series. Each series has two sides, one of which was measured
// after the other, so the intervals include the drift between the sides. A series with an unknown
// drift gets no verdict. Unpaired judges all series together, as one family.
func Unpaired(family []Series, set analyze.Settings) []Row {
	return rows(family, set, Series.launches, func(all []Series) []analyze.Comparison {
		sides := make([]analyze.Sides, len(all))
		for i, s := range all {
			sides[i] = analyze.Sides{Old: s.Old, New: s.New, Drift: s.Drift}
		}
		return analyze.Unpaired(sides, set)
	})
}

// rows returns a row for each series of the family. The function judge compares the series that
// have a ratio. The function clean returns a series without its contaminated launches. If the
// verdict of a row is different without these launches, rows withdraws it.
func rows(family []Series, set analyze.Settings, clean func(Series) Series, judge func([]Series) []analyze.Comparison) []Row {
	out := make([]Row, len(family))
	var all, cleaned []Series
	var at []int
	for i, s := range family {
		out[i] = s.row(set)
		if c, ok := s.counted(); ok {
			out[i].Comparison = c
		} else if doubt := s.invalid(); doubt != "" {
			out[i].Comparison, out[i].Doubts = analyze.Comparison{P: 1}, []string{doubt}
		} else {
			all, at = append(all, s), append(at, i)
			cleaned = append(cleaned, clean(s))
		}
	}
	marked := slices.ContainsFunc(cleaned, func(s Series) bool { return s.OldMarked != nil })
	var without []analyze.Comparison
	if marked {
		without = judge(cleaned)
	}
	for k, c := range judge(all) {
		r := &out[at[k]]
		r.Comparison = c
		if marked && cleaned[k].OldMarked != nil {
			r.withdraw(without[k])
		}
		if r.Better == "higher" {
			r.Verdict, r.Leans = r.Verdict.Opposite(), r.Leans.Opposite()
		}
	}
	return out
}

// row returns a row with the names and medians of the series. The row has no comparison yet.
func (s Series) row(set analyze.Settings) Row {
	confidence := set.Confidence
	if confidence == 0 {
		confidence = 0.95
	}
	return Row{Name: s.Name, Unit: s.Unit, Better: s.Better, Gate: s.Gate,
		Old: analyze.MedianInterval(s.Old, confidence), New: analyze.MedianInterval(s.New, confidence)}
}

// withdraw withdraws the verdict of the row if it differs from that of clean, the comparison
// without contaminated launches.
func (r *Row) withdraw(clean analyze.Comparison) {
	if r.Verdict == clean.Verdict || r.Verdict == analyze.Unresolved {
		return
	}
	r.Doubts = append(r.Doubts, fmt.Sprintf("%s only if contaminated launches count: without them, the ratio is %s", r.Verdict, Ratio(clean.Ratio)))
	r.Without = &clean
	r.Verdict, r.Leans, r.Rounds = analyze.Unresolved, analyze.Unresolved, 0
}

// counted returns the comparison of a series of counts, such as allocations, for which a ratio is
// impossible: each side has the same count in all launches, and a side has the count 0. For all
// other series ok is false.
func (s Series) counted() (c analyze.Comparison, ok bool) {
	older, newer, same := s.Old, s.New, func(xs []float64) bool { return len(xs) > 0 && slices.Min(xs) == slices.Max(xs) }
	if !same(older) || !same(newer) || min(older[0], newer[0]) != 0 {
		return c, false
	}
	n := min(len(older), len(newer))
	switch {
	case analyze.Few(n):
		c = analyze.Comparison{P: 1, Within: math.Inf(1)}
	case older[0] == newer[0]:
		c = analyze.Comparison{Ratio: analyze.Estimate{Value: 1, Lo: 1, Hi: 1, N: n}, Verdict: analyze.Equivalent}
	case (newer[0] > older[0]) == (s.Better != "higher"):
		c = analyze.Comparison{Verdict: analyze.Worse, Within: math.Inf(1)}
	default:
		c = analyze.Comparison{Verdict: analyze.Better, Within: math.Inf(1)}
	}
	return c, true
}

// invalid returns the reason why a series has no ratio. It returns "" if the series has one.
func (s Series) invalid() string {
	for _, v := range slices.Concat(s.Old, s.New) {
		switch {
		case math.IsNaN(v) || math.IsInf(v, 0):
			return "a value is not a finite number, so the row has no ratio"
		case v <= 0:
			return "a value is zero or negative, so the row has no ratio"
		}
	}
	return ""
}

// pairs returns the series without the rounds that have a contaminated launch on either side. If
// there are no such rounds, the fields OldMarked and NewMarked of the result are nil.
func (s Series) pairs() Series {
	marked := make([]bool, len(s.Old))
	for i := range marked {
		marked[i] = has(s.OldMarked, i) || has(s.NewMarked, i)
	}
	s.OldMarked, s.NewMarked = marked, marked
	return s.launches()
}

// launches returns the series without its contaminated launches. If there are no such launches, the
// fields OldMarked and NewMarked of the result are nil.
func (s Series) launches() Series {
	older, newer := unmarked(s.Old, s.OldMarked), unmarked(s.New, s.NewMarked)
	if len(older) == len(s.Old) && len(newer) == len(s.New) {
		s.OldMarked, s.NewMarked = nil, nil
	}
	s.Old, s.New = older, newer
	return s
}

// unmarked returns the values whose mark is false.
func unmarked(values []float64, marks []bool) (kept []float64) {
	for i, v := range values {
		if !has(marks, i) {
			kept = append(kept, v)
		}
	}
	return kept
}

// has reports whether the mark at index i is set. A mark beyond the end of the slice is not set.
func has(marks []bool, i int) bool { return i < len(marks) && marks[i] }

// Ratio returns the text of a ratio with its interval, such as "1.02 (0.99 to 1.05)".
func Ratio(e analyze.Estimate) string {
	three := func(v float64) string { return format.Number(v, 3) }
	switch {
	case !e.Known():
		return "–"
	case !e.Bounded() || e.Hi > 100*e.Value: // with two or three pairs, the interval says nothing
		return three(e.Value)
	}
	bound := func(v float64) string { // the interval of few launches may be extremely wide
		switch {
		case v < 0.001:
			return "<0.001"
		case v > 1000:
			return ">1000"
		}
		return three(v)
	}
	return fmt.Sprintf("%s (%s to %s)", three(e.Value), bound(e.Lo), bound(e.Hi))
}

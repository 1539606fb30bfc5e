package ab

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/compare"
	"github.com/payoff-bench/payoff/harness/format"
)

// An Outcome is the overall result of a comparison of two programs.
type Outcome int

const (
	Passed Outcome = iota // no benchmark is worse or open
	Worse                 // a benchmark is worse
	Open                  // the files were changed, or a benchmark failed, is missing in head or, if strict, is unresolved
)

// Report returns the table of a comparison with the given turns, and its outcome. turnTime maps
// each benchmark to the mean time of one turn, from which Report estimates the time of further
// rounds; it may be nil. If strict is set, a benchmark without a verdict gives the outcome [Open].
func Report(info Info, turns map[string][]Turn, turnTime map[string]time.Duration, strict bool) (*compare.Table, Outcome) {
	j := Judge(info.Benches, turns, info.Settings)
	t := j.Table
	t.Title = "payoff ab: " + format.Count(len(info.Benches), "benchmark") + ", " + span(info.Benches, turns)
	t.Old.Of, t.New.Of = info.Base.String(), info.Head.String()
	lost := 0
	for _, m := range info.Missing {
		hint := m.Why
		switch {
		case hint != "":
		case m.Side == harness.Head:
			hint = "it was removed or renamed; leave it out by --bench or --filter, or compare a base that lacks it too"
		default:
			hint = "it is new"
		}
		if m.Side == harness.Head || m.Why != "" {
			lost++
		}
		t.Missing = append(t.Missing, compare.Missing{Name: m.Name, Side: m.Side.String(), Hint: hint})
	}
	if info.Base.Digest == info.Head.Digest && info.Base.Digest != "" {
		t.Warnings = append(t.Warnings, "base and head are the same program: every difference is noise")
	}
	if info.Foreign != "" {
		t.Warnings = append(t.Warnings, "the results are doubtful: "+info.Foreign)
	}
	if info.Left > 0 {
		t.Warnings = append(t.Warnings, fmt.Sprintf("%s left processes running, which payoff killed; the times do not include their work; let the commands wait for them", format.Count(info.Left, "launch")))
	}
	t.Warnings = append(t.Warnings, info.Failures...)
	few := 0
	for _, b := range info.Benches {
		if analyze.Few(len(turns[b.Name])) {
			few++
		}
	}
	if few > 0 {
		t.Warnings = append(t.Warnings, fmt.Sprintf("%s fewer than the %d rounds that a verdict needs", has(few), harness.FewestRounds))
	}
	t.Notes = append(t.Notes, floorNote(t.Floor))
	if starved, all := starved(turns); starved > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("other processes starved %d of %s; rounds with a starved launch do not count if the benchmark has %d other rounds", starved, format.Count(all, "launch"), harness.FewestRounds))
	}
	if open := len(j.Rounds); open > 0 {
		note := format.Count(open, "benchmark") + " undecided"
		if more, n := j.More(turns, turnTime); n > 0 {
			note += fmt.Sprintf("; a further %s of measurement will probably decide %s: continue the run with the flags --resume and --budget", format.Elapsed(more), of(n, open))
		}
		t.Notes = append(t.Notes, note)
	}
	t.Notes = append(t.Notes, info.Notes...)
	switch worse := t.Count(analyze.Worse); {
	case info.Foreign != "":
		return t, Open
	case worse > 0:
		return t, Worse
	case lost > 0, few > 0, t.Exit(strict) != compare.Passed:
		return t, Open
	}
	return t, Passed
}

// starved returns the number of launches that other processes starved, and the number of all
// launches.
func starved(turns map[string][]Turn) (starved, all int) {
	for _, of := range turns {
		for _, t := range of {
			for _, s := range t.Samples {
				all++
				if s.Starved() {
					starved++
				}
			}
		}
	}
	return starved, all
}

// has returns the subject and verb of a sentence about n benchmarks: "1 benchmark has" or "3
// benchmarks have".
func has(n int) string {
	if n == 1 {
		return "1 benchmark has"
	}
	return fmt.Sprint(n, " benchmarks have")
}

// span returns the smallest and the largest number of rounds in which a benchmark was measured, as
// text such as "6 to 9 rounds".
func span(benches []Bench, turns map[string][]Turn) string {
	var n []int
	for _, b := range benches {
		n = append(n, len(turns[b.Name]))
	}
	if len(n) == 0 {
		return "0 rounds"
	}
	least, most := slices.Min(n), slices.Max(n)
	if least == most {
		return format.Count(least, "round")
	}
	return fmt.Sprintf("%d to %d rounds", least, most)
}

// floorNote returns a note about the noise floor, from the rows that compare base with itself.
func floorNote(floor []compare.Row) string {
	var away []float64
	claimed := 0
	for _, r := range floor {
		if r.Ratio.Known() {
			away = append(away, math.Expm1(math.Abs(math.Log(r.Ratio.Value))))
		}
		if r.Verdict == analyze.Better || r.Verdict == analyze.Worse {
			claimed++
		}
	}
	if len(away) == 0 {
		return "the noise floor is unknown"
	}
	percent := func(v float64) string { return format.Percent(math.Round(1000*v) / 1000) }
	text := fmt.Sprintf("noise floor: base differs from itself by %s in the median and by at most %s", percent(analyze.Median(away)), percent(slices.Max(away)))
	if claimed > 0 {
		text += fmt.Sprintf("; %d of %d comparisons of base with itself found a difference, so this run is not reliable: measure again on a quiet machine", claimed, len(floor))
	}
	return text
}

// of returns a text that refers back to n out of all items: "them" if n equals all, and otherwise,
// for example, "3 of them".
func of(n, all int) string {
	if n == all {
		return "them"
	}
	return fmt.Sprintf("%d of them", n)
}

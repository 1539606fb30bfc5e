package report

import (
	"fmt"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// found returns the lines of the answer of a search, or nil if the run is not a search.
func found(a *analyze.Analysis) []string {
	if a.Info.Search == nil || a.Boundary == nil {
		return nil
	}
	text := Found(*a.Info.Search, *a.Boundary)
	if why := a.Boundary.Why; why != "" {
		text += "why it is unresolved: " + string(why) + "\n"
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// theBoundary returns the section with the answer of a search.
func theBoundary(a *analyze.Analysis, _ string, _ *pictures) section {
	lines := found(a)
	if lines == nil {
		return section{}
	}
	s := section{"The boundary", []part{{text: capital(lines[0]) + "."}, {list: lines[1:]}}}
	rows := [][]string{{a.Info.Search.Axis, "ratio of makespans", "verdict", "rounds"}}
	for _, p := range a.Boundary.Points {
		rows = append(rows, []string{valueText(*a.Info.Search, p.Value), format.Number(p.Ratio, 3), p.Verdict.String(), fmt.Sprint(p.Rounds)})
	}
	of := a.Info.Search
	caption := "Measured values of the axis: " + of.A + " against " + of.B
	if of.Goal == harness.FindMETG {
		rows[0][1], caption = "target / efficiency", "Measured values of the axis: the target efficiency divided by that of "+of.A
	}
	s.parts = append(s.parts, part{rows: rows, caption: caption})
	return s
}

// Found returns the answer of a search as lines of text.
func Found(s harness.Search, b analyze.Boundary) string {
	var t strings.Builder
	place := fmt.Sprintf("%s, %s", s.Task.Workload, format.Count(s.Cores, "core"))
	if s.Goal == harness.FindMETG {
		fmt.Fprintf(&t, "METG of %s for %s, at %s efficiency\n", s.A, place, format.Percent(s.Efficiency))
	} else {
		fmt.Fprintf(&t, "crossover of %s and %s for %s, by %s\n", s.A, s.B, place, s.Axis)
	}
	if len(b.Points) == 0 {
		return t.String()
	}
	first, last := b.Points[0], b.Points[len(b.Points)-1]
	whole := fmt.Sprintf("%s to %s", valueText(s, first.Value), valueText(s, last.Value))
	better, other := s.A, s.B
	switch {
	case !b.Done && b.Kind == analyze.Crosses && b.At.Bounded():
		fmt.Fprintf(&t, "unresolved: probably near %s (%s)\n", valueText(s, b.At.Value), rangeText(s, b.At))
	case !b.Done && b.Between[0] > 0:
		fmt.Fprintf(&t, "unresolved: probably between %s and %s\n", valueText(s, b.Between[0]), valueText(s, b.Between[1]))
	case !b.Done:
		p := b.Nearest()
		ratio := s.A + " takes %s × the time of " + s.B
		if s.Goal == harness.FindMETG {
			ratio = "the efficiency is %s × below the target"
		}
		fmt.Fprintf(&t, "unresolved from %s: at %s "+ratio+", in %s\n", whole, valueText(s, p.Value), format.Number(p.Ratio, 3), format.Count(p.Rounds, "round"))
	case b.Kind == analyze.Crosses && s.Goal == harness.FindMETG && b.Up:
		g := b.At.Times(1 / s.Efficiency)
		if s.Axis != "grain" {
			fmt.Fprintf(&t, "a task of %s %s (%s) reaches it\n", valueText(s, b.At.Value), s.Axis, rangeText(s, b.At))
			break
		}
		fmt.Fprintf(&t, "METG %s (%s): tasks of %s of work (%s) reach it\n", valueText(s, g.Value), rangeText(s, g), valueText(s, b.At.Value), rangeText(s, b.At))
	case b.Kind == analyze.Crosses && s.Goal == harness.FindMETG:
		fmt.Fprintf(&t, "efficiency falls below the target at %s (%s)\n", valueText(s, b.At.Value), rangeText(s, b.At))
	case b.Kind == analyze.Crosses:
		if !b.Up {
			better, other = s.B, s.A
		}
		if s.Axis != "grain" && b.At.Lo == b.Between[0] && b.At.Hi == b.Between[1] {
			fmt.Fprintf(&t, "%s is faster from %s %s on, and %s up to %s\n", better, valueText(s, b.At.Hi), s.Axis, other, valueText(s, b.At.Lo))
			break
		}
		fmt.Fprintf(&t, "%s is faster above %s (%s), and %s below\n", better, valueText(s, b.At.Value), rangeText(s, b.At), other)
	case b.Kind == analyze.AlwaysA || b.Kind == analyze.AlwaysB:
		near := b.Nearest()
		side := "below " + valueText(s, first.Value)
		if near == last {
			side = "above " + valueText(s, last.Value)
		}
		switch {
		case s.Goal == harness.FindMETG && b.Kind == analyze.AlwaysA:
			fmt.Fprintf(&t, "reached at every value from %s: METG, if it exists, is outside the range, %s\n", whole, side)
		case s.Goal == harness.FindMETG:
			fmt.Fprintf(&t, "not reached at any value from %s: METG, if it exists, is outside the range, %s\n", whole, side)
		default:
			if b.Kind == analyze.AlwaysB {
				better = s.B
			}
			fmt.Fprintf(&t, "%s is always faster, from %s: a crossing, if there is one, is outside the range, %s\n", better, whole, side)
		}
	case b.Kind == analyze.AllTied:
		fmt.Fprintf(&t, "a tie band: both are equally fast, within 2 %%, from %s\n", whole)
	case b.Kind == analyze.TieBand || b.Kind == analyze.Parts:
		t.WriteString("a tie band:\n" + zonesText(s, b))
	case b.Kind == analyze.Several:
		t.WriteString("several crossings:\n" + zonesText(s, b))
	}
	fmt.Fprintf(&t, "measured at %d values from %s", len(b.Points), whole)
	if b.Near > 0 {
		fmt.Fprintf(&t, ", with %s near the boundary", format.Count(b.Near, "round"))
	}
	t.WriteString("\n")
	return t.String()
}

// zonesText returns a line for each stretch of values with one verdict.
func zonesText(s harness.Search, b analyze.Boundary) string {
	var t strings.Builder
	for _, z := range b.Zones() {
		words := map[analyze.Verdict]string{analyze.Better: s.A + " is faster", analyze.Worse: s.B + " is faster", analyze.Equivalent: "equally fast"}
		if s.Goal == harness.FindMETG {
			words = map[analyze.Verdict]string{analyze.Better: "reached", analyze.Worse: "not reached"}
		}
		fmt.Fprintf(&t, "  %s to %s: %s\n", valueText(s, z.From), valueText(s, z.To), words[z.Verdict])
	}
	return t.String()
}

// valueText returns a value of the axis of the search as text.
func valueText(s harness.Search, v float64) string {
	if s.Axis == "grain" {
		return format.Time(v, 3)
	}
	return format.Number(v, 3)
}

// rangeText returns the interval of an estimate on the axis of the search as text.
func rangeText(s harness.Search, e analyze.Estimate) string {
	if s.Axis == "grain" {
		return e.Range()
	}
	return format.Number(e.Lo, 3) + " to " + format.Number(e.Hi, 3)
}

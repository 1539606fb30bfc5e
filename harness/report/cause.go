package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// causeOf returns the sentence that says on what cell A spends more core time than cell B, by their
// profiles.
func causeOf(c analyze.Cause) string {
	said := signedTime(c.CPU.Diff()) + " of CPU"
	if parts := resolved(c.Parts, c.CPU.Diff()); parts != "" {
		said += " (" + parts + ")"
	}
	return "Why, by profiles: " + said + ", " + signedTime(c.Idle.Diff()) + " of " + analyze.CauseIdle + "."
}

// resolved returns the parts that differ by more than their error of sampling, the largest first, and
// the rest of the sum: "moving bytes +40, handing over +8 ns, rest -3". It leaves out parts below a
// twentieth of the largest.
func resolved(parts []analyze.CausePart, sum float64) string {
	most := 0.0
	for _, p := range parts {
		most = max(most, math.Abs(p.Diff()))
	}
	var shown []analyze.CausePart
	for _, p := range parts {
		if d := math.Abs(p.Diff()); d > p.Half && d >= most/20 && p.Name != analyze.CauseMissed {
			shown = append(shown, p)
			sum -= p.Diff()
		}
	}
	slices.SortStableFunc(shown, func(x, y analyze.CausePart) int {
		return cmp.Compare(math.Abs(y.Diff()), math.Abs(x.Diff()))
	})
	var words []string
	for _, p := range shown {
		words = append(words, p.Name+" "+signedTime(p.Diff()))
	}
	if len(words) > 0 && math.Abs(sum) >= most/20 {
		words = append(words, "rest "+signedTime(sum))
	}
	return strings.Join(words, ", ")
}

// details returns further sentences about a cause: system calls, waiting, stamped stages, and how the
// launches of the profile compare with those of the run.
func details(c analyze.Cause, d analyze.Difference) (said []string) {
	a, b := analyze.Short(d.A), analyze.Short(d.B)
	said = append(said, fmt.Sprintf("In the profiles, system calls are %s of the CPU time of %s and %s of that of %s; threads wait for a core %s longer per task, which overlaps with the rest.",
		percentOf(c.System.A, c.CPU.A), a, percentOf(c.System.B, c.CPU.B), b, signedTime(c.Waited.Diff())))
	if len(c.Stages) > 0 {
		said = append(said, stagesOf(c, a, b))
	}
	if c.Starved {
		said = append(said, "Other processes used the cores during the profiles, so their idle time is partly that of others.")
	}
	if c.Core() < d.Total.Lo || c.Core() > d.Total.Hi {
		said = append(said, fmt.Sprintf("The profiled launches differ by %s, outside of the interval of the run, so their parts are rough.", signedTime(c.Core())))
	}
	return append(said, "Profile: "+c.Path)
}

// percentOf returns part of whole as text in per cent.
func percentOf(part, whole float64) string {
	if !(whole > 0) {
		return absent
	}
	return fmt.Sprintf("%.0f %%", 100*part/whole)
}

// stagesOf returns the sentence about the stamped stages of tasks.
func stagesOf(c analyze.Cause, a, b string) string {
	var both, onlyA, onlyB []string
	for _, s := range c.Stages {
		switch {
		case s.HasA && s.HasB:
			both = append(both, fmt.Sprintf("%s %s against %s", s.Name, whole(s.A), whole(s.B)))
		case s.HasA:
			onlyA = append(onlyA, s.Name+" "+whole(s.A))
		default:
			onlyB = append(onlyB, s.Name+" "+whole(s.B))
		}
	}
	text := fmt.Sprintf("By stamps on one task in %d, in ns: %s", c.Every, strings.Join(both, ", "))
	for _, side := range []struct {
		name   string
		stages []string
	}{{a, onlyA}, {b, onlyB}} {
		if len(side.stages) > 0 {
			text += "; only in " + side.name + ": " + strings.Join(side.stages, ", ")
		}
	}
	return text + "."
}

// whole returns a number of ns without its unit.
func whole(ns float64) string { return fmt.Sprintf("%.0f", ns) }

func signedTime(ns float64) string { return signed(ns, analyze.InTime) }

// toChange returns the sentence that says what would have to change so that the slower cell of d comes
// close to the faster one. In brackets it has makespans of the run, divided by that of the faster cell. It
// leaves out changes that did not help in the run. c is nil if no profile shows the cause.
func toChange(d analyze.Difference, c *analyze.Cause, remedies []analyze.Remedy) string {
	slow, fast, sign := d.A, d.B, 1.0
	if d.Total.Value < 0 {
		slow, fast, sign = fast, slow, -1
	}
	measured, futile := map[string]string{}, map[string]bool{}
	for _, r := range remedies {
		if !r.Helps {
			futile[r.Key] = true
			continue
		}
		ratio := format.Number(r.Ratio.Value, 3) + " × " + analyze.Short(fast)
		switch r.Key {
		case "chunk":
			measured[r.Key] = fmt.Sprintf("chunk %s: %s", r.Cell.Chunk, ratio)
		case "transport":
			measured[r.Key] = fmt.Sprintf("%s: %s", cmp.Or(r.Cell.Transport, harness.PlainTransport), ratio)
		case "grain":
			measured[r.Key] = fmt.Sprintf("%s: %s", sizeOf(r.Cell.Task), ratio)
		}
	}
	var ways []string
	add := func(way, key string) {
		if futile[key] {
			return
		}
		if m := measured[key]; m != "" {
			way += " (" + m + ")"
		}
		if !slices.Contains(ways, way) {
			ways = append(ways, way)
		}
	}
	for _, name := range costliest(c, sign) {
		switch name {
		case analyze.CauseBytes, analyze.CauseSleep, analyze.CauseDispatch, analyze.CauseSchedule, analyze.CauseIdle:
			add("fewer hand-overs", "chunk")
			if slow.Strategy == harness.Processes && name != analyze.CauseDispatch && slow.Transport != "shm" {
				add("shared memory", "transport")
			}
		case analyze.CauseCodecs:
			add("a cheaper codec or less data", "")
		case analyze.CauseGC:
			add("fewer allocations, or a larger heap (GOGC)", "")
		case analyze.CauseExecute:
			add("the task itself, which takes more CPU there (caches, memory, speed of the cores)", "")
		}
	}
	if len(ways) == 0 { // without a profile only what the run measured
		for _, r := range remedies {
			if r.Key != "grain" && r.Helps {
				add(map[string]string{"chunk": "fewer hand-overs", "transport": "another transport"}[r.Key], r.Key)
			}
		}
	}
	if measured["grain"] != "" {
		add("larger tasks", "grain")
	}
	if len(ways) == 0 {
		return ""
	}
	return "To change it: " + format.List(ways, "or") + "."
}

// costliest returns the names of those parts of the cause that make the slower cell slower by at least a
// quarter of the largest such part, the largest first. sign is -1 if the slower cell is B.
func costliest(c *analyze.Cause, sign float64) (names []string) {
	if c == nil {
		return nil
	}
	parts := slices.DeleteFunc(append(slices.Clone(c.Parts), c.Idle), func(p analyze.CausePart) bool {
		return sign*p.Diff() <= p.Half || p.Name == analyze.CauseMissed
	})
	slices.SortStableFunc(parts, func(x, y analyze.CausePart) int { return cmp.Compare(sign*y.Diff(), sign*x.Diff()) })
	for _, p := range parts {
		if 4*sign*p.Diff() >= sign*parts[0].Diff() {
			names = append(names, p.Name)
		}
	}
	return names
}

// sizeOf returns the size of a task as text: "10 µs", "4 inputs".
func sizeOf(t harness.Task) string {
	if t.Grain > 0 {
		return format.RoundTime(float64(t.Grain))
	}
	return format.Count(t.Batch, "input")
}

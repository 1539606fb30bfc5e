package analyze

import (
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/harness/format"
)

// A Lineup is workloads side by side that were measured with the same payloads and in the same
// ways, such as those that differ in how a task gets its data. Each stands in blocks of its own,
// so that between them there are estimates, and no verdicts.
type Lineup struct {
	Number    int   // among those of the run, from 1
	Place     Place // without a workload and a payload
	At        []int // bytes, ascending
	Workloads []string
	Who       []Series       // without a workload, direct first
	Times     [][][]Estimate // ns per task, by Who, At and workload
}

// lineupFrom is how many workloads are worth a table of their own.
const lineupFrom = 3

// lineups returns the workloads of scales that can stand side by side.
func lineups(scales []Scale) (out []Lineup) {
	payloads := only(scales, func(s Scale) bool { return s.Axis == ByPayload })
	type key struct {
		place Place
		at    string
	}
	for _, group := range grouped(payloads, func(s Scale) key {
		s.Place.Task.Workload = ""
		return key{s.Place, fmt.Sprint(s.At)}
	}) {
		var own []Scale // the first of each workload
		for _, s := range group {
			if !slices.ContainsFunc(own, func(o Scale) bool { return o.Place == s.Place }) {
				own = append(own, s)
			}
		}
		if l := newLineup(own); len(l.Who) > 1 && len(l.Workloads) >= lineupFrom {
			l.Number = len(out) + 1
			out = append(out, l)
		}
	}
	return out
}

func newLineup(group []Scale) Lineup {
	l := Lineup{Place: group[0].Place, At: group[0].At}
	l.Place.Task.Workload = ""
	for _, s := range group {
		l.Workloads = append(l.Workloads, s.Place.Task.Workload)
	}
	for _, who := range group[0].Who {
		who.Workload = ""
		times := make([][]Estimate, len(l.At))
		for _, s := range group {
			k := slices.IndexFunc(s.Who, func(c Series) bool {
				c.Workload = ""
				return c == who
			})
			for i := 0; i < len(times) && k >= 0; i++ {
				times[i] = append(times[i], s.Costs[i][k].Time)
			}
		}
		if len(times[0]) == len(group) {
			l.Who, l.Times = append(l.Who, who), append(l.Times, times)
		}
	}
	return l
}

// Name names the workloads: "file, mapped, send and shared side by side on 2 cores, by payload".
func (l Lineup) Name() string {
	p := l.Place
	p.Task.Workload = format.List(l.Workloads, "and") + " side by side"
	return p.String() + ", by payload"
}

// Label names a series; the order is in the name.
func (l Lineup) Label(k int) string { return Brief(l.Who[k]) }

// Point names a payload.
func (l Lineup) Point(i int) string { return format.Bytes(l.At[i]) }

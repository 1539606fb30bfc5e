package analyze

import (
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/harness/format"
)

// A Lineup lists the times of several workloads next to each other, for the same payloads and
// strategies. The workloads may differ, for example, in how a task gets its data. Each workload has
// its own blocks, so a Lineup has estimates but no verdicts.
type Lineup struct {
	Number    int   // position among the lineups of the run, from 1
	Place     Place // without workload and payload
	At        []int // payloads in bytes, ascending
	Workloads []string
	Who       []Series       // without workload, direct first
	Times     [][][]Estimate // ns per task, indexed like Who, At and Workloads
}

// lineupFrom is the smallest number of workloads in a Lineup.
const lineupFrom = 3

// lineups returns a Lineup for each group of scales along the payload that have different workloads
// but the same payloads and strategies.
func lineups(scales []Scale) (out []Lineup) {
	payloads := only(scales, func(s Scale) bool { return s.Axis == ByPayload })
	for _, group := range grouped(payloads, func(s Scale) sweepKey {
		s.Place.Task.Workload = ""
		return sweepKey{s.Place, fmt.Sprint(s.At)}
	}) {
		var own []Scale // the first scale of each workload
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
	l.Workloads = mapped(group, func(s Scale) string { return s.Place.Task.Workload })
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

// Name returns the title of the lineup: "file, mapped, send and shared side by side on 2 cores, by
// payload".
func (l Lineup) Name() string {
	p := l.Place
	p.Task.Workload = format.List(l.Workloads, "and") + " side by side"
	return p.String() + ", by payload"
}

// Label returns the label of the series with index k: its strategy and parameters. It omits the
// order of delivery, which the title contains.
func (l Lineup) Label(k int) string { return Brief(l.Who[k]) }

// Point returns the payload with index i as text.
func (l Lineup) Point(i int) string { return format.Bytes(l.At[i]) }

package profile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies/profiler"
)

const (
	shownTasks   = 10 // tasks of each worker in the part that a timeline shows
	mostTasks    = 40 // tasks of the worker that chooses the part, if other workers take fewer
	shownWorkers = 12
	shownHanders = 6
)

// handing are the stages of goroutines that hand tasks over.
var handing = []harness.BarKind{harness.BarTake, harness.BarEncode, harness.BarDecodeBack, harness.BarDeliver}

// executing are the stages of workers.
var executing = []harness.BarKind{harness.BarExecute}

// A lane is a line of a timeline: goroutines that worked one after another.
type lane []*strand

// lines returns the lines of a timeline from the strands of all processes, and the number of workers
// that have no line. Bars outside of the part between from and to are left out.
func lines(all []*strand, workers []lane, from, to float64) (out []harness.Line, left int) {
	handers := slices.DeleteFunc(packed(all, handing), func(l lane) bool { return l[0].does(executing) })
	for _, s := range all {
		if s.caller && !s.does(executing) && !s.does(handing) { // it only waits
			handers = append([]lane{{s}}, handers...)
		}
	}
	left = max(0, len(workers)-shownWorkers)
	shown := slices.Concat(handers[:min(len(handers), shownHanders)], workers[:len(workers)-left])
	for _, s := range all {
		if s.collector {
			shown = append(shown, lane{s})
		}
	}
	roles := map[string]int{}
	for _, l := range shown {
		roles[l.role()]++
	}
	seen := map[string]int{}
	for _, l := range shown {
		line := harness.Line{Name: l.role()}
		if seen[line.Name]++; roles[line.Name] > 1 {
			line.Name += fmt.Sprint(" ", seen[line.Name])
		}
		for _, s := range l {
			for _, b := range s.bars {
				if b.To >= from && b.From <= to {
					b.From, b.To = max(b.From, from), min(b.To, to)
					line.Bars = append(line.Bars, b)
				}
			}
		}
		if len(line.Bars) > 0 || !l[0].collector || l[0].process == profiler.Launch {
			out = append(out, line)
		}
	}
	return out, left
}

// role returns the name of a line without its number.
func (l lane) role() string {
	s := l[0]
	switch {
	case s.collector:
		return "GC of " + s.process
	case s.does(executing) && s.process != profiler.Launch:
		return "worker process " + s.process
	}
	var roles []string
	for _, r := range []struct {
		name string
		has  bool
	}{
		{"caller", s.caller},
		{"worker", s.does(executing)},
		{"dispatcher", s.does([]harness.BarKind{harness.BarTake, harness.BarEncode})},
		{"collector", s.does([]harness.BarKind{harness.BarDecodeBack, harness.BarDeliver})},
	} {
		if r.has {
			roles = append(roles, r.name)
		}
	}
	return strings.Join(roles, ", ")
}

// does reports whether the strand has a bar of one of the kinds.
func (s *strand) does(kinds []harness.BarKind) bool {
	return slices.ContainsFunc(s.bars, func(b harness.Bar) bool { return slices.Contains(kinds, b.Kind) })
}

// packed returns lanes for the strands that have bars of the kinds. Strands with the same role that had
// such bars one after another, as if each task has its own goroutine, share a lane.
func packed(all []*strand, kinds []harness.BarKind) (lanes []lane) {
	type extent struct {
		*strand
		role     string
		from, to float64
	}
	var those []extent
	for _, s := range all {
		if bars := s.of(kinds); len(bars) > 0 {
			those = append(those, extent{s, lane{s}.role(), bars[0].From, slices.MaxFunc(bars, func(a, b harness.Bar) int { return cmp.Compare(a.To, b.To) }).To})
		}
	}
	slices.SortStableFunc(those, func(a, b extent) int {
		return cmp.Or(strings.Compare(a.process, b.process), cmp.Compare(a.from, b.from))
	})
	var last []extent // by lane
	for _, e := range those {
		i := 0
		for i < len(lanes) && (last[i].process != e.process || last[i].role != e.role || last[i].to > e.from) {
			i++
		}
		if i == len(lanes) {
			lanes, last = append(lanes, nil), append(last, extent{})
		}
		lanes[i], last[i] = append(lanes[i], e.strand), e
	}
	return lanes
}

// of returns the bars of the strand that are of one of the kinds.
func (s *strand) of(kinds []harness.BarKind) []harness.Bar {
	return slices.DeleteFunc(slices.Clone(s.bars), func(b harness.Bar) bool { return !slices.Contains(kinds, b.Kind) })
}

// stretch chooses the part of a job to show. It considers a part from each task of the worker with most
// tasks on, which has at most 40 tasks of this worker. In most parts each worker takes ten tasks, unless
// it waits or has lost its core; stretch returns the share of these parts, and one of them of median
// length. If there are none, it returns a part of median length of all.
func stretch(workers []lane, makespan float64) (from, to, share float64) {
	tasks := make([][]harness.Bar, len(workers))
	busiest := 0
	for i, l := range workers {
		for _, s := range l {
			tasks[i] = append(tasks[i], s.of(executing)...)
		}
		if len(tasks[i]) > len(tasks[busiest]) {
			busiest = i
		}
	}
	first := tasks[busiest]
	if len(first) <= shownTasks {
		return 0, makespan, 1
	}
	var all, even [][2]float64
	for i := range first[shownTasks-1:] {
		from, last, each := first[i].From, first[min(i+mostTasks, len(first))-1].To, true
		to := from
		for _, bars := range tasks {
			at, _ := slices.BinarySearchFunc(bars, from, func(b harness.Bar, from float64) int { return cmp.Compare(b.From, from) })
			if at+shownTasks > len(bars) || bars[at+shownTasks-1].To > last {
				each = false
				continue
			}
			to = max(to, bars[at+shownTasks-1].To)
		}
		if all = append(all, [2]float64{from, to}); each {
			even = append(even, all[i])
		}
	}
	share = float64(len(even)) / float64(len(all))
	if len(even) > 0 {
		all = even
	}
	slices.SortStableFunc(all, func(a, b [2]float64) int { return cmp.Compare(a[1]-a[0], b[1]-b[0]) })
	from, to = all[len(all)/2][0], all[len(all)/2][1]
	margin := 0.02 * (to - from)
	return max(0, from-margin), min(makespan, to+margin), share
}

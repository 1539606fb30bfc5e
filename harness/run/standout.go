package run

import (
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// loopMost and pingPongMost are the largest factors by which the time of a control may differ, up
// or down, from the median of the launches of its turn. The time of the loop varies by a few per
// cent. The time of a round trip between two cores varies by 50 % while the machine is in one
// state, and jumps by a factor of five between states.
const (
	loopMost     = 1.2
	pingPongMost = 2.0
)

// talkMost decides whether the makespans of a turn depend on the time of a round trip between
// cores. A makespan counts as independent if the round trips of the turn differ by at most this
// fraction of a worker's time for a chunk. In measurements, handing over a chunk cost 0.2 to 0.6 of
// a round trip, so such a difference changes a makespan by about 1 %.
const talkMost = 0.03

// markControls sets [harness.MarkControl] on samples with an outlying control. A control is the
// time of fixed work in a launch. It is outlying if it differs too much from the median of the
// turn: the machine was then in another state during this launch. If a turn has only two launches
// to compare, markControls marks both or none, because either may be the outlier. It returns the
// samples that it marked.
//
// The time of the serial loop is a control of every launch. The time of a round trip between two
// cores is a control only of launches whose makespan depends on it. These are launches with small
// chunks: a worker's time for a chunk is not long compared with the difference between the round
// trips of the turn.
//
// For example, a hypervisor may move virtual cores every second or two, which changes a round trip
// from 100 ns to 500 ns. In recorded launches, this made a pool whose workers share a counter twice
// as slow for tasks of 100 ns, and 10 % slower for tasks of 1 µs. The direct loop, a single worker,
// and tasks of 100 µs became only 0.1 % slower, while two launches of the same cell differ by 1 %.
func markControls(turn []harness.Sample) (marked []harness.Sample) {
	differ := difference(turn, harness.UnitPingPong)
	depends := func(s harness.Sample) bool { return differ > talkMost*untilHandover(s) }
	all := func(harness.Sample) bool { return true }
	off := append(apart(turn, harness.UnitControl, loopMost, all), apart(turn, harness.UnitPingPong, pingPongMost, depends)...)
	for i := range turn {
		if s := &turn[i]; slices.Contains(off, i) && !slices.Contains(s.Marks, harness.MarkControl) {
			s.Marks = append(slices.Clone(s.Marks), harness.MarkControl)
			marked = append(marked, *s)
		}
	}
	return marked
}

// untilHandover returns the time in ns that a worker works on one chunk before it gets the next
// one. It returns +Inf for cells for which the run ignores round trips: the direct loop, a map with
// one worker, and chunks whose size changes during a job. It returns 0 if the time is unknown.
func untilHandover(s harness.Sample) float64 {
	c := s.Cell
	if c.Strategy == harness.Direct || c.Workers == 1 && c.Order == harness.MapOrder {
		return math.Inf(1)
	}
	perTask := s.Values[harness.UnitTask] * float64(c.Workers)
	chunk := c.Chunk.Constant(int(s.Values[harness.UnitTasks]), c.Workers)
	if perTask > 0 && chunk == 0 {
		return math.Inf(1)
	}
	return perTask * float64(chunk)
}

// difference returns the difference between the largest and the smallest value of a control in a
// turn. The argument unit is the unit of the control.
func difference(turn []harness.Sample, unit string) float64 {
	least, most := math.Inf(1), 0.0
	for _, s := range turn {
		if v := s.Values[unit]; v > 0 {
			least, most = min(least, v), max(most, v)
		}
	}
	return max(0, most-least)
}

// apart returns the indexes of those samples whose control has an outlying value: it differs from
// the median of the turn by more than the factor ratio. The argument unit is the unit of the
// control. apart considers only samples for which the function controls returns true.
func apart(turn []harness.Sample, unit string, ratio float64, controls func(harness.Sample) bool) (out []int) {
	var at []int
	var logs []float64
	for i, s := range turn {
		if v := s.Values[unit]; v > 0 && controls(s) {
			at, logs = append(at, i), append(logs, math.Log(v))
		}
	}
	if len(logs) < 2 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(logs))
	n, limit := len(sorted), math.Log(ratio)
	middle := (sorted[(n-1)/2] + sorted[n/2]) / 2
	if n == 2 { // the distance of each value to the middle is half the distance between the two values
		limit /= 2
	}
	for i, v := range logs {
		if math.Abs(v-middle) > limit {
			out = append(out, at[i])
		}
	}
	return out
}

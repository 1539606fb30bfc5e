package run

import (
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// How far, as a ratio to either side, a control may lie from the median of its turn. The
// loop is steady to a few per cent. The round trip between two cores has states that lie a
// factor of five apart, and varies by half within one.
const (
	loopMost     = 1.2
	pingPongMost = 2.0
)

// talkMost is the share of a worker's time for a chunk by which round trips may differ
// before the makespan depends on them. Handing over a chunk was seen to cost 0.2 to 0.6 of a round
// trip, so that a difference of this share moves a makespan by a hundredth or so.
const talkMost = 0.03

// markControls gives samples of one turn, the launches of one block that are compared with each
// other, the mark [harness.MarkControl] if one of their controls lies further from its median
// than it may: they were in effect measured on another machine than the others. Of two samples
// it marks both or none, since either may be the one that is off. It returns those that did not
// have the mark yet.
//
// The loop is a control of every launch. The round trip between two cores is a control of a
// launch whose makespan depends on it: whose workers share chunks so small that the difference
// between the round trips of this turn is felt. Virtual cores are moved by their hypervisor from
// neighbours to strangers every second or two, and a round trip of 100 ns becomes one of
// 500 ns; over some thousand recorded launches a pool that shares a counter over tasks of 100 ns then
// took twice as long, over tasks of 1 µs a tenth longer, while the direct loop, one worker, and
// tasks of 100 µs took the same time as before (0.1 % more, where two launches of the same lay
// 1 % apart). Launches that depend on it are compared with each other alone.
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

// untilHandover returns how long a worker is busy with one chunk, in ns. It is infinite where
// nothing is handed over, or chunks grow with their job, and 0 where it is not known.
func untilHandover(s harness.Sample) float64 {
	c := s.Cell
	if c.Strategy == harness.Direct || c.Workers == 1 && c.Order == harness.MapOrder {
		return math.Inf(1)
	}
	perTask := s.Values[harness.UnitTask] * float64(c.Workers)
	if perTask == 0 {
		return 0
	}
	chunk := c.Chunk.Constant(int(s.Values[harness.UnitTasks]), c.Workers)
	if chunk == 0 {
		return math.Inf(1)
	}
	return perTask * float64(chunk)
}

// difference returns by how much a control differs among the samples.
func difference(turn []harness.Sample, unit string) float64 {
	least, most := math.Inf(1), 0.0
	for _, s := range turn {
		if v := s.Values[unit]; v > 0 {
			least, most = min(least, v), max(most, v)
		}
	}
	return max(0, most-least)
}

// apart returns the indices of samples whose control lies further than a ratio from the median
// of all samples that it is a control of.
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
	if n == 2 { // each is half of their distance from the middle
		limit /= 2
	}
	for i, v := range logs {
		if math.Abs(v-middle) > limit {
			out = append(out, at[i])
		}
	}
	return out
}

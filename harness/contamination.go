package harness

import (
	"math"
	"slices"
)

// How far, as a ratio to either side, a control may lie from the median of its turn. The
// loop is steady to a few per cent. The round trip between two cores has states that lie a
// factor of five apart, and varies by half within one.
const (
	loopMost     = 1.2
	pingPongMost = 2.0
)

// StandOut returns which of the samples of one turn, the launches of one block that are
// compared with each other, were measured on another machine than the others, so to speak:
// those of whose controls one lies further from its median than it may. Of two samples it is
// both or none, since which of them is off cannot be told.
func StandOut(turn []Sample) []int {
	var out []int
	for unit, most := range map[string]float64{UnitControl: loopMost, UnitPingPong: pingPongMost} {
		var at []int
		var logs []float64
		for i, s := range turn {
			if v := s.Values[unit]; v > 0 {
				at, logs = append(at, i), append(logs, math.Log(v))
			}
		}
		if len(logs) < 2 {
			continue
		}
		sorted := slices.Sorted(slices.Values(logs))
		n, limit := len(sorted), math.Log(most)
		mid := (sorted[(n-1)/2] + sorted[n/2]) / 2
		if n == 2 { // each is half of their distance from the middle
			limit /= 2
		}
		for i, v := range logs {
			if math.Abs(v-mid) > limit {
				out = append(out, at[i])
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Contaminated reports whether a sample's marks say that the machine was not the launch's
// alone.
func (s Sample) Contaminated() bool {
	return slices.ContainsFunc(s.Marks, func(mark string) bool { return mark != MarkUnsettled })
}

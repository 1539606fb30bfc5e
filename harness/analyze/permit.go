package analyze

import (
	"math"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// permit returns a function that decides whether a comparison of makespans keeps its verdict. The
// function returns "" if the verdict stands, and otherwise the reason to withdraw it. There are two
// reasons:
//
//   - The A/A pairs in the class of one of the cells differ too much.
//   - CPU and idle time show that a strategy was faster only because it got more core time.
func permit(samples []harness.Sample, classes []ClassTwins, set Settings) func(k contest, c Comparison) Note {
	noisy := map[harness.Class]Note{}
	for _, c := range classes {
		noisy[c.Class] = c.Doubt
	}
	shares := tableOf(samples, set, ownTime)
	return func(k contest, c Comparison) Note {
		for _, cell := range []harness.Cell{k.a, k.b} {
			if doubt := noisy[harness.ClassOf(cell, set.Waits(cell.Workload))]; doubt != "" {
				return doubt
			}
		}
		if c.Verdict != Better && c.Verdict != Worse {
			return ""
		}
		// T·C of a launch is the sum of its CPU time, its idle time and the time that other processes
		// took. The first two must show more than half of the difference.
		own := fromLogs(logs(shares.pairs(k.a, k.b)), set.Confidence)
		if !own.Known() || (math.Log(own.Value)-k.limit)/math.Log(c.Ratio.Value) > 0.5 {
			return ""
		}
		return notef("two measures disagree: the ratio of makespans is %s, but the ratio of CPU time plus idle time is %s. Other processes took more core time from one of the two strategies",
			format.Number(c.Ratio.Value*math.Exp(k.limit), 3), format.Number(own.Value, 3))
	}
}

// ownTime returns the core time per task in ns, without the time that other processes took. The
// rest is CPU time and idle time.
func ownTime(s harness.Sample) float64 {
	return s.Values[harness.UnitTask] * float64(s.Cell.Cores) * (1 - s.Values[harness.UnitTaken])
}

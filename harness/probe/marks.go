package probe

import (
	"math"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// Limits above which a launch is contaminated. A clock tick is a tenth of the timed part of a short
// launch, so a single tick of steal does not count.
const (
	lostMost  = 0.01                  // share of the cores' time that was stolen or throttled
	countTick = 10 * time.Millisecond // resolution of the system's counts
	stealOnce = 1                     // number of ticks of steal that do not count
	takenOnce = 3                     // number of ticks of idle time that do not count
)

// Marks returns the marks for a launch with the given wall time and cores, from the observations of
// [Watch]: [harness.MarkSteal] and [harness.MarkThrottled].
func Marks(o Observation, wall time.Duration, cores int) (marks []string) {
	if stolen(o.Values[harness.UnitSteal], wall, cores) {
		marks = append(marks, harness.MarkSteal)
	}
	if o.Values[harness.UnitThrottled] > lostMost*float64(wall)*float64(cores) {
		marks = append(marks, harness.MarkThrottled)
	}
	return marks
}

// stolen reports whether the hypervisor took so much of the cores' time during a launch that the
// launch is contaminated. share is its part of this time.
func stolen(share float64, wall time.Duration, cores int) bool {
	return share > lostMost && math.Round(ticks(share, wall, cores)) > stealOnce
}

// Starved reports whether other processes took too much of the cores' time: whether share, their
// part of it, is above most. The time in which the launch's own threads waited for a core is no
// evidence, because a launch may have more busy threads than cores by design.
func Starved(share, most float64, wall time.Duration, cores int) bool {
	return share > most && ticks(share, wall, cores) > takenOnce
}

// ticks returns the share of the cores' time in clock ticks.
func ticks(share float64, wall time.Duration, cores int) float64 {
	return share * float64(wall) * float64(cores) / float64(countTick)
}

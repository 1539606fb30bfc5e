package probe

import (
	"math"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// Limits above which a launch is contaminated. In a short launch, one clock tick is a tenth of the
// timed part, so a single tick of steal (time that the hypervisor took) does not count.
const (
	lostMost  = 0.01                  // share of the cores' time that was stolen or throttled
	countTick = 10 * time.Millisecond // resolution of the system's counts
	stealOnce = 1                     // largest number of ticks of steal that does not count
	takenOnce = 3                     // largest number of ticks taken by other processes that does not count
)

// Marks returns those of the marks [harness.MarkSteal] and [harness.MarkThrottled] that apply to a
// launch. The argument o contains the observations that [Watch] made during the launch. The
// arguments wall and cores are the launch's wall time and its number of cores.
func Marks(o Observation, wall time.Duration, cores int) (marks []string) {
	if stolen(o.Values[harness.UnitSteal], wall, cores) {
		marks = append(marks, harness.MarkSteal)
	}
	if o.Values[harness.UnitThrottled] > lostMost*float64(wall)*float64(cores) {
		marks = append(marks, harness.MarkThrottled)
	}
	return marks
}

// stolen reports whether a launch is contaminated because the hypervisor took too much of the
// cores' time. The argument share is the part of this time that the hypervisor took.
func stolen(share float64, wall time.Duration, cores int) bool {
	return share > lostMost && math.Round(ticks(share, wall, cores)) > stealOnce
}

// Starved reports whether other processes took too much of the cores' time during a launch. The
// argument share is the part of this time that they took, and most is the largest part that is
// acceptable. Starved ignores how long the launch's own threads waited for a core, because a launch
// may have more busy threads than cores by design.
func Starved(share, most float64, wall time.Duration, cores int) bool {
	return share > most && ticks(share, wall, cores) > takenOnce
}

// ticks converts a share of the cores' time during a launch to a number of clock ticks.
func ticks(share float64, wall time.Duration, cores int) float64 {
	return share * float64(wall) * float64(cores) / float64(countTick)
}

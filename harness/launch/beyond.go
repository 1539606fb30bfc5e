package launch

import (
	"runtime"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/probe"
)

// beyond returns the CPU time of the jobs divided by their wall time. It leaves out the CPU time of
// garbage collection. The argument used has the CPU time, and times has the makespans. If the CPU
// time is unknown, beyond returns 0.
//
// In the direct loop, a result above 1 means that tasks use goroutines, threads or processes of
// their own. If such a goroutine computes after its task has returned, no measured time includes
// this work.
func beyond(used probe.Observation, times []time.Duration) float64 {
	cpu, wall := used.Values[harness.UnitCPU], nanoseconds(sum(times))
	cpu -= nanoseconds(meterMost) * float64(len(times))
	if cpu <= 0 || wall <= 0 {
		return 0
	}
	return cpu * (1 - used.Values[harness.UnitGCShare]) / wall
}

// workingLook is the longest time for which [working] observes the process. An idle process uses a
// core for less than the share workingMost of this time.
const (
	workingLook = 20 * time.Millisecond
	workingMost = 0.25
)

// working reports whether goroutines of tasks still compute after the last job. The argument before
// is the number of goroutines before the first job. If this process does not have more goroutines
// now, working returns at once.
func working(before int) bool {
	for range 2 {
		used, err := probe.Own()
		began := time.Now()
		for time.Since(began) < workingLook && runtime.NumGoroutine() > before {
			time.Sleep(time.Millisecond)
		}
		took := time.Since(began)
		after, endErr := probe.Own()
		if err != nil || endErr != nil || took < time.Millisecond || float64(after-used) < workingMost*float64(took) {
			return false
		}
		if runtime.NumGoroutine() <= before {
			return true
		}
		runtime.GC() // waits for a collection in progress, which computes too
	}
	return true
}

package launch

import (
	"runtime"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/probe"
)

// beyond returns the CPU time of the jobs, without that of garbage collection, divided by their wall time.
// The argument used has the CPU time, and times has the makespans. It returns 0 if the CPU time is unknown.
//
// In the direct loop, a larger result than 1 means that tasks use goroutines, threads or processes of
// their own. If these work on after the task has returned, that work is not part of any measured time.
func beyond(used probe.Observation, times []time.Duration) float64 {
	cpu, wall := used.Values[harness.UnitCPU], nanoseconds(sum(times))
	cpu -= nanoseconds(meterMost) * float64(len(times))
	if cpu <= 0 || wall <= 0 {
		return 0
	}
	return cpu * (1 - used.Values[harness.UnitGCShare]) / wall
}

// workingLook is the longest time for which [working] observes the process, and workingMost the share of
// this time in which an idle process may use a core.
const (
	workingLook = 20 * time.Millisecond
	workingMost = 0.25
)

// working reports whether goroutines of tasks compute although no job runs. The argument before is the
// number of goroutines before the first job. If there are not more now, working returns at once.
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

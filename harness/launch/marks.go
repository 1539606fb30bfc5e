package launch

import (
	"math"
	"os"
	"runtime"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/probe"
)

// When a launch is marked. A tick of steal is a tenth of the time that a short launch is
// timed for: a single one says nothing.
const (
	stealMost = 0.01                  // share of the cores' time
	stealTick = 10 * time.Millisecond // in which the system counts it
	stealOnce = 1                     // ticks that are not enough
	wallMost  = 1.1                   // times the CPU time

	throttledMost = stealMost // likewise, in which a control group had used up its quota
)

// machine are the items of what the machine did meanwhile, in which unit.
var machine = map[probe.Item]string{
	probe.Steal:     harness.UnitSteal,
	probe.Pressure:  harness.UnitPressure,
	probe.Throttled: harness.UnitThrottled,
	probe.Load:      harness.UnitLoad,
}

// watch begins to watch the machine. Stop puts what happened since into values, and into the
// result the reasons for what could not be seen and the marks for what was too much.
func watch() (stop func(r *harness.Result, values map[string]float64)) {
	began := time.Now()
	stopWatch := probe.Watch(os.Getpid())
	return func(r *harness.Result, values map[string]float64) {
		o, cores := stopWatch(), runtime.GOMAXPROCS(0)
		wall := time.Since(began)
		for item, unit := range machine {
			if v, ok := o.Values[item]; ok {
				values[unit] = v
			} else {
				absent(r, unit, o.Absent[item])
			}
		}
		if muchStolen(o.Values[probe.Steal], wall, cores) {
			r.Marks = append(r.Marks, harness.MarkSteal)
		}
		if o.Values[probe.Throttled] > throttledMost*nanoseconds(wall)*float64(cores) {
			r.Marks = append(r.Marks, harness.MarkThrottled)
		}
	}
}

// muchStolen judges the share of the time of so many cores that was stolen.
func muchStolen(share float64, wall time.Duration, cores int) bool {
	ticks := math.Round(share * float64(wall) * float64(cores) / float64(stealTick))
	return share > stealMost && ticks > stealOnce
}

// preempted reports whether jobs on one thread that only compute went without a core for
// longer than their own pauses explain.
func preempted(wall, cpu time.Duration) bool {
	return float64(wall) > wallMost*float64(cpu)
}

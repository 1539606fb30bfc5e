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

// watch begins to watch the machine. Stop records the observations since, and marks the
// launch if others took too much of the machine.
func (m *measurement) watch() (stop func()) {
	began := time.Now()
	stopWatch := probe.Watch(os.Getpid())
	return func() {
		o, cores := stopWatch(), runtime.GOMAXPROCS(0)
		wall := time.Since(began)
		m.report(o, 0)
		if muchStolen(o.Values[harness.UnitSteal], wall, cores) {
			m.Marks = append(m.Marks, harness.MarkSteal)
		}
		if o.Values[harness.UnitThrottled] > throttledMost*nanoseconds(wall)*float64(cores) {
			m.Marks = append(m.Marks, harness.MarkThrottled)
		}
	}
}

// muchStolen reports whether the stolen share of the time of so many cores is too much.
func muchStolen(share float64, wall time.Duration, cores int) bool {
	ticks := math.Round(share * float64(wall) * float64(cores) / float64(stealTick))
	return share > stealMost && ticks > stealOnce
}

// preempted reports whether jobs on one thread that only compute went without a core for
// longer than their own pauses explain.
func preempted(wall, cpu time.Duration) bool {
	return float64(wall) > wallMost*float64(cpu)
}

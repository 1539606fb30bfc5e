package launch

import (
	"math"
	"os"
	"runtime"
	"time"

	"github.com/payoff-bench/payoff/harness/probe"
)

// When a launch is marked. A tick of steal is a tenth of the time that a short launch is
// timed for: a single one says nothing.
const (
	stealMost = 0.01                  // share of the cores' time
	stealTick = 10 * time.Millisecond // in which the system counts it
	stealOnce = 1                     // ticks that are not enough
	wallMost  = 1.1                   // times the CPU time
)

// watch begins to watch the machine; stolen says whether too much of it went to others
// since. Where that cannot be observed it says no.
func watch() (stolen func() bool) {
	began := time.Now()
	stop := probe.Watch(os.Getpid())
	return func() bool {
		share, ok := stop().Values[probe.Steal]
		return ok && muchStolen(share, time.Since(began), runtime.GOMAXPROCS(0))
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

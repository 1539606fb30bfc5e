package launch

import (
	"math"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// A cpuTime is what a cpuClock measured: the sum is exact, the split is by ticks.
type cpuTime struct{ user, system, tick time.Duration }

// report puts the CPU time of each of so many tasks into values.
func (t cpuTime) report(tasks float64, values map[string]float64) {
	tick := nanoseconds(t.tick) / tasks
	values[harness.UnitCPU] = nanoseconds(t.user+t.system) / tasks
	values[harness.UnitUser] = rounded(nanoseconds(t.user)/tasks, tick)
	values[harness.UnitSystem] = rounded(nanoseconds(t.system)/tasks, tick)
}

// rounded returns v without the decimal digits that lie below the resolution.
func rounded(v, resolution float64) float64 {
	if resolution <= 0 {
		return v
	}
	digits := math.Floor(math.Log10(resolution))
	if digits < 0 { // dividing by a power of ten that is exact leaves no digits behind
		scale := math.Pow(10, -digits)
		return math.Round(v*scale) / scale
	}
	scale := math.Pow(10, digits)
	return math.Round(v/scale) * scale
}

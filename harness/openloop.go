package harness

import (
	"time"

	"github.com/payoff-bench/payoff/workloads"
)

// An open loop has at least fewestArrivals arrivals, unless it would then take longer than
// longestOpen.
const (
	fewestArrivals = 1000
	longestOpen    = 5 * time.Second
)

// FewestBeyond is the least number of response times above a percentile of an open loop. If fewer
// are above it, the percentile is too uncertain and is left out.
const FewestBeyond = 5

// Arrivals returns the number of tasks in an open loop, in which tasks arrive at the given rate per
// second. The loop lasts at least minTime. It is shorter only if it would otherwise have more than
// [workloads.OpenWindow] tasks.
func Arrivals(rate int, minTime time.Duration) int {
	within := func(d time.Duration) float64 { return float64(rate) * d.Seconds() }
	n := max(min(fewestArrivals, within(longestOpen)), within(minTime), 1)
	return int(min(n, workloads.OpenWindow))
}

// OpenTime returns how long an open loop takes on average. Tasks arrive in the loop at the given
// rate per second, for at least about minTime.
func OpenTime(rate int, minTime time.Duration) time.Duration {
	return time.Duration(Arrivals(rate, minTime)) * time.Second / time.Duration(rate)
}

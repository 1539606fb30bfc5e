package harness

import (
	"time"

	"github.com/payoff-bench/payoff/workloads"
)

// The least number of arrivals in an open loop. A loop shorter than longestOpen is extended to that
// number, but not beyond longestOpen.
const (
	fewestArrivals = 1000
	longestOpen    = 5 * time.Second
)

// FewestBeyond is the least number of responses above a percentile of an open loop's response times.
// If fewer lie above it, the percentile is not known.
const FewestBeyond = 5

// Arrivals returns the number of tasks that arrive in an open loop with the given rate in tasks per
// second and the given minimum time.
func Arrivals(rate int, minTime time.Duration) int {
	within := func(d time.Duration) float64 { return float64(rate) * d.Seconds() }
	n := max(min(fewestArrivals, within(longestOpen)), within(minTime), 1)
	return int(min(n, workloads.OpenWindow))
}

// OpenTime returns the mean time of an open loop with the given rate, in tasks per second, and
// minimum time.
func OpenTime(rate int, minTime time.Duration) time.Duration {
	return time.Duration(Arrivals(rate, minTime)) * time.Second / time.Duration(rate)
}

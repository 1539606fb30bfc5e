//go:build !linux

package probe

import (
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// Taken is not supported on this system: it reports its unit as absent.
func Taken(bool, int) (stop func() Observation) {
	return func() Observation {
		o := newObservation()
		o.put(harness.UnitTaken, 0, unsupported("the share of the cores that other processes take"))
		return o
	}
}

// Busy is not supported on this system: it returns an error.
func Busy(time.Duration) (float64, error) {
	return 0, unsupported("the share of the cores that other processes take")
}

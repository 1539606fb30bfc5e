//go:build !linux

package probe

import (
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// Taken measures nothing, because this system does not support it: the observation that stop
// returns has an error for [harness.UnitTaken].
func Taken(bool, int) (stop func() Observation) {
	return func() Observation {
		o := newObservation()
		o.put(harness.UnitTaken, 0, unsupported("the share of the cores that other processes take"))
		return o
	}
}

// Busy returns an error, because this system does not support it.
func Busy(time.Duration) (float64, error) {
	return 0, unsupported("the share of the cores that other processes take")
}

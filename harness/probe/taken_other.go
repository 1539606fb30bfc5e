//go:build !linux

package probe

import (
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// Taken measures nothing, because this system does not report the time that other processes take.
// The function stop returns an observation with an error for [harness.UnitTaken].
func Taken(bool, ...int) (stop func() Observation) {
	return func() Observation {
		o := newObservation()
		o.put(harness.UnitTaken, 0, unsupported("the share of the cores' time that other processes take"))
		return o
	}
}

// Busy returns an error, because on this system payoff cannot measure which cores other processes
// use.
func Busy(time.Duration) (float64, error) {
	return 0, unsupported("the share of the cores' time that other processes take")
}

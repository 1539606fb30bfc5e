package probe

import (
	"errors"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// Watch starts observing the machine: the cores and control groups of the process pid, in the units
// from [harness.UnitSteal] to [harness.UnitLoad]. Stop returns the changes since then, including
// those that the process itself caused, and may be called repeatedly.
//
// Watch and stop take some 400 µs each. Call them outside the timed section, around more than one
// job.
func Watch(pid int) (stop func() Observation) {
	s := openSite("/", pid)
	dirs, err := s.levels("cpu")
	if err != nil {
		err = fmt.Errorf("throttling: %w", err)
	}
	read := func() Observation { return s.counts(dirs, err) }
	began, from := time.Now(), read()
	return func() Observation {
		wall, to := float64(time.Since(began)), read()
		o := newObservation()
		for unit, share := range map[string]float64{harness.UnitSteal: wall * float64(len(s.cores)), harness.UnitPressure: wall, harness.UnitThrottled: 1} {
			// Some kernels later reduce the stolen time that they had counted.
			o.put(unit, max(0, to.Values[unit]-from.Values[unit])/share, errors.Join(from.Absent[unit], to.Absent[unit]))
		}
		o.put(harness.UnitLoad, from.Values[harness.UnitLoad], from.Absent[harness.UnitLoad])
		return o
	}
}

// counts reads the counters of the machine: times in ns since a fixed moment, and the load. dirs
// are the control groups that may be throttled; if they are unknown, err says why.
func (s site) counts(dirs []string, err error) Observation {
	o := newObservation()
	stolen, _, stolenErr := s.times()
	o.put(harness.UnitSteal, stolen*1e9, stolenErr)
	some, pressedErr := s.pressed()
	o.put(harness.UnitPressure, float64(some.Total)*1e3, pressedErr)
	one, _, loadErr := s.loadAverage()
	o.put(harness.UnitLoad, one, loadErr)
	var throttled time.Duration
	if err == nil {
		throttled, err = s.throttled(dirs)
	}
	o.put(harness.UnitThrottled, float64(throttled), err)
	return o
}

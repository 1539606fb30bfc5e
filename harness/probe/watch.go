package probe

import (
	"errors"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// Watch starts to observe the machine: steal, pressure and throttling of the cores and control
// groups of the process pid, and the load. The function stop returns how much steal, pressure and
// throttling there has been since the call of Watch, including what the process itself caused, and
// the load at that call. It may be called repeatedly.
//
// Watch and stop take about 400 µs each. Call them outside the timed section, around several jobs.
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

// counts reads the counters of the machine: the load, and times in ns since a fixed moment. dirs
// are the folders of the control groups whose throttling it reads. If they are unknown, err is the
// reason.
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

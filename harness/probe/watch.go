package probe

import (
	"errors"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// Watch starts to observe the machine for the process pid: steal, pressure and throttling of the
// process's cores and control groups, and the load. The function stop returns how much steal,
// pressure and throttling occurred since the call of Watch, including what the process pid itself
// caused. It also returns the load at the time of the call of Watch. Callers may call stop
// repeatedly.
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

// counts reads the machine's counters: the load, and the total times in ns of steal, pressure and
// throttling so far. The argument dirs lists the folders of the control groups whose throttling it
// reads. If these folders are unknown, the argument err is the reason.
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

package probe

import (
	"errors"
	"fmt"
	"time"
)

// Watch begins to observe the machine as the process pid has it, its cores and control
// groups; stop returns the changes since and may be called again.
//
// Watch and stop take some 400 µs each. They belong outside the clock, around more than one
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
		for item, share := range map[Item]float64{Steal: wall * float64(len(s.cores)), Pressure: wall, Throttled: 1} {
			// Some kernels take back a little of the time that they had counted as stolen.
			o.put(item, max(0, to.Values[item]-from.Values[item])/share, errors.Join(from.Absent[item], to.Absent[item]))
		}
		o.put(Load, from.Values[Load], from.Absent[Load])
		return o
	}
}

// counts reads the counters of the machine: times in ns since some fixed moment, and the load.
// Dirs are the control groups that may be throttled, unless they are not known for err.
func (s site) counts(dirs []string, err error) Observation {
	o := newObservation()
	stolen, _, stolenErr := s.times()
	o.put(Steal, stolen*1e9, stolenErr)
	some, pressedErr := s.pressed()
	o.put(Pressure, float64(some.Total)*1e3, pressedErr)
	one, _, loadErr := s.loadAverage()
	o.put(Load, one, loadErr)
	var throttled time.Duration
	if err == nil {
		throttled, err = s.throttled(dirs)
	}
	o.put(Throttled, float64(throttled), err)
	return o
}

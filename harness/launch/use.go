package launch

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/probe"
)

// report stores the values of an observation in the result. It divides values in units per task by
// tasks, the number of tasks observed.
func (m *measurement) report(o probe.Observation, tasks float64) {
	for unit, v := range o.Values {
		if strings.HasSuffix(unit, "/task") {
			v /= tasks
		}
		if unit == harness.UnitUser || unit == harness.UnitSystem {
			v = rounded(v, nanoseconds(probe.Tick())/tasks)
		}
		m.put(unit, v, nil)
	}
	for unit, err := range o.Absent {
		m.put(unit, 0, err)
	}
}

// put records a value or, if err is not nil, why the value is absent.
func (m *measurement) put(unit string, v float64, err error) {
	if err != nil {
		m.Absent[unit] = err.Error()
		return
	}
	m.Values[unit] = v
}

// reportIdle stores the unused core time of the timed jobs in the result.
func (m *measurement) reportIdle(o probe.Observation, times []time.Duration) {
	cpu, ok := o.Values[harness.UnitCPU]
	if !ok {
		m.put(harness.UnitIdle, 0, o.Absent[harness.UnitCPU])
		return
	}
	left, err := idle(sum(times), m.spec.Cell.Cores, time.Duration(cpu), len(times))
	m.put(harness.UnitIdle, nanoseconds(left)/float64(m.spec.Tasks*len(times)), err)
}

// meterMost is more than the CPU time that a [probe.Meter] itself adds to a job's: the meter begins
// before the clock and ends after it.
const meterMost = 100 * time.Microsecond

// idle returns the core time that jobs did not use. It returns an error if the CPU time exceeds the
// available core time by more than 1 % and the time of reading the clocks. wall is the sum of the
// makespans, because the median times the number of jobs would be wrong for unsteady jobs.
func idle(wall time.Duration, cores int, cpu time.Duration, jobs int) (time.Duration, error) {
	had := time.Duration(cores) * wall
	if over := cpu - had - time.Duration(jobs)*meterMost; over > had/100 {
		return 0, fmt.Errorf("idle time: jobs used %v of CPU time, but their %d cores had only %v: they were not pinned, or processes ran between jobs", cpu, cores, had)
	}
	return max(0, had-cpu), nil
}

// rounded returns v without decimal digits below the resolution.
func rounded(v, resolution float64) float64 {
	if resolution <= 0 {
		return v
	}
	digits := math.Floor(math.Log10(resolution))
	if digits < 0 { // dividing by an exact power of ten leaves no rounding digits
		scale := math.Pow(10, -digits)
		return math.Round(v*scale) / scale
	}
	scale := math.Pow(10, digits)
	return math.Round(v/scale) * scale
}

// memoryPause is the time between two readings of the memory: long compared with a reading, short
// compared with a job.
const memoryPause = 10 * time.Millisecond

// peak runs f and returns the peak memory of the process tree in bytes: the largest of several
// readings during f and one reading after f. The readings disturb f, so f must not be a timed job.
func peak(f func() error) (bytes int64, lookErr, err error) {
	ended := make(chan struct{})
	looked := make(chan struct{})
	look := func() {
		b, err := probe.PSS(os.Getpid())
		bytes, lookErr = max(bytes, b), err
	}
	go func() {
		defer close(looked)
		tick := time.NewTicker(memoryPause)
		defer tick.Stop()
		for lookErr == nil {
			select {
			case <-ended:
				return
			case <-tick.C:
				look()
			}
		}
	}()
	err = f()
	close(ended)
	<-looked
	if lookErr == nil {
		look()
	}
	return bytes, lookErr, err
}

// Limits above which a launch is contaminated. A clock tick is a tenth of the timed part of a short
// launch, so a single tick of steal does not count.
const (
	stealMost = 0.01                  // share of the cores' time that was stolen or throttled
	stealTick = 10 * time.Millisecond // resolution of the system's count
	stealOnce = 1                     // number of ticks of steal that do not count
	wallMost  = 1.1                   // wall time divided by CPU time

	takenMost = 0.1 // share of the cores' time that other processes take
	diskMost  = 0.5 // the same for tasks that use a disk, for which the kernel's own threads read and write
	takenOnce = 3   // number of ticks of idle time that do not count; they are as long as ticks of steal
)

// others starts measuring the share of the cores' time that other processes take. stop records the
// share, and marks the launch as starved if the share is too large.
func (m *measurement) others(processes bool) (stop func()) {
	began, stopTaken := time.Now(), probe.Taken(processes, m.spec.Serving)
	return func() {
		wall, o := time.Since(began), stopTaken()
		m.report(o, 0)
		most := takenMost
		if m.workload.OnDisk {
			most = diskMost
		}
		if starved(o.Values[harness.UnitTaken], most, wall, runtime.GOMAXPROCS(0)) {
			m.Marks = append(m.Marks, harness.MarkStarved)
		}
	}
}

// starved reports whether share, the part of the cores' time that other processes took, is above
// most. The waiting of the launch's own threads does not count: three processes on two cores wait
// for a core by design.
func starved(share, most float64, wall time.Duration, cores int) bool {
	ticks := share * float64(wall) * float64(cores) / float64(stealTick)
	return share > most && ticks > takenOnce
}

// watch starts watching the machine. Stop records the observations since then, and marks the launch
// if steal or throttling took too much of its time.
func (m *measurement) watch() (stop func()) {
	began := time.Now()
	stopWatch := probe.Watch(os.Getpid())
	return func() {
		o, cores := stopWatch(), runtime.GOMAXPROCS(0)
		wall := time.Since(began)
		m.report(o, 0)
		if muchStolen(o.Values[harness.UnitSteal], wall, cores) {
			m.Marks = append(m.Marks, harness.MarkSteal)
		}
		if o.Values[harness.UnitThrottled] > stealMost*nanoseconds(wall)*float64(cores) {
			m.Marks = append(m.Marks, harness.MarkThrottled)
		}
	}
}

// muchStolen reports whether a launch is contaminated because the hypervisor took too large a share
// of the cores' time.
func muchStolen(share float64, wall time.Duration, cores int) bool {
	ticks := math.Round(share * float64(wall) * float64(cores) / float64(stealTick))
	return share > stealMost && ticks > stealOnce
}

// preempted reports whether compute-bound jobs on one thread took much longer than their CPU time,
// because other work used the core.
func preempted(wall, cpu time.Duration) bool {
	return float64(wall) > wallMost*float64(cpu)
}

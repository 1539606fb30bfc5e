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

// report stores the observed values in the result. If a unit is per task, report divides the value
// by tasks, the number of tasks during the observation.
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

// put stores the value v of a unit in the result. If err is not nil, put stores instead that the
// value is absent because of err.
func (m *measurement) put(unit string, v float64, err error) {
	if err != nil {
		m.Absent[unit] = err.Error()
		return
	}
	m.Values[unit] = v
}

// reportIdle stores in the result how much core time the timed jobs left unused, per task. times
// holds the makespans of these jobs.
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

// idle returns the core time that jobs left unused: wall times cores, minus cpu. wall is the sum of
// the jobs' makespans, and cpu is their CPU time. If cpu is larger than wall times cores, beyond an
// error of measurement, idle returns an error.
func idle(wall time.Duration, cores int, cpu time.Duration, jobs int) (time.Duration, error) {
	had := time.Duration(cores) * wall
	if over := cpu - had - time.Duration(jobs)*meterMost; over > had/100 {
		return 0, fmt.Errorf("idle time: jobs used %v of CPU time, but their %d cores had only %v: they were not pinned, or processes ran between jobs", cpu, cores, had)
	}
	return max(0, had-cpu), nil
}

// rounded returns v rounded to the decimal digits that the resolution of its measurement justifies.
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

// peak runs f and returns the peak memory of the process tree, in bytes. The peak is the largest of
// several readings during f and one after f. The readings disturb f, so f must not be a timed job.
// lookErr is the error of a reading, and err is the error of f.
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

// Limits above which a launch is contaminated.
const (
	wallMost = 1.1 // wall time divided by CPU time

	takenMost = 0.1 // share of the cores' time that other processes take
	diskMost  = 0.5 // the same for tasks that use a disk, for which the kernel's own threads read and write
)

// others starts to measure which share of the cores' time other processes take. The function stop
// stores the share in the result, and marks the launch as starved if the share is too large. The
// flag processes says whether this launch may have child processes.
func (m *measurement) others(processes bool) (stop func()) {
	began, stopTaken := time.Now(), probe.Taken(processes, m.spec.Serving)
	return func() {
		wall, o := time.Since(began), stopTaken()
		m.report(o, 0)
		most := takenMost
		if m.workload.OnDisk {
			most = diskMost
		}
		if probe.Starved(o.Values[harness.UnitTaken], most, wall, runtime.GOMAXPROCS(0)) {
			m.Marks = append(m.Marks, harness.MarkStarved)
		}
	}
}

// watch starts to observe the machine; see [probe.Watch]. The function stop stores the observations
// in the result. It marks the launch if steal or throttling took too much of the cores' time.
func (m *measurement) watch() (stop func()) {
	began := time.Now()
	stopWatch := probe.Watch(os.Getpid())
	return func() {
		o, cores := stopWatch(), runtime.GOMAXPROCS(0)
		wall := time.Since(began)
		m.report(o, 0)
		m.Marks = append(m.Marks, probe.Marks(o, wall, cores)...)
	}
}

// preempted reports whether other work used the core of a job. A job that only computes, on one
// thread, takes as much wall time as CPU time, so preempted compares the two.
func preempted(wall, cpu time.Duration) bool {
	return float64(wall) > wallMost*float64(cpu)
}

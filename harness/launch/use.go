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

// report puts an observation over so many tasks into the result: amounts per task where the
// unit says so.
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

// put records a value or, if err is not nil, why it is absent.
func (m *measurement) put(unit string, v float64, err error) {
	if err != nil {
		m.Absent[unit] = err.Error()
		return
	}
	m.Values[unit] = v
}

// reportIdle puts the time into the result that the cores had left in timed jobs.
func (m *measurement) reportIdle(o probe.Observation, times []time.Duration) {
	cpu, ok := o.Values[harness.UnitCPU]
	if !ok {
		m.put(harness.UnitIdle, 0, o.Absent[harness.UnitCPU])
		return
	}
	left, err := idle(sum(times), m.spec.Cell.Cores, time.Duration(cpu), len(times))
	m.put(harness.UnitIdle, nanoseconds(left)/float64(m.spec.Tasks*len(times)), err)
}

// meterMost is above the CPU time that a [probe.Meter] counts besides that of a job: it begins
// before the clock and ends after it.
const meterMost = 100 * time.Microsecond

// idle returns the time of the cores that jobs, so many of which took wall, did not use. It
// is never below zero, but for the time that reading the clocks takes; more than that, and a
// hundredth, is an error. The makespans are added up, as CPU time is: the median of uneven
// jobs times their number is not the time that they took.
func idle(wall time.Duration, cores int, cpu time.Duration, jobs int) (time.Duration, error) {
	had := time.Duration(cores) * wall
	if over := cpu - had - time.Duration(jobs)*meterMost; over > had/100 {
		return 0, fmt.Errorf("idle time: jobs used %v of CPU time while their cores, %d, had %v: they were not kept to them, or processes ran between the jobs", cpu, cores, had)
	}
	return max(0, had-cpu), nil
}

// rounded returns v without the decimal digits that lie below the resolution.
func rounded(v, resolution float64) float64 {
	if resolution <= 0 {
		return v
	}
	digits := math.Floor(math.Log10(resolution))
	if digits < 0 { // dividing by a power of ten that is exact leaves no digits behind
		scale := math.Pow(10, -digits)
		return math.Round(v*scale) / scale
	}
	scale := math.Pow(10, digits)
	return math.Round(v/scale) * scale
}

// memoryPause is how long peak waits between two looks at the memory: long compared with a
// look, short compared with a job.
const memoryPause = 10 * time.Millisecond

// peak runs f and returns the most memory that the process tree held in several looks while
// it ran and one after it, in bytes. F is no timed job: the looks disturb it.
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

// When a launch is marked. A tick of steal is a tenth of the time that a short launch is
// timed for: a single one says nothing.
const (
	stealMost = 0.01                  // share of the cores' time
	stealTick = 10 * time.Millisecond // in which the system counts it
	stealOnce = 1                     // ticks that are not enough
	wallMost  = 1.1                   // times the CPU time

	throttledMost = stealMost // likewise, in which a control group had used up its quota

	takenMost = 0.1 // share of the cores' time that others take
	takenOnce = 3   // ticks of steal's clock, in which idle time is printed, that are not enough
)

// others begins to measure how much of the cores other processes take, and stop marks the
// launch as starved where that is too much.
func (m *measurement) others(processes bool) (stop func()) {
	began, stopTaken := time.Now(), probe.Taken(processes, m.spec.Serving)
	return func() {
		wall, o := time.Since(began), stopTaken()
		m.report(o, 0)
		if starved(o.Values[harness.UnitTaken], wall, runtime.GOMAXPROCS(0)) {
			m.Marks = append(m.Marks, harness.MarkStarved)
		}
	}
}

// starved reports whether the share that others took of the time of so many cores is too much.
// It is judged by the time of others alone: a tree of three processes on two cores waits for a
// core by design.
func starved(share float64, wall time.Duration, cores int) bool {
	ticks := share * float64(wall) * float64(cores) / float64(stealTick)
	return share > takenMost && ticks > takenOnce
}

// watch begins to watch the machine. Stop records the observations since, and marks the
// launch if others took too much of the machine.
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
		if o.Values[harness.UnitThrottled] > throttledMost*nanoseconds(wall)*float64(cores) {
			m.Marks = append(m.Marks, harness.MarkThrottled)
		}
	}
}

// muchStolen reports whether the stolen share of the time of so many cores is too much.
func muchStolen(share float64, wall time.Duration, cores int) bool {
	ticks := math.Round(share * float64(wall) * float64(cores) / float64(stealTick))
	return share > stealMost && ticks > stealOnce
}

// preempted reports whether jobs on one thread that only compute went without a core for
// longer than their own pauses explain.
func preempted(wall, cpu time.Duration) bool {
	return float64(wall) > wallMost*float64(cpu)
}

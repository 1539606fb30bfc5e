package launch

import (
	"fmt"
	"math"
	"os"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/probe"
)

// perTask are the items that a sample has per task, in which unit.
var perTask = map[probe.Item]string{
	probe.CPU:          harness.UnitCPU,
	probe.User:         harness.UnitUser,
	probe.System:       harness.UnitSystem,
	probe.Server:       harness.UnitServer,
	probe.Voluntary:    harness.UnitVoluntary,
	probe.Involuntary:  harness.UnitInvoluntary,
	probe.MinorFaults:  harness.UnitMinor,
	probe.MajorFaults:  harness.UnitMajor,
	probe.Waited:       harness.UnitWaited,
	probe.Allocs:       harness.UnitAllocs,
	probe.AllocBytes:   harness.UnitAllocBytes,
	probe.Pauses:       harness.UnitPauses,
	probe.Instructions: harness.UnitInstructions,
	probe.Cycles:       harness.UnitCycles,
	probe.CacheMisses:  harness.UnitCacheMisses,
}

// whole are those that it has as they are.
var whole = map[probe.Item]string{
	probe.GCShare: harness.UnitGCShare,
	probe.Latency: harness.UnitLatency,
}

// report puts what so many tasks used into the result, and why the rest is absent.
func report(o probe.Observation, tasks float64, r *harness.Result, values map[string]float64) {
	for item, v := range o.Values {
		if unit, ok := whole[item]; ok {
			values[unit] = v
			continue
		}
		v /= tasks
		if item == probe.User || item == probe.System {
			v = rounded(v, nanoseconds(probe.Tick())/tasks)
		}
		values[perTask[item]] = v
	}
	for item, err := range o.Absent {
		unit, ok := whole[item]
		if !ok {
			unit = perTask[item]
		}
		absent(r, unit, err)
	}
}

// reportIdle puts into values what the cores had left while jobs took so long.
func reportIdle(o probe.Observation, times []time.Duration, s harness.Spec, r *harness.Result, values map[string]float64) {
	cpu, ok := o.Values[probe.CPU]
	if !ok {
		absent(r, harness.UnitIdle, o.Absent[probe.CPU])
		return
	}
	left, err := idle(sum(times), s.Cell.Cores, time.Duration(cpu), len(times))
	if err != nil {
		absent(r, harness.UnitIdle, err)
		return
	}
	values[harness.UnitIdle] = nanoseconds(left) / float64(s.Tasks*len(times))
}

// meterMost is above what a [probe.Meter] counts beside a job: it begins before the clock and
// ends after it.
const meterMost = 100 * time.Microsecond

// idle returns the time of the cores that jobs, so many of which took wall, did not use. It
// is never below zero, but for what it takes to read the clocks; more than that, and a
// hundredth, is an error. The makespans are added up, as CPU time is: the median of uneven
// jobs times their number is not what they took.
func idle(wall time.Duration, cores int, cpu time.Duration, jobs int) (time.Duration, error) {
	had := time.Duration(cores) * wall
	if over := cpu - had - time.Duration(jobs)*meterMost; over > had/100 {
		return 0, fmt.Errorf("idle time: jobs used %v of CPU time while their cores, %d, had %v: they were not kept to them, or processes ran between the jobs", cpu, cores, had)
	}
	return max(0, had-cpu), nil
}

// absent notes why a unit has no value.
func absent(r *harness.Result, unit string, err error) {
	if r.Absent == nil {
		r.Absent = map[string]string{}
	}
	r.Absent[unit] = err.Error()
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

// memoryPause is how long peak waits between two looks at the memory: long beside what one
// takes, short beside a job.
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

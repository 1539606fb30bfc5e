package launch

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/probe"
)

// report stores the observed values in the result. If the unit of a value is per task, the
// observation holds the total over all tasks. So report divides it by tasks, the number of tasks
// during the observation.
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

// put stores the value v of a unit in the result. If err is not nil, put stores err as the reason
// why the unit has no value.
func (m *measurement) put(unit string, v float64, err error) {
	if err != nil {
		m.Absent[unit] = err.Error()
		return
	}
	m.Values[unit] = v
}

// reportIdle stores the idle time per task in the result: the core time that the timed jobs had and
// did not use. The argument times holds the makespans of these jobs.
func (m *measurement) reportIdle(o probe.Observation, times []time.Duration) {
	cpu, ok := o.Values[harness.UnitCPU]
	if !ok {
		m.put(harness.UnitIdle, 0, o.Absent[harness.UnitCPU])
		return
	}
	left, err := idle(sum(times), m.spec.Cell.Cores, time.Duration(cpu), len(times))
	m.put(harness.UnitIdle, nanoseconds(left)/float64(m.spec.Tasks*len(times)), err)
}

// meterMost is more than the CPU time that a [probe.Meter] itself adds to the CPU time of a job. It
// adds some, because it begins before and ends after the launch reads the clock for the makespan.
const meterMost = 100 * time.Microsecond

// idle returns the core time that the jobs did not use: the core time that they had (wall times
// cores) minus the core time that they used (cpu). The argument wall is the sum of the jobs'
// makespans. If the jobs used clearly more than they had, idle returns an error.
func idle(wall time.Duration, cores int, cpu time.Duration, jobs int) (time.Duration, error) {
	had := time.Duration(cores) * wall
	if over := cpu - had - time.Duration(jobs)*meterMost; over > had/100 {
		return 0, fmt.Errorf("idle time: jobs used %v of CPU time, but their %d cores had only %v: the processes were not pinned to the cores, or used CPU time between the jobs", cpu, cores, had)
	}
	return max(0, had-cpu), nil
}

// rounded rounds v to the decimal digits that are meaningful if v was measured with the given
// resolution.
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

// memoryPause is the time between two readings of the memory. It is long compared with a reading
// and short compared with a job.
const memoryPause = 10 * time.Millisecond

// peak runs the function f and returns the peak memory of the process tree, in bytes. It reads the
// memory several times during f and once after f, and takes the largest reading. The readings
// disturb f, so f must not run a timed job. The result lookErr is the error of a failed reading,
// and err is the error of f.
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

// servers returns the process ids of the servers of this launch: those of the workload and of the
// strategy.
func (m *measurement) servers() []int {
	return slices.DeleteFunc([]int{m.spec.Serving, m.spec.HubPID}, func(pid int) bool { return pid == 0 })
}

// others starts to measure the share of the cores' time that other processes take. The function
// stop stores this share in the result, and adds [harness.MarkStarved] if the share is too large.
// The flag processes says whether this launch may have child processes.
func (m *measurement) others(processes bool) (stop func()) {
	began, stopTaken := time.Now(), probe.Taken(processes, m.servers()...)
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
// in the result. If the hypervisor or a CPU quota took too much of the cores' time, stop also adds
// the mark for it.
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

// preempted reports whether other threads of the machine ran on the core of a job. The job must
// compute on one thread and never wait. Its wall time then equals its CPU time unless another
// thread takes the core.
func preempted(wall, cpu time.Duration) bool {
	return float64(wall) > wallMost*float64(cpu)
}

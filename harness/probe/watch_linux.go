package probe

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/harness/affinity"
)

// Watch begins to observe the machine as the process pid has it, its cores and control
// groups; stop returns what happened since and may be called again.
//
// Watch and stop take some 400 µs each. They belong outside the clock, around more than one
// job.
func Watch(pid int) (stop func() Observation) {
	m := openMachineClock(pid)
	machine := m.read()
	return func() Observation {
		o := newObservation()
		m.observe(o, machine)
		return o
	}
}

// A machineClock reads the counters of the machine and of the control groups of a process.
type machineClock struct {
	proc     procfs.FS
	procErr  error
	cores    []int // the process's
	coresErr error
	quotas   []string // cpu.stat files
	quotaErr error
}

// A machineTime is what a machineClock reads: times since some fixed moment.
type machineTime struct {
	at        time.Time
	steal     time.Duration // summed over the process's cores
	stealErr  error
	stalled   time.Duration
	stallErr  error
	throttled time.Duration
	quotaErr  error
	load      float64
	loadErr   error
}

func openMachineClock(pid int) *machineClock {
	m := &machineClock{}
	m.proc, m.procErr = procfs.NewDefaultFS()
	m.cores, m.coresErr = affinity.Cores(pid)
	if m.procErr == nil {
		m.quotas, m.quotaErr = quotaFiles(m.proc, pid)
	}
	return m
}

func (m *machineClock) read() (t machineTime) {
	t.at = time.Now()
	if m.procErr != nil {
		t.stealErr, t.stallErr, t.quotaErr, t.loadErr = m.procErr, m.procErr, m.procErr, m.procErr
		return t
	}
	t.steal, t.stealErr = m.stolen()
	if p, err := m.proc.PSIStatsForResource("cpu"); err != nil {
		t.stallErr = err
	} else if p.Some == nil {
		t.stallErr = errors.New("/proc/pressure/cpu: no line of some")
	} else {
		t.stalled = time.Duration(p.Some.Total) * time.Microsecond
	}
	t.throttled, t.quotaErr = throttled(m.quotas)
	t.quotaErr = errors.Join(m.quotaErr, t.quotaErr)
	if l, err := m.proc.LoadAvg(); err != nil {
		t.loadErr = err
	} else {
		t.load = l.Load1
	}
	return t
}

// stolen returns the steal time of the process's cores.
func (m *machineClock) stolen() (time.Duration, error) {
	if m.coresErr != nil {
		return 0, m.coresErr
	}
	stat, err := m.proc.Stat()
	if err != nil {
		return 0, err
	}
	var seconds float64
	for _, core := range m.cores {
		c, ok := stat.CPU[int64(core)]
		if !ok {
			return 0, fmt.Errorf("/proc/stat: no line of cpu%d", core)
		}
		seconds += c.Steal
	}
	return time.Duration(seconds * 1e9), nil
}

func (m *machineClock) observe(o Observation, from machineTime) {
	to := m.read()
	wall := float64(to.at.Sub(from.at))
	// Some kernels take back a little of what they had counted as stolen.
	o.put(Steal, max(0, float64(to.steal-from.steal))/wall/float64(len(m.cores)), errors.Join(from.stealErr, to.stealErr))
	o.put(Pressure, float64(to.stalled-from.stalled)/wall, errors.Join(from.stallErr, to.stallErr))
	o.put(Throttled, float64(to.throttled-from.throttled), errors.Join(from.quotaErr, to.quotaErr))
	o.put(Load, from.load, from.loadErr)
}

// PSS returns the memory that the process pid and all below it hold, in bytes, pages that
// several share counted in equal parts. It is what they hold now: a peak is the largest
// of several calls at moments when much is in flight.
//
// It takes 20 µs for each process on the machine and 250 µs for each below pid, and more for
// those with much memory, which meanwhile cannot map any: it belongs outside the clock.
func PSS(pid int) (int64, error) {
	fs, err := procfs.NewDefaultFS()
	if err != nil {
		return 0, err
	}
	all, err := Descendants(pid)
	if err != nil {
		return 0, err
	}
	all = append(all, pid)
	var sum int64
	for _, p := range all {
		proc, err := fs.Proc(p)
		if err == nil {
			var s procfs.ProcSMapsRollup
			s, err = proc.ProcSMapsRollup()
			sum += int64(s.Pss)
		}
		if p != pid && (errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ESRCH)) {
			continue // it ended: it holds nothing
		}
		if err != nil {
			return 0, fmt.Errorf("memory of process %d: %w", p, err)
		}
	}
	return sum, nil
}

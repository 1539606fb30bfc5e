package probe

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/harness"
)

// A tree is the state of a process and all below it when it was opened.
type tree struct {
	pid       int
	times     map[int]cpuTime // by process
	timesErr  error
	switches  map[int]uint64 // by thread, or by process for this one
	switchErr error
}

// A cpuTime is the CPU time of a process since it began. Run is what the scheduler counted,
// exact in ns; user and both are the kernel's accounting of user time and of all.
type cpuTime struct{ run, user, both time.Duration }

func (c *cpuTime) add(d cpuTime) {
	c.run += d.run
	c.user += d.user
	c.both += d.both
}

// family returns pid and all processes below it.
func family(pid int) ([]int, error) {
	below, err := harness.Descendants(pid)
	return append([]int{pid}, below...), err
}

func openTree(pid int) *tree {
	t := &tree{pid: pid, times: map[int]cpuTime{}, switches: map[int]uint64{}}
	all, err := family(pid)
	if err != nil {
		t.timesErr, t.switchErr = err, err
		return t
	}
	t.switchErr = t.eachSwitch(all, func(id int, n uint64) { t.switches[id] = n })
	// Last, so that all the rest is not counted.
	for _, p := range all {
		if t.times[p], err = readCPU(p); err != nil {
			if p != pid && errors.Is(err, unix.EINVAL) {
				delete(t.times, p) // it ended
				continue
			}
			t.timesErr = err
		}
	}
	return t
}

func (t *tree) observe(o Observation) {
	// First, so that all the rest is not counted.
	sum, cpuErr := t.used()
	all, err := family(t.pid)
	for _, p := range all {
		if _, old := t.times[p]; old {
			continue
		}
		if now, err := readCPU(p); err == nil { // else it ended at once, and what it used is not known
			sum.add(now)
		}
	}
	if cpuErr == nil && err == nil && sum.both <= 0 {
		cpuErr = errors.New("cpu time: shorter than what the kernel accounts for")
	}
	cpuErr = errors.Join(cpuErr, err)
	user := float64(sum.run) * float64(sum.user) / float64(sum.both)
	o.put(User, user, cpuErr)
	o.put(System, float64(sum.run)-user, cpuErr)

	var n uint64
	err = errors.Join(t.switchErr, err)
	if err == nil {
		err = t.eachSwitch(all, func(id int, now uint64) { n += now - min(now, t.switches[id]) })
	}
	o.put(Involuntary, float64(n), err)
}

// used returns the CPU time since the tree was opened of the processes that were in it. One
// that ended meanwhile took its time with it, so there is none then.
func (t *tree) used() (sum cpuTime, err error) {
	for p, was := range t.times {
		now, err := readCPU(p)
		if err != nil || now.run < was.run {
			return sum, fmt.Errorf("cpu time: process %d ended meanwhile", p)
		}
		sum.add(cpuTime{now.run - was.run, now.user - was.user, now.both - was.both})
	}
	return sum, t.timesErr
}

// readCPU reads the CPU clocks of a process, see clock_getcpuclockid(3): a clock is the
// complement of the pid shifted by three, and which (the kernel's posix-timers.h).
func readCPU(pid int) (c cpuTime, err error) {
	const both, user, run = 0, 1, 2
	for which, d := range []*time.Duration{both: &c.both, user: &c.user, run: &c.run} {
		var ts unix.Timespec
		if err := unix.ClockGettime(int32(^pid<<3|which), &ts); err != nil {
			return cpuTime{}, fmt.Errorf("cpu clock of process %d: %w", pid, err)
		}
		*d = time.Duration(ts.Nano())
	}
	return c, nil
}

// eachSwitch calls f with the involuntary switches so far of this process as a whole and
// of each thread of the others; of those, threads that ended are lost.
func (t *tree) eachSwitch(pids []int, f func(id int, n uint64)) error {
	fs, err := procfs.NewDefaultFS()
	if err != nil {
		return err
	}
	for _, p := range pids {
		if p == os.Getpid() {
			var u unix.Rusage
			if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
				return fmt.Errorf("getrusage: %w", err)
			}
			f(p, uint64(u.Nivcsw))
			continue
		}
		threads, err := fs.AllThreads(p)
		if err != nil {
			if p == t.pid || !gone(err) {
				return fmt.Errorf("threads of process %d: %w", p, err)
			}
			continue
		}
		for _, th := range threads {
			s, err := th.NewStatus()
			switch {
			case err == nil:
				f(th.PID, s.NonVoluntaryCtxtSwitches)
			case !gone(err):
				return fmt.Errorf("status of thread %d: %w", th.PID, err)
			}
		}
	}
	return nil
}

// gone reports whether err says that a process or a thread has ended.
func gone(err error) bool { return errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ESRCH) }

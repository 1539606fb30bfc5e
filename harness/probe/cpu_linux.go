package probe

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/harness"
)

// openGauges opens those about the process tree.
func openGauges(processes bool) []gauge {
	t := openTree(processes)
	use := openUse(t)
	counters := openCounters(t)
	return []gauge{openCPU(t), counters, use}
}

// Tick is the step in which the kernel tells user from system time.
func Tick() time.Duration {
	var tick unix.Timespec // the coarse clock goes by it
	if err := unix.ClockGetres(unix.CLOCK_REALTIME_COARSE, &tick); err != nil {
		return 0
	}
	return time.Duration(tick.Nano())
}

// A tree is this process and those below it when it was opened.
type tree struct {
	processes bool // there may be some
	self      int
	below     []int // ascending
	err       error // why they are not known
}

func openTree(processes bool) *tree {
	t := &tree{processes: processes, self: os.Getpid()}
	if processes {
		t.below, t.err = harness.Descendants(t.self)
		slices.Sort(t.below)
	}
	return t
}

// same returns nil if the processes are those that they were.
func (t *tree) same() error {
	if t.err != nil || !t.processes {
		return t.err
	}
	below, err := harness.Descendants(t.self)
	if err != nil {
		return err
	}
	slices.Sort(below)
	if !slices.Equal(below, t.below) {
		return errors.New("processes came or went meanwhile, so that what they used cannot be told")
	}
	return nil
}

// A cpuTime is the CPU time of a process since it began. Run is what the scheduler counted,
// exact in ns; user and both are the kernel's accounting of user time and of all.
type cpuTime struct{ run, user, both time.Duration }

func (c cpuTime) plus(d cpuTime) cpuTime {
	return cpuTime{c.run + d.run, c.user + d.user, c.both + d.both}
}

func (c cpuTime) minus(d cpuTime) cpuTime {
	return cpuTime{c.run - d.run, c.user - d.user, c.both - d.both}
}

// A cpuGauge adds up CPU time.
type cpuGauge struct {
	tree   *tree
	before cpuTime // the stretch
	total  cpuTime
	ended  cpuTime // of processes that had ended when it was opened
	err    error
}

func openCPU(t *tree) *cpuGauge {
	g := &cpuGauge{tree: t}
	g.ended, g.err = endedCPU()
	return g
}

func (g *cpuGauge) begin() { g.before = g.read() }
func (g *cpuGauge) end()   { g.total = g.total.plus(g.read().minus(g.before)) }

// read returns the time of the processes that there were at the beginning.
func (g *cpuGauge) read() (sum cpuTime) {
	own, err := readCPU(g.tree.self)
	for _, p := range g.tree.below {
		c, e := readCPU(p)
		own, err = own.plus(c), errors.Join(err, e)
	}
	if g.err == nil {
		g.err = err
	}
	return own
}

func (g *cpuGauge) close(o Observation) {
	err := errors.Join(g.err, g.tree.same())
	if ended, e := endedCPU(); g.tree.processes {
		g.total, err = g.total.plus(ended.minus(g.ended)), errors.Join(err, e)
	}
	o.put(CPU, float64(g.total.run), err)
	if err == nil && g.total.both <= 0 {
		err = errors.New("user and system time: less than what the kernel accounts for")
	}
	// The clocks are read one after the other, and a tick may fall between.
	user := float64(g.total.run) * float64(min(g.total.user, g.total.both)) / float64(g.total.both)
	o.put(User, user, err)
	o.put(System, float64(g.total.run)-user, err)
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

// processCPU is what the scheduler counted of a process so far.
func processCPU(pid int) (time.Duration, error) {
	c, err := readCPU(pid)
	return c.run, err
}

// endedCPU returns the time of the processes that this one has waited for. The kernel
// scales user and system time so that they add up to what the scheduler counted.
func endedCPU() (c cpuTime, err error) {
	u, err := rusage(unix.RUSAGE_CHILDREN)
	c.user = time.Duration(u.Utime.Nano())
	c.both = c.user + time.Duration(u.Stime.Nano())
	c.run = c.both
	return c, err
}

func rusage(who int) (u unix.Rusage, err error) {
	if err := unix.Getrusage(who, &u); err != nil {
		return u, fmt.Errorf("getrusage: %w", err)
	}
	return u, nil
}

package probe

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/harness"
)

// Tick returns the resolution with which the kernel reports the user and system times of processes.
func Tick() time.Duration {
	var tick unix.Timespec // the coarse clock has the same resolution
	if err := unix.ClockGetres(unix.CLOCK_REALTIME_COARSE, &tick); err != nil {
		return 0
	}
	return time.Duration(tick.Nano())
}

// Own returns the CPU time that this process has used so far.
func Own() (time.Duration, error) {
	c, err := readCPU(os.Getpid())
	return time.Duration(c[run]), err
}

// A cpuGauge measures the CPU time of this process and its descendants. It adds up the time between
// each call of begin and the next call of end. But if descendants start or end while the gauge is
// open, it counts the time of all descendants from its opening to its close.
type cpuGauge struct {
	tree       *tree
	own, below stretch
	ended      amounts // at opening: CPU time of child processes that had ended
	others     amounts // at opening: CPU time of all other processes of the tree, see othersCPU
	err, opErr error   // errors of reading ended and others
}

func openCPU(t *tree) *cpuGauge {
	g := &cpuGauge{tree: t}
	g.own.read = func() (amounts, error) {
		// While a CPU profile runs, the clock of a process lags by up to a tick for each running
		// thread. This call brings the time of the calling thread up to date.
		if _, err := rusage(unix.RUSAGE_SELF); err != nil {
			return amounts{}, err
		}
		return readCPU(t.self)
	}
	g.below.read = func() (amounts, error) { return sumCPU(t.below) }
	g.ended, g.err = endedCPU()
	if t.processes {
		g.others, g.opErr = othersCPU(t.self)
	}
	return g
}

func (g *cpuGauge) begin() { g.own.begin(); g.below.begin() }
func (g *cpuGauge) end()   { g.own.end(); g.below.end() }

func (g *cpuGauge) close(o Observation) {
	total, err := g.own.sum, errors.Join(g.err, g.own.err, g.tree.err)
	switch {
	case !g.tree.processes:
	case g.below.err == nil && g.tree.same() == nil:
		ended, e := endedCPU()
		total, err = total.plus(g.below.sum).plus(ended.minus(g.ended)), errors.Join(err, e)
	default:
		others, e := othersCPU(g.tree.self)
		total, err = total.plus(others.minus(g.others)), errors.Join(err, e, g.opErr, g.tree.noneWaited())
	}
	o.put(harness.UnitCPU, total[run], err)
	if err == nil && total[both] <= 0 {
		err = errors.New("user and system time: the process used too little CPU time for the operating system to report it")
	}
	// The clocks are read one after the other, and a tick may fall between the readings. The share
	// is computed before the product, because rounding could else leave a negative system time.
	inUser := total[run] * min(1, total[user]/total[both])
	o.put(harness.UnitUser, inUser, err)
	o.put(harness.UnitSystem, total[run]-inUser, err)
}

// othersCPU returns the CPU time that the descendants of this process have used so far. It includes
// running descendants, and ended processes that this process has waited for. The argument self is
// the id of this process.
func othersCPU(self int) (amounts, error) {
	const patience = 20 // attempts, since a process may end between being listed and being read
	for range patience {
		before, err := endedCPU()
		if err != nil {
			return before, err
		}
		below, err := Descendants(self)
		if err != nil {
			return before, err
		}
		sum, err := sumCPU(below)
		if after, _ := endedCPU(); err == nil && after == before {
			return before.plus(sum), nil
		}
	}
	return amounts{}, errors.New("processes started and ended all the time, so their CPU time is unknown")
}

// readCPU returns the CPU times of a process. It reads them from the CPU clocks of the process; see
// clock_getcpuclockid(3). The id of such a clock is the complement of the process id, shifted left
// by three bits, plus the kind of clock; see posix-timers.h in the kernel's source.
func readCPU(pid int) (c amounts, err error) {
	for which, i := range []int{both, user, run} { // CPUCLOCK_PROF, CPUCLOCK_VIRT, CPUCLOCK_SCHED
		var ts unix.Timespec
		if err := unix.ClockGettime(int32(^pid<<3|which), &ts); err != nil {
			return amounts{}, fmt.Errorf("cpu clock of process %d: %w", pid, err)
		}
		c[i] = float64(ts.Nano())
	}
	return c, nil
}

// endedCPU returns the CPU time of the ended processes that this process has waited for. The sum of
// their user and system time is exact, because the kernel derives both from the time that its
// scheduler measured.
func endedCPU() (c amounts, err error) {
	u, err := rusage(unix.RUSAGE_CHILDREN)
	c[user] = float64(u.Utime.Nano())
	c[both] = c[user] + float64(u.Stime.Nano())
	c[run] = c[both]
	return c, err
}

func rusage(who int) (u unix.Rusage, err error) {
	if err := unix.Getrusage(who, &u); err != nil {
		return u, fmt.Errorf("getrusage: %w", err)
	}
	return u, nil
}

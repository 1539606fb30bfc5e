package probe

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/harness"
)

// Tick is the step in which the kernel splits user and system time.
func Tick() time.Duration {
	var tick unix.Timespec // the coarse clock goes by it
	if err := unix.ClockGetres(unix.CLOCK_REALTIME_COARSE, &tick); err != nil {
		return 0
	}
	return time.Duration(tick.Nano())
}

// A cpuGauge adds up CPU time: of this process from begin to end, of those below it likewise
// or, where they are not the same at the end, from its opening to its close.
type cpuGauge struct {
	tree       *tree
	own, below stretch
	ended      amounts // when it was opened: of processes that had ended
	others     amounts // and of all that came from this one
	err, opErr error   // of ended and of others
}

func openCPU(t *tree) *cpuGauge {
	g := &cpuGauge{tree: t}
	g.own.read = func() (amounts, error) { return readCPU(t.self) }
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
		total, err = total.plus(others.minus(g.others)), errors.Join(err, e, g.opErr, g.tree.childless())
	}
	o.put(harness.UnitCPU, total[run], err)
	if err == nil && total[both] <= 0 {
		err = errors.New("user and system time: less than what the kernel accounts for")
	}
	// The clocks are read one after the other, and a tick may fall between.
	inUser := total[run] * min(total[user], total[both]) / total[both]
	o.put(harness.UnitUser, inUser, err)
	o.put(harness.UnitSystem, total[run]-inUser, err)
}

// othersCPU returns the time of all processes that came from this one so far: of those below
// it, and of those that it waited for.
func othersCPU(self int) (amounts, error) {
	const patience = 20 // times that one may end between being found and being read
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
	return amounts{}, errors.New("processes came and went all the time, so that what they used cannot be told")
}

func sumCPU(pids []int) (sum amounts, err error) {
	for _, pid := range pids {
		c, e := readCPU(pid)
		sum, err = sum.plus(c), errors.Join(err, e)
	}
	return sum, err
}

// readCPU reads the CPU clocks of a process, see clock_getcpuclockid(3): a clock is the
// complement of the pid shifted by three, and which (the kernel's posix-timers.h).
func readCPU(pid int) (c amounts, err error) {
	for which, i := range []int{both, user, run} { // in the kernel's order
		var ts unix.Timespec
		if err := unix.ClockGettime(int32(^pid<<3|which), &ts); err != nil {
			return amounts{}, fmt.Errorf("cpu clock of process %d: %w", pid, err)
		}
		c[i] = float64(ts.Nano())
	}
	return c, nil
}

// endedCPU returns the time of the processes that this one has waited for. The kernel
// scales user and system time so that they add up to the scheduler's time.
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

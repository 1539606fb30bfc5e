package probe

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
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
	below     []int          // ascending
	heirs     map[int]uint64 // page faults of processes that each of them waited for
	err       error          // why they are not known
}

func openTree(processes bool) *tree {
	t := &tree{processes: processes, self: os.Getpid()}
	if processes {
		t.below, t.err = Descendants(t.self)
		slices.Sort(t.below)
		t.heirs = heirs(t.below)
	}
	return t
}

// heirs returns how many page faults were made by the processes that each of these waited
// for, which is more each time: what such a process used is known to who waited alone.
func heirs(pids []int) map[int]uint64 {
	all := map[int]uint64{}
	for _, pid := range pids {
		var s procfs.ProcStat
		p, err := procfs.NewProc(pid)
		if err == nil {
			s, err = p.Stat()
		}
		if err == nil { // else it ended
			all[pid] = uint64(s.CMinFlt)
		}
	}
	return all
}

// same returns nil if the processes are those that they were.
func (t *tree) same() error {
	if t.err != nil || !t.processes {
		return t.err
	}
	below, err := Descendants(t.self)
	if err != nil {
		return err
	}
	slices.Sort(below)
	if !slices.Equal(below, t.below) {
		return errors.New("processes came or went meanwhile, so that what they used cannot be told")
	}
	return t.childless()
}

// childless returns nil if none of the processes below had processes of its own that ended.
func (t *tree) childless() error {
	for pid, now := range heirs(t.below) {
		if now != t.heirs[pid] {
			return fmt.Errorf("process %d waited for processes of its own, so that what they used cannot be told", pid)
		}
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

// A cpuGauge adds up CPU time: of this process from begin to end, of those below it likewise
// or, where they are not the same at the end, from its opening to its close.
type cpuGauge struct {
	tree             *tree
	own, below       cpuTime
	before, beneath  cpuTime // the stretch: when it began
	ended            cpuTime // of processes that had ended when it was opened
	others           cpuTime // of those and of the ones below
	err              error
	belowErr, allErr error // of below and of others
}

func openCPU(t *tree) *cpuGauge {
	g := &cpuGauge{tree: t}
	g.ended, g.err = endedCPU()
	if t.processes {
		g.others, g.allErr = othersCPU(t.self)
	}
	return g
}

func (g *cpuGauge) begin() { g.before, g.beneath = g.read() }

func (g *cpuGauge) end() {
	own, below := g.read()
	g.own, g.below = g.own.plus(own.minus(g.before)), g.below.plus(below.minus(g.beneath))
}

// read returns the time of this process and of those that there were below at the beginning.
func (g *cpuGauge) read() (own, below cpuTime) {
	own, err := readCPU(g.tree.self)
	if g.err == nil {
		g.err = err
	}
	for _, p := range g.tree.below {
		c, err := readCPU(p)
		below = below.plus(c)
		if g.belowErr == nil {
			g.belowErr = err
		}
	}
	return own, below
}

func (g *cpuGauge) close(o Observation) {
	total, err := g.own, errors.Join(g.err, g.tree.err)
	switch {
	case !g.tree.processes:
	case g.belowErr == nil && g.tree.same() == nil:
		ended, e := endedCPU()
		total, err = total.plus(g.below).plus(ended.minus(g.ended)), errors.Join(err, e)
	default:
		others, e := othersCPU(g.tree.self)
		total, err = total.plus(others.minus(g.others)), errors.Join(err, e, g.allErr, g.tree.childless())
	}
	o.put(CPU, float64(total.run), err)
	if err == nil && total.both <= 0 {
		err = errors.New("user and system time: less than what the kernel accounts for")
	}
	// The clocks are read one after the other, and a tick may fall between.
	user := float64(total.run) * float64(min(total.user, total.both)) / float64(total.both)
	o.put(User, user, err)
	o.put(System, float64(total.run)-user, err)
}

// othersCPU returns the time of all processes that came from this one so far: of those below
// it, and of those that it waited for.
func othersCPU(self int) (sum cpuTime, err error) {
	const patience = 20 // times that one may end between being found and being read
	for range patience {
		var before, after cpuTime
		if before, err = endedCPU(); err != nil {
			return sum, err
		}
		below, err := Descendants(self)
		if err != nil {
			return sum, err
		}
		sum = before
		for _, pid := range below {
			c, e := readCPU(pid)
			sum, err = sum.plus(c), errors.Join(err, e)
		}
		if after, _ = endedCPU(); err == nil && after == before {
			return sum, nil
		}
	}
	return sum, errors.New("processes came and went all the time, so that what they used cannot be told")
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

package launch

import (
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/harness"
)

// A cpuClock adds up the CPU time of this process and all below it over the timed jobs. The
// total is the scheduler's, in ns; how it splits into user and system time is the
// kernel's accounting, as in getrusage. Nil, it does nothing.
type cpuClock struct {
	processes bool // there may be some below this one
	pids      []int
	before    usage
	total     usage
	broken    bool // a process could not be read
}

type usage struct{ run, user, both time.Duration }

// openCPU begins a clock. The processes must be those that run the jobs.
func openCPU(processes bool) *cpuClock {
	pids, err := tree(processes)
	return &cpuClock{processes: processes, pids: pids, broken: err != nil}
}

// tree returns this process and, if there may be any, those below it.
func tree(processes bool) ([]int, error) {
	self := os.Getpid()
	if !processes {
		return []int{self}, nil
	}
	below, err := harness.Descendants(self)
	slices.Sort(below)
	return append(below, self), err
}

func (c *cpuClock) begin() {
	if c != nil {
		c.before = c.read()
	}
}

func (c *cpuClock) end() {
	if c != nil {
		after := c.read()
		c.total.run += after.run - c.before.run
		c.total.user += after.user - c.before.user
		c.total.both += after.both - c.before.both
	}
}

// used returns the time of all jobs between begin and end. It is not ok if that is not
// exact: when a process came or went meanwhile, or nothing was accounted.
func (c *cpuClock) used() (t cpuTime, ok bool) {
	now, err := tree(c.processes)
	if c.broken || err != nil || !slices.Equal(now, c.pids) || c.total.both <= 0 {
		return t, false
	}
	share := float64(c.total.user) / float64(c.total.both)
	t.user = time.Duration(share * float64(c.total.run))
	t.system = c.total.run - t.user
	var tick unix.Timespec // the coarse clock goes by the ticks that the split is counted in
	if err := unix.ClockGetres(unix.CLOCK_REALTIME_COARSE, &tick); err == nil {
		t.tick = time.Duration(tick.Nano())
	}
	return t, true
}

// The clocks of a process, see clock_getcpuclockid(3) and the kernel's posix-timers.h: the
// complement of its pid shifted by three, and which clock.
const (
	clockBoth = iota // user and system time
	clockUser
	clockRun // what the scheduler counted
)

func (c *cpuClock) read() (u usage) {
	for _, pid := range c.pids {
		for which, sum := range []*time.Duration{clockBoth: &u.both, clockUser: &u.user, clockRun: &u.run} {
			var t unix.Timespec
			if err := unix.ClockGettime(int32(^pid<<3|which), &t); err != nil {
				c.broken = true
			}
			*sum += time.Duration(t.Nano())
		}
	}
	// Processes that began and ended with tasks; their accounting is exact in the sum.
	var ended unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_CHILDREN, &ended); err != nil {
		c.broken = true
	}
	user, both := time.Duration(ended.Utime.Nano()), time.Duration(ended.Utime.Nano()+ended.Stime.Nano())
	u.user, u.both, u.run = u.user+user, u.both+both, u.run+both
	return u
}

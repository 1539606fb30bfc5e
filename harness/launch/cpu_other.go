//go:build !linux

package launch

import (
	"syscall"
	"time"
)

// A cpuClock adds up the CPU time of this process over the timed jobs. Where workers are
// processes it has nothing exact to say. Nil, it does nothing.
type cpuClock struct {
	beforeUser, beforeSystem time.Duration
	user, system             time.Duration
	broken                   bool
}

func openCPU(processes bool) *cpuClock { return &cpuClock{broken: processes} }

func (c *cpuClock) begin() {
	if c != nil {
		c.beforeUser, c.beforeSystem = c.read()
	}
}

func (c *cpuClock) end() {
	if c != nil {
		user, system := c.read()
		c.user += user - c.beforeUser
		c.system += system - c.beforeSystem
	}
}

func (c *cpuClock) used() (t cpuTime, ok bool) {
	return cpuTime{user: c.user, system: c.system, tick: time.Microsecond}, !c.broken
}

func (c *cpuClock) read() (user, system time.Duration) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		c.broken = true
	}
	return time.Duration(u.Utime.Nano()), time.Duration(u.Stime.Nano())
}

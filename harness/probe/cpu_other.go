//go:build !linux

package probe

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// openGauges opens those gauges of a [Meter] that this system supports. The gauges cannot measure
// descendants of this process. So if the flag processes is set, quantities that include descendants
// are absent.
func openGauges(processes bool) []gauge {
	return []gauge{&rusageGauge{stretch: stretch{read: ownUse}, processes: processes}}
}

// readCPU returns an error, because on this system payoff cannot read the CPU time of other
// processes.
func readCPU(int) (amounts, error) {
	return amounts{}, errors.New("the CPU time of another process is available only on Linux")
}

// Own returns the CPU time that this process has used so far.
func Own() (time.Duration, error) {
	c, err := ownUse()
	return time.Duration(c[0] + c[1]), err
}

// Tick returns the resolution with which the kernel reports the user and system times of processes.
func Tick() time.Duration { return time.Microsecond }

// A rusageGauge adds up the resources that this process uses between each call of begin and the
// next call of end. It reads them by getrusage(2).
type rusageGauge struct {
	stretch
	processes bool
}

// ownUse returns the resources that this process has used so far: user and system time, context
// switches and page faults. The order of these amounts must not change, because the method close of
// the gauge depends on it.
func ownUse() (amounts, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return amounts{}, fmt.Errorf("getrusage: %w", err)
	}
	return amounts{float64(u.Utime.Nano()), float64(u.Stime.Nano()), float64(u.Nvcsw), float64(u.Nivcsw), float64(u.Minflt), float64(u.Majflt)}, nil
}

func (g *rusageGauge) close(o Observation) {
	err := g.err
	if g.processes {
		err = unsupported("resources that worker processes use")
	}
	for i, item := range []string{harness.UnitUser, harness.UnitSystem, harness.UnitVoluntary, harness.UnitInvoluntary, harness.UnitMinor, harness.UnitMajor} {
		o.put(item, g.sum[i], err)
	}
	o.put(harness.UnitCPU, g.sum[0]+g.sum[1], err)
	for _, item := range []string{harness.UnitWaited, harness.UnitInstructions, harness.UnitCycles, harness.UnitCacheMisses} {
		o.put(item, 0, unsupported(item))
	}
}

func (*visit) counters() Finding { return unknown("not available here") }

// unsupported returns the error for a quantity, such as "CPU time", that cannot be measured on this
// system.
func unsupported(quantity string) error {
	return fmt.Errorf("%s: %w on %s", quantity, errors.ErrUnsupported, runtime.GOOS)
}

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

// openGauges opens the gauges of a [Meter] that this system has. They measure only this process,
// not worker processes.
func openGauges(processes bool) []gauge {
	return []gauge{&rusageGauge{stretch: stretch{read: ownUse}, processes: processes}}
}

// readCPU returns an error, because this system does not support it.
func readCPU(int) (amounts, error) {
	return amounts{}, errors.New("the CPU time of another process is available only on Linux")
}

// Tick returns the unit in which the kernel counts user and system times of processes.
func Tick() time.Duration { return time.Microsecond }

// A rusageGauge adds up the amounts that getrusage reports for this process, such as CPU time.
type rusageGauge struct {
	stretch
	processes bool
}

// ownUse returns the user and system time, context switches and page faults of this process so far.
// The method close of the gauge expects this order.
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
		err = unsupported("use of worker processes")
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

// unsupported returns the error for a quantity that cannot be measured on this system. what names
// the quantity.
func unsupported(what string) error {
	return fmt.Errorf("%s: %w on %s", what, errors.ErrUnsupported, runtime.GOOS)
}

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

// openGauges opens those about this process; where workers are processes they have nothing
// exact to say.
func openGauges(processes bool) []gauge {
	return []gauge{&rusageGauge{stretch: stretch{read: ownUse}, processes: processes}}
}

// readCPU would read the CPU time of another process.
func readCPU(int) (amounts, error) {
	return amounts{}, errors.New("the CPU time of another process is known on Linux alone")
}

// Tick is the step in which user and system time are counted.
func Tick() time.Duration { return time.Microsecond }

// A rusageGauge adds up what getrusage says of this process.
type rusageGauge struct {
	stretch
	processes bool
}

// ownUse returns the amounts of the items in rusageItems.
func ownUse() (amounts, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return amounts{}, fmt.Errorf("getrusage: %w", err)
	}
	return amounts{float64(u.Utime.Nano()), float64(u.Stime.Nano()), float64(u.Nvcsw), float64(u.Nivcsw), float64(u.Minflt), float64(u.Majflt)}, nil
}

func rusageItems() []string {
	return []string{harness.UnitUser, harness.UnitSystem, harness.UnitVoluntary, harness.UnitInvoluntary, harness.UnitMinor, harness.UnitMajor}
}

func (g *rusageGauge) close(o Observation) {
	err := g.err
	if g.processes {
		err = unsupported("what worker processes use")
	}
	for i, item := range rusageItems() {
		o.put(item, g.sum[i], err)
	}
	o.put(harness.UnitCPU, g.sum[0]+g.sum[1], err)
	for _, item := range []string{harness.UnitWaited, harness.UnitInstructions, harness.UnitCycles, harness.UnitCacheMisses} {
		o.put(item, 0, unsupported(item))
	}
}

func (*visit) counters() Finding { return unknown("there are none here") }

// unsupported is the reason why a quantity is absent.
func unsupported(what string) error {
	return fmt.Errorf("%s: %w on %s", what, errors.ErrUnsupported, runtime.GOOS)
}

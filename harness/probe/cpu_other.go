//go:build !linux

package probe

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"time"
)

// openGauges opens those about this process; where workers are processes they have nothing
// exact to say.
func openGauges(processes bool) []gauge { return []gauge{&rusageGauge{processes: processes}} }

// processCPU would be what another process has used.
func processCPU(int) (time.Duration, error) {
	return 0, errors.New("the CPU time of another process is known on Linux alone")
}

// Tick is the step in which user is told from system time.
func Tick() time.Duration { return time.Microsecond }

// A rusageGauge adds up what getrusage says of this process.
type rusageGauge struct {
	processes bool
	before    syscall.Rusage
	total     [6]int64 // in the order of rusageItems
	err       error
}

func rusageItems() [6]Item {
	return [6]Item{User, System, Voluntary, Involuntary, MinorFaults, MajorFaults}
}

func rusageValues(u syscall.Rusage) [6]int64 {
	return [6]int64{u.Utime.Nano(), u.Stime.Nano(), int64(u.Nvcsw), int64(u.Nivcsw), int64(u.Minflt), int64(u.Majflt)}
}

func (g *rusageGauge) begin() { g.before = g.read() }

func (g *rusageGauge) end() {
	from, to := rusageValues(g.before), rusageValues(g.read())
	for i := range to {
		g.total[i] += to[i] - from[i]
	}
}

func (g *rusageGauge) read() (u syscall.Rusage) {
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil && g.err == nil {
		g.err = fmt.Errorf("getrusage: %w", err)
	}
	return u
}

func (g *rusageGauge) close(o Observation) {
	err := g.err
	if g.processes {
		err = unsupported("what worker processes use")
	}
	for i, item := range rusageItems() {
		o.put(item, float64(g.total[i]), err)
	}
	o.put(CPU, float64(g.total[0]+g.total[1]), err)
	for _, item := range []Item{Waited, Instructions, Cycles, CacheMisses} {
		o.put(item, 0, unsupported(string(item)))
	}
}

func (s site) counters() Finding { return unknown(unsupported("hardware counters")) }

// unsupported is the reason why a quantity is absent.
func unsupported(what string) error {
	return fmt.Errorf("%s: %w on %s", what, errors.ErrUnsupported, runtime.GOOS)
}

package probe

import (
	"errors"

	"github.com/payoff-bench/payoff/harness"
)

// A Meter measures how much CPU time and other resources this process and its descendants use. It
// measures the units that package harness declares from [harness.UnitCPU] to [harness.UnitLatency],
// except [harness.UnitIdle].
//
// A meter counts these quantities only between Begin and End: CPU time, allocations, hardware
// counters, and the context switches and page faults of this process. It counts the other
// quantities from OpenMeter to Close, because reading them takes longer: garbage collection,
// scheduling latency, run-queue wait, and the context switches and page faults of descendants.
//
// Descendants may start and end while a meter is open, if this process waits for those that end.
// The meter then counts the CPU time of descendants from OpenMeter to Close, and all other
// quantities that include descendants are absent (see [Observation]). If a descendant waits for
// child processes of its own, no other process can read the CPU time of these children. In this
// case, CPU time is absent too. When a thread ends, the run-queue wait since its last reading is
// lost.
//
// Begin and End take about 15 µs each, and 3 µs more for each descendant. OpenMeter and Close take
// as long as [Watch], and 50 µs more for each thread. Call them outside the timed section.
type Meter struct {
	gauges []gauge // in the order in which End and Close call them; Begin calls them in reverse order
}

// OpenMeter opens a meter for this process. If the flag processes is set, the meter also measures
// the descendants of this process.
func OpenMeter(processes bool) *Meter {
	// CPU time ends first and begins last, so that it excludes the work of the other gauges.
	return &Meter{gauges: append(openGauges(processes), openRuntime())}
}

// AddServers makes the meter also measure the CPU time of the processes pids, in the unit
// [harness.UnitServer]. These processes are servers that tasks or executors call, and must not be
// descendants of the measuring process. Call AddServers once, before the first call of Begin.
func (m *Meter) AddServers(pids ...int) {
	m.gauges = append(m.gauges, &serverGauge{stretch{read: func() (amounts, error) { return sumCPU(pids) }}})
}

func sumCPU(pids []int) (sum amounts, err error) {
	for _, pid := range pids {
		c, e := readCPU(pid)
		sum, err = sum.plus(c), errors.Join(err, e)
	}
	return sum, err
}

// A serverGauge adds up the CPU time of servers; see [Meter.AddServers].
type serverGauge struct{ stretch }

func (g *serverGauge) close(o Observation) { o.put(harness.UnitServer, g.sum[run], g.err) }

// Begin starts an interval in which the meter counts. The next call of End ends the interval. A
// meter adds up the amounts of all intervals.
func (m *Meter) Begin() {
	for i := len(m.gauges) - 1; i >= 0; i-- {
		m.gauges[i].begin()
	}
}

// End ends the interval that the last call of Begin started.
func (m *Meter) End() {
	for _, g := range m.gauges {
		g.end()
	}
}

// Close returns the amounts that the meter counted, summed over all intervals. The meter cannot be
// used afterwards.
func (m *Meter) Close() Observation {
	o := newObservation()
	for _, g := range m.gauges {
		g.close(o)
	}
	return o
}

package probe

import "github.com/payoff-bench/payoff/harness"

// A Meter adds up what this process and the processes below it use, in the units up to
// [harness.UnitLatency] in the table of units, except [harness.UnitIdle]. It counts CPU time,
// allocations, hardware counters, and this process's own switches and faults between Begin and End.
// Pauses, latency, run-queue wait, and switches and faults of processes below it count from
// OpenMeter to Close, because reading them takes longer.
//
// Processes may start and end while a meter is open, as long as this process waits for them. If
// the processes at the end differ from those at the beginning, the CPU time of processes below
// counts from OpenMeter to Close, and their other counts are absent. If a process below waited
// for processes of its own, only that process knows their use, so everything about processes is
// absent. The last run-queue wait of threads that end is lost.
//
// Begin and End take some 15 µs each, and 3 µs for each process below. OpenMeter and Close take as
// long as [Watch], and 50 µs for each thread of the tree. Call them outside the timed section. The
// kernel's process events would also show processes that start and end, but only root may read
// them.
type Meter struct {
	gauges []gauge // in the order in which they end and close; they begin in reverse order
}

// OpenMeter opens a meter of this process and, if processes is set, of those below it.
func OpenMeter(processes bool) *Meter {
	// CPU time ends first and begins last, so that it excludes the work of the other gauges.
	return &Meter{gauges: append(openGauges(processes), openRuntime())}
}

// AddServer also measures the CPU time of the process pid, in the unit [harness.UnitServer]. The
// process is the server that tasks call; it is not below this process. Call AddServer before the
// first Begin.
func (m *Meter) AddServer(pid int) {
	m.gauges = append(m.gauges, &serverGauge{stretch{read: func() (amounts, error) { return readCPU(pid) }}})
}

// A serverGauge adds up the CPU time of one process.
type serverGauge struct{ stretch }

func (g *serverGauge) close(o Observation) { o.put(harness.UnitServer, g.sum[run], g.err) }

// Begin starts an interval. The meter adds up what is used between Begin and End.
func (m *Meter) Begin() {
	for i := len(m.gauges) - 1; i >= 0; i-- {
		m.gauges[i].begin()
	}
}

// End ends the interval.
func (m *Meter) End() {
	for _, g := range m.gauges {
		g.end()
	}
}

// Close returns what was used in all intervals. The meter cannot be used afterwards.
func (m *Meter) Close() Observation {
	o := newObservation()
	for _, g := range m.gauges {
		g.close(o)
	}
	return o
}

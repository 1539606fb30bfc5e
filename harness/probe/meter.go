package probe

import "github.com/payoff-bench/payoff/harness"

// A Meter adds up what this process and those below it use, in the units up to
// [harness.UnitLatency] of the table of units, [harness.UnitIdle] apart. CPU time, allocations, hardware
// counters and this process's own switches and faults are those between Begin and End;
// pauses, latency, run-queue wait and all else about processes below are from OpenMeter to
// Close, for reading them takes longer.
//
// Processes may come and go while one is open as long as this process waits for them. Where
// those that are there at the end are not those of the beginning, the CPU time of processes
// below is from OpenMeter to Close, and other counts are absent. What has been used by
// processes that one below this started, and that ended, only that one knows: then all about
// processes is absent. Of threads that end, the last run-queue wait is lost.
//
// Begin and End take some 15 µs each, and 3 µs for each process below; OpenMeter and Close
// as long as [Watch], and 50 µs for each thread of the tree. They belong outside the clock.
// Rejected: counting every process from the outside by the kernel's process events, which
// only root may read.
type Meter struct {
	gauges []gauge // in the order in which they are closed and ended; begun in reverse
}

// OpenMeter begins to measure this process and, if there may be any, those below it.
func OpenMeter(processes bool) *Meter {
	// CPU time is ended first and begun last, so that it does not hold that of the other gauges.
	return &Meter{gauges: append(openGauges(processes), openRuntime())}
}

// Beside adds up the CPU time of another process too, as [harness.UnitServer]: of one that serves this
// one and is not below it. It is called before the first Begin.
func (m *Meter) Beside(pid int) {
	m.gauges = append(m.gauges, &besideGauge{stretch{read: func() (amounts, error) { return readCPU(pid) }}})
}

// A besideGauge adds up the CPU time of one process.
type besideGauge struct{ stretch }

func (g *besideGauge) close(o Observation) { o.put(harness.UnitServer, g.sum[run], g.err) }

// Begin begins a stretch that is added.
func (m *Meter) Begin() {
	for i := len(m.gauges) - 1; i >= 0; i-- {
		m.gauges[i].begin()
	}
}

// End ends it.
func (m *Meter) End() {
	for _, g := range m.gauges {
		g.end()
	}
}

// Close returns what was used. The meter cannot be used again.
func (m *Meter) Close() Observation {
	o := newObservation()
	for _, g := range m.gauges {
		g.close(o)
	}
	return o
}

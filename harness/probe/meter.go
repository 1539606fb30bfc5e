package probe

// What a [Meter] adds up.
const (
	// CPU time of the process tree. The sum is exact, as the scheduler counts it; the split
	// is the kernel's accounting, in steps of [Tick].
	CPU    Item = "cpu-ns"
	User   Item = "user-ns"
	System Item = "system-ns"

	// CPU time of a process outside the tree, see [Meter.Beside].
	Server Item = "server-cpu-ns"

	// Of the process tree.
	Voluntary   Item = "voluntary-switches"   // a thread went to sleep
	Involuntary Item = "involuntary-switches" // a thread had to leave its core to another
	MinorFaults Item = "minor-faults"         // page faults served from memory
	MajorFaults Item = "major-faults"         // page faults that had to wait for a disk
	Waited      Item = "run-queue-wait-ns"    // time in which threads were ready and had no core

	// Of this process's Go runtime; worker processes have their own, which is not seen.
	Allocs     Item = "allocs"       // objects allocated on the heap; small ones are counted when their span is full
	AllocBytes Item = "alloc-bytes"  // and their size
	Pauses     Item = "gc-pause-ns"  // time in which the collector had stopped all goroutines
	GCShare    Item = "gc-cpu-share" // share of the CPU time used that the collector took, idle time apart; over whole cycles
	Latency    Item = "sched-p99-ns" // 99 % of goroutines that became ready ran within this time: the upper end of the runtime's interval, at most a quarter above

	// Hardware counters of the process tree, in user mode, whoever may see the kernel's.
	Instructions Item = "instructions"
	Cycles       Item = "cycles"
	CacheMisses  Item = "cache-misses" // of the last level
)

// A Meter adds up what this process and those below it use. CPU time, allocations, hardware
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

// Beside adds up the CPU time of another process too, as [Server]: of one that serves this
// one and is not below it. It is called before the first Begin.
func (m *Meter) Beside(pid int) {
	m.gauges = append(m.gauges, &besideGauge{stretch{read: func() (amounts, error) { return readCPU(pid) }}})
}

// A besideGauge adds up the CPU time of one process.
type besideGauge struct{ stretch }

func (g *besideGauge) close(o Observation) { o.put(Server, g.sum[run], g.err) }

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

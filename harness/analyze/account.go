package analyze

import "github.com/payoff-bench/payoff/harness"

// An Account divides the core time per task of a cell into parts: the work w of the task, other CPU
// time, and idle time. The core time per task, g, is the makespan times the number of cores,
// divided by the number of tasks. An Account also counts events.
//
// Each item is the median over the cell's launches, including A/A twins. If no launch measured an
// item, it is unknown. Medians do not add exactly, so the sum of the parts is only close to g.
type Account struct {
	Start       Estimate // time until the workers are ready, in ns: a value per launch, not per task
	Cold        Estimate // makespan of a launch's first job divided by its number of tasks, in ns
	Warm        Estimate // makespan of a launch's timed jobs divided by their number of tasks, in ns
	Granularity Estimate // g, in ns
	Work        Estimate // w of the direct loop, in ns
	CPU         Estimate // CPU time of all processes, in ns
	Overhead    Change   // g minus w, from the same measurement of a block, in ns; without A/A twins
	Other       Estimate // CPU time minus w, from the same measurement of a block, in ns; negative if the machine was faster than during the direct loop
	Idle        Estimate // core time minus the CPU time of the launch, in ns: the cores were idle or ran other work
	System      Estimate // CPU time inside the operating system, included in CPU, in ns
	Ready       Estimate // time that threads were ready without a core, in ns; may overlap all items above
	Switches    Estimate // context switches, voluntary and involuntary
	Faults      Estimate // page faults, minor and major
	Allocs      Estimate // heap objects allocated in the launch's process
	Server      Estimate // CPU time of the server that tasks call, in ns; not included in the items above
	UnderWay    Estimate // mean number of tasks under way at once; known only for tasks that wait
	Memory      Estimate // peak memory of the process tree, in bytes; per cell, not per task
	Wakeup      Estimate // time within which 99 % of goroutines ran after they became ready, in ns
}

// accounts returns the account of each cell that has samples. The table t must contain the direct
// loops of all samples.
func accounts(samples []harness.Sample, t *table) map[harness.Cell]Account {
	beyond := map[harness.Cell][]float64{}   // CPU time per task minus w of the direct loop in the same turn
	overhead := map[harness.Cell][]float64{} // g minus w of the direct loop in the same turn
	for _, s := range samples {
		w, ok := t.cells[direct(s.Cell)][turnOf(s)]
		if v, used := t.cells[s.Cell][turnOf(s)]; ok && used && !s.Twin && !s.Starved() {
			overhead[s.Cell] = append(overhead[s.Cell], v.ns*float64(s.Cell.Cores)-w.ns)
		}
		if cpu, metered := s.Values[harness.UnitCPU]; ok && metered {
			beyond[s.Cell] = append(beyond[s.Cell], cpu-w.ns)
		}
	}
	both := func(v []float64) float64 { return v[0] + v[1] }
	r := newReadings(samples, t.set, func(harness.Sample) bool { return true })
	out := map[harness.Cell]Account{}
	for c := range r.launches {
		out[c] = Account{
			Start:       r.median(c, harness.UnitStart),
			Cold:        r.of(c, func(v []float64) float64 { return v[0] / v[1] }, harness.UnitFirst, harness.UnitTasks),
			Warm:        r.median(c, harness.UnitTask),
			Granularity: r.of(c, func(v []float64) float64 { return v[0] * float64(c.Cores) }, harness.UnitTask),
			Work:        r.median(direct(c), harness.UnitTask),
			CPU:         r.median(c, harness.UnitCPU),
			Overhead:    changeOf(overhead[c], t.set.Confidence),
			Other:       summary(beyond[c], t.set.Confidence),
			Idle:        r.median(c, harness.UnitIdle),
			System:      r.median(c, harness.UnitSystem),
			Ready:       r.median(c, harness.UnitWaited),
			Switches:    r.of(c, both, harness.UnitVoluntary, harness.UnitInvoluntary),
			Faults:      r.of(c, both, harness.UnitMinor, harness.UnitMajor),
			Allocs:      r.median(c, harness.UnitAllocs),
			Server:      r.median(c, harness.UnitServer),
			UnderWay:    r.median(c, harness.UnitConcurrency),
			Memory:      r.median(c, harness.UnitPSS),
			Wakeup:      r.median(c, harness.UnitLatency),
		}
	}
	return out
}

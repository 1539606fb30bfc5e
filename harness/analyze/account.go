package analyze

import "github.com/payoff-bench/payoff/harness"

// An Account divides the time of a cell's cores, per task: g = T·C/N is the kernel's work w,
// other CPU time and idle time. It has counts of events too. All are medians over the cell's
// launches, A/A twins among them; an item that no launch has is not known. The parts are
// medians each, so that their sum is g but for noise.
type Account struct {
	Cold        Estimate // makespan of a launch's first job over N, in ns
	Warm        Estimate // of its timed jobs, in ns
	Granularity Estimate // g, in ns
	Work        Estimate // w of the direct loop, in ns
	CPU         Estimate // CPU time of all processes, in ns
	Other       Estimate // CPU time less w of the same turn, in ns; below 0 where the machine ran faster than for direct
	Idle        Estimate // time of the cores that was no CPU time, in ns: they had nothing to run, or ran something else
	System      Estimate // CPU time in the kernel, part of the above, in ns
	Ready       Estimate // threads were ready and had no core, in ns; may overlap with all of the above
	Switches    Estimate // of threads, voluntary or not
	Faults      Estimate // of pages, served from memory or a disk
	Allocs      Estimate // objects on the heap of the launch's process
	Server      Estimate // CPU time of the server that tasks ask, which is no part of the above, in ns
	UnderWay    Estimate // tasks that were under way at once, on average; known where tasks wait
	Memory      Estimate // the most that the process tree held, in bytes: of the cell, not of a task
}

// accounts returns the account of each cell. T has the direct loops of all samples.
func accounts(samples []harness.Sample, t *table) map[harness.Cell]Account {
	beyond := map[harness.Cell][]float64{} // CPU time less the direct loop's w of the same turn
	for _, s := range samples {
		w, ok := t.cells[direct(s.Cell)][turnOf(s)]
		if cpu, metered := s.Values[harness.UnitCPU]; ok && metered {
			beyond[s.Cell] = append(beyond[s.Cell], cpu-w.ns)
		}
	}
	both := func(v []float64) float64 { return v[0] + v[1] }
	r := newReadings(samples, t.set)
	out := map[harness.Cell]Account{}
	for c := range r.launches {
		out[c] = Account{
			Cold:        r.of(c, func(v []float64) float64 { return v[0] / v[1] }, harness.UnitFirst, harness.UnitTasks),
			Warm:        r.median(c, harness.UnitTask),
			Granularity: r.of(c, func(v []float64) float64 { return v[0] * float64(c.Cores) }, harness.UnitTask),
			Work:        r.median(direct(c), harness.UnitTask),
			CPU:         r.median(c, harness.UnitCPU),
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
		}
	}
	return out
}

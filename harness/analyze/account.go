package analyze

import (
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// An Account says where the time of a cell's cores went, per task: g = T·C/N, which is the
// kernel's work w, other CPU time and idle time, and what went with it. All are medians over
// the cell's launches, A/A twins among them; an item that no launch has is not known. The
// parts are medians each, so that their sum is g but for noise.
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
	Switches    Estimate // of threads, asked for or not
	Faults      Estimate // of pages, served from memory or a disk
	Allocs      Estimate // objects on the heap of the launch's process
	Server      Estimate // CPU time of the server that tasks ask, which is no part of the above, in ns
	UnderWay    Estimate // tasks that were under way at once, on average; known where tasks wait
	Memory      Estimate // the most that the process tree held, in bytes: of the cell, not of a task
}

// Known reports whether there is anything to say of where the time went.
func (a Account) Known() bool { return a.CPU.Known() }

// accounts returns the account of each cell.
func accounts(samples []harness.Sample, set Settings) map[harness.Cell]Account {
	by := map[harness.Cell][]map[string]float64{}
	beside := map[harness.Cell][]float64{} // CPU time less the direct loop's w of the same turn
	ws := loops(samples)
	for _, s := range samples {
		by[s.Cell] = append(by[s.Cell], s.Values)
		cpu, metered := s.Values[harness.UnitCPU]
		if w, ok := ws[loopAt{direct(s.Cell), turnOf(s)}]; ok && metered {
			beside[s.Cell] = append(beside[s.Cell], cpu-w)
		}
	}
	// of sums up units over the launches that have them all.
	of := func(c harness.Cell, f func(v []float64) float64, units ...string) Estimate {
		var all []float64
	launches:
		for _, values := range by[c] {
			v := make([]float64, len(units))
			for i, unit := range units {
				var ok bool
				if v[i], ok = values[unit]; !ok {
					continue launches
				}
			}
			all = append(all, f(v))
		}
		return summary(all, set.Confidence)
	}
	same := func(v []float64) float64 { return v[0] }
	both := func(v []float64) float64 { return v[0] + v[1] }
	out := map[harness.Cell]Account{}
	for c := range by {
		cores := float64(c.Cores)
		out[c] = Account{
			Cold:        of(c, func(v []float64) float64 { return v[0] / v[1] }, harness.UnitFirst, harness.UnitTasks),
			Warm:        of(c, same, harness.UnitTask),
			Granularity: of(c, func(v []float64) float64 { return v[0] * cores }, harness.UnitTask),
			Work:        of(direct(c), same, harness.UnitTask),
			CPU:         of(c, same, harness.UnitCPU),
			Other:       summary(beside[c], set.Confidence),
			Idle:        of(c, same, harness.UnitIdle),
			System:      of(c, same, harness.UnitSystem),
			Ready:       of(c, same, harness.UnitWaited),
			Switches:    of(c, both, harness.UnitVoluntary, harness.UnitInvoluntary),
			Faults:      of(c, both, harness.UnitMinor, harness.UnitMajor),
			Allocs:      of(c, same, harness.UnitAllocs),
			Server:      of(c, same, harness.UnitServer),
			UnderWay:    of(c, same, harness.UnitConcurrency),
			Memory:      of(c, same, harness.UnitPSS),
		}
	}
	return out
}

// A loopAt is a direct loop in a turn.
type loopAt struct {
	loop harness.Cell
	turn turn
}

// loops returns the makespans per task of the direct loops.
func loops(samples []harness.Sample) map[loopAt]float64 {
	w := map[loopAt]float64{}
	for _, s := range samples {
		if v, ok := s.Values[harness.UnitTask]; ok && !s.Twin && s.Cell == direct(s.Cell) {
			w[loopAt{s.Cell, turnOf(s)}] = v
		}
	}
	return w
}

func turnOf(s harness.Sample) turn { return turn{round: s.Round, attempt: s.Attempt, block: s.Block} }

// Accounted reports whether any strategy of the questions has an account.
func Accounted(qs []Question) bool {
	return slices.ContainsFunc(qs, func(q Question) bool {
		return slices.ContainsFunc(q.Rows, func(r Row) bool { return r.Account.Known() })
	})
}

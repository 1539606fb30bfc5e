package model

import (
	"math"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// A Part is one parameter of the costs of a strategy, such as the cost of a chunk.
type Part int

// The parameters of a strategy. All are at least 0.
const (
	PerTask     Part = iota // o: cost of a task on a worker, in ns
	PerFurther              // φ: share by which a task takes longer per further busy core
	PerJob                  // J: cost of a job, such as waking the workers, in ns
	PerByte                 // o_b: cost of a byte of the payload, in ns
	PerChunk                // o_c: cost of a chunk on a worker, in ns
	Contention              // o_m: cost of a task per further busy core, in ns
	Dispatch                // d: cost of a task on the dispatcher, in ns
	DispatchOne             // d_c: cost of a chunk on the dispatcher, in ns
	parts
)

// Symbol returns the symbol of the part in formulas.
func (p Part) Symbol() string {
	return [...]string{"o", "φ", "J", "o_b", "o_c", "o_m", "d", "d_c"}[p]
}

// Costs are the fitted parameters of a strategy, with the errors of their estimates.
type Costs struct {
	Values [parts]float64
	Known  [parts]bool             // parts that the cells determine; the others count as 0
	At     [parts]analyze.Estimate // estimates of the known parts with 95 % intervals
	cov    [parts][parts]float64
	misfit float64 // variance of the logarithms of makespans around the model that differences between launches do not explain
	t      float64 // quantile of Student's t distribution, for 95 % intervals
	// Fastest is the smallest makespan per task that was measured, in ns. The dispatcher takes at
	// most this time per task, even if d is not known.
	Fastest float64
}

// Task returns the makespan per task of the job p, in ns, by the formula of the package comment.
func (c Costs) Task(p Point) float64 { return task(c.Values, p) }

func task(v [parts]float64, p Point) float64 {
	work, dispatch := loads(v, p)
	return max(work/float64(p.Workers), dispatch, p.whole(work, dispatch)) + v[PerJob]/float64(p.Tasks)
}

// whole returns the makespan per task that the job would have if only the cores limited it. It
// returns 0 if tasks wait, because then the cores do not limit the job.
func (p Point) whole(work, dispatch float64) float64 {
	if p.Waits {
		return 0
	}
	return (work + dispatch) / float64(p.Cores)
}

// loads returns the time per task that workers need, and the time per task that the dispatcher
// needs.
func loads(v [parts]float64, p Point) (work, dispatch float64) {
	further, each := float64(p.busy()-1), p.each()
	work = p.Work*(1+v[PerFurther]*further) + v[PerTask] + v[PerChunk]*each + v[PerByte]*float64(p.Payload) + v[Contention]*further
	return work * p.wave(), v[Dispatch] + v[DispatchOne]*each
}

// each returns the number of chunks per task, which is 1/k. It returns 0 for a policy that varies
// the chunk.
func (p Point) each() float64 {
	if p.Chunk == 0 {
		return 0
	}
	return 1 / float64(p.Chunk)
}

// slope returns the derivatives of the logarithm of the makespan per task: by each parameter, and
// by the logarithm of the work.
func slope(v [parts]float64, p Point) (by [parts]float64, byWork float64) {
	work, dispatch := loads(v, p)
	workers, cores := float64(p.Workers), float64(p.Cores)
	onWork, onDispatch := 1/workers, 0.0
	switch whole := p.whole(work, dispatch); {
	case dispatch > work/workers && dispatch > whole:
		onWork, onDispatch = 0, 1
	case whole >= work/workers:
		onWork, onDispatch = 1/cores, 1/cores
	}
	total := task(v, p)
	wave, further := p.wave(), float64(p.busy()-1)
	by[PerTask] = onWork * wave
	by[PerFurther] = onWork * wave * p.Work * further
	by[PerJob] = 1 / float64(p.Tasks)
	by[PerByte] = onWork * wave * float64(p.Payload)
	by[PerChunk] = onWork * wave * p.each()
	by[Contention] = onWork * wave * further
	by[Dispatch] = onDispatch
	by[DispatchOne] = onDispatch * p.each()
	for i := range by {
		by[i] /= total
	}
	return by, onWork * wave * p.Work * (1 + v[PerFurther]*further) / total
}

// Half returns the size of the payload, in bytes, at which its bytes cost as much as the rest of a
// task's overhead. It returns 0 if the cost of a byte is 0 or unknown.
func (c Costs) Half() float64 {
	if !c.Known[PerByte] || c.Values[PerByte] == 0 {
		return 0
	}
	return (c.Values[PerTask] + c.Values[PerChunk]) / c.Values[PerByte]
}

// Saturation returns the number of workers, (w+o)/d, from which the dispatcher limits a job like p.
// It returns +Inf if the cost of the dispatcher is 0 or unknown.
func (c Costs) Saturation(p Point) float64 {
	work, dispatch := loads(c.Values, p)
	if dispatch == 0 {
		return math.Inf(1)
	}
	return work / dispatch
}

// METG returns the smallest granularity T·C/N, in ns, whose efficiency is at least e, for jobs with
// the settings of p. It returns +Inf if no task of up to a minute reaches it.
func (c Costs) METG(e float64, p Point) float64 {
	reaches := func(work float64) bool {
		p.Work = work
		return work >= e*float64(p.Cores)*c.Task(p)
	}
	lo, hi := 1e-3, 6e10
	if !reaches(hi) {
		return math.Inf(1)
	}
	for hi/lo > 1.0001 {
		if mid := math.Sqrt(lo * hi); reaches(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
	p.Work = hi
	return c.Task(p) * float64(p.Cores)
}

// BreakEven returns the smallest work of a task, in ns, from which the strategy is faster than the
// direct loop, for jobs with the settings of p. It returns +Inf if no task of up to a minute is.
func (c Costs) BreakEven(p Point) float64 {
	faster := func(work float64) bool { p.Work = work; return c.Task(p) < work }
	lo, hi := 1e-3, 6e10
	if !faster(hi) {
		return math.Inf(1)
	}
	for hi/lo > 1.0001 {
		if mid := math.Sqrt(lo * hi); faster(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi
}

// Parts returns all parts of the costs.
func Parts() (all []Part) {
	for p := range parts {
		all = append(all, p)
	}
	return all
}

// Meaning returns a few words for the part: the operation whose cost it is.
func (p Part) Meaning() string {
	return [...]string{
		"a task on a worker", "longer work per further busy core", "a job", "a byte of payload",
		"a chunk on a worker", "a task per further busy core", "a task on the dispatcher", "a chunk on the dispatcher",
	}[p]
}

package model

import (
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// A Point is a job whose makespan the model predicts.
type Point struct {
	Work    float64 // time of a task in the direct loop, in ns
	Payload int     // bytes sent with a task
	Chunk   int     // tasks per chunk; 0 for a policy that varies it
	Tasks   int     // tasks in the job
	Workers int
	Cores   int
	Waits   bool // tasks mostly wait, so workers do not share the cores
}

// busy returns the largest number of workers that run, or wait, at the same time.
func (p Point) busy() int {
	if p.Waits {
		return p.Workers
	}
	return min(p.Workers, p.Cores)
}

// wave returns the factor by which an uneven last wave of chunks lengthens the work of the busiest
// worker. It is 1 if the chunks divide evenly among the workers.
func (p Point) wave() float64 {
	k, m := p.Chunk, p.busy()
	if k == 0 {
		return 1
	}
	chunks := (p.Tasks + k - 1) / k
	longest := min((chunks+m-1)/m*k, p.Tasks)
	return float64(longest) * float64(m) / float64(p.Tasks)
}

// An observation holds the launches of a cell: the logarithms of the makespan per task (times) and
// of the direct loop's time per task in the same turn (works).
type observation struct {
	cell  harness.Cell
	at    Point
	times []float64
	works []float64
}

// time returns the geometric mean of the makespan per task, in ns.
func (o observation) time() float64 { return math.Exp(mean(o.times)) }

// estimate returns the makespan per task, in ns, with its interval.
func (o observation) estimate() analyze.Estimate {
	var times []float64
	for _, x := range o.times {
		times = append(times, math.Exp(x))
	}
	return analyze.MeanOfLogs(times, 0.95)
}

// comparable returns a function that reports whether the model can compare the tasks of a sample with
// tasks of other sizes: they compute, and have equal work that the size determines.
func comparable(waits func(string) bool) func(harness.Sample) bool {
	return func(s harness.Sample) bool {
		c := s.Cell
		return c.Rate == 0 && c.Memory == 0 && c.Shape == "" && c.Spread == "" && !s.Subsample && s.Inputs == nil && (waits == nil || !waits(c.Workload))
	}
}

// observe returns the cells that the model covers, in the order of their first launches, and the
// number of cells that it omits. Starved launches and twins do not count.
func observe(samples []harness.Sample, covers func(harness.Sample) bool) (cells []observation, omitted int) {
	type turn struct{ round, attempt, block int }
	loops := map[turn]float64{}
	for _, s := range samples {
		if ns := s.Values[harness.UnitTask]; s.Cell.Strategy == harness.Direct && !s.Twin && !s.Starved() && ns > 0 {
			loops[turn{s.Round, s.Attempt, s.Block}] = ns
		}
	}
	index, others := map[harness.Cell]int{}, map[harness.Cell]bool{}
	for _, s := range samples {
		c := s.Cell
		if c.Strategy == harness.Direct || s.Twin {
			continue
		}
		if !covers(s) {
			others[c] = true
			continue
		}
		ns, work := s.Values[harness.UnitTask], loops[turn{s.Round, s.Attempt, s.Block}]
		n := int(s.Values[harness.UnitTasks])
		if s.Starved() || ns <= 0 || work <= 0 || n <= 0 {
			continue
		}
		i, known := index[c]
		if !known {
			i = len(cells)
			index[c] = i
			at := Point{Payload: c.Payload, Chunk: c.Chunk.Constant(n, c.Workers), Tasks: n, Workers: c.Workers, Cores: c.Cores}
			cells = append(cells, observation{cell: c, at: at})
		}
		cells[i].times = append(cells[i].times, math.Log(ns))
		cells[i].works = append(cells[i].works, math.Log(work))
	}
	cells = slices.DeleteFunc(cells, func(o observation) bool { return len(o.times) < 2 })
	for i := range cells {
		cells[i].at.Work = math.Exp(mean(cells[i].works))
	}
	return cells, len(others)
}

func mean(xs []float64) (sum float64) {
	for _, x := range xs {
		sum += x
	}
	return sum / float64(len(xs))
}

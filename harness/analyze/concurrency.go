package analyze

import (
	"cmp"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Concurrency holds the throughput of one strategy at each number of workers, for tasks that
// wait. It exists for strategies that were measured with several numbers of workers, and for
// strategies that can have more tasks under way than workers.
type Concurrency struct {
	Who    harness.Cell // with Workers 0
	Levels []Level      // by workers
	// Knee is the smallest measured number of workers whose throughput is within [kneeShare] of
	// the highest throughput measured. The throughput of fewer than Lo workers is shown to be
	// lower, and the throughput of Hi workers is shown to be within kneeShare. Knee is unknown
	// with fewer than kneeFrom levels. It is also unknown if Hi is the largest number measured,
	// because throughput may then still grow.
	Knee Estimate
}

const (
	kneeShare = 0.1 // the makespan at the knee is at most this share longer than the shortest makespan
	kneeFrom  = 3   // number of levels that a knee needs
)

// A Level holds the throughput of a strategy with one number of workers.
type Level struct {
	Workers    int
	Throughput Estimate // tasks per second
	UnderWay   Estimate // mean number of tasks under way at once
}

// concurrencies returns a Concurrency for each strategy that was measured for tasks that wait. It
// leaves out strategies with one number of workers, unless this number does not limit the tasks
// under way.
func concurrencies(questions []Question) []Concurrency {
	var out []Concurrency
	for _, q := range questions {
		if !q.Waits {
			continue
		}
		rows := only(q.Rows, func(r Row) bool { return !isDirect(r.Cell) && r.Makespan.Known() })
		for _, rows := range grouped(rows, Row.anyWorkers) {
			slices.SortFunc(rows, func(a, b Row) int { return cmp.Compare(a.Cell.Workers, b.Cell.Workers) })
			c := Concurrency{Who: rows[0].anyWorkers(), Levels: mapped(rows, func(r Row) Level {
				return Level{r.Cell.Workers, r.Makespan.Under(1e9), r.Account.UnderWay}
			})}
			c.Knee = q.knee(rows)
			if len(c.Levels) > 1 || c.Unbound() {
				out = append(out, c)
			}
		}
	}
	return out
}

// anyWorkers returns the row's cell with Workers set to 0. Cells that differ only in their number
// of workers then become equal.
func (r Row) anyWorkers() harness.Cell {
	r.Cell.Workers = 0
	return r.Cell
}

// Unbound reports whether the number of workers does not limit the number of tasks under way, as in
// an event loop. This is so if only one number of workers was measured, and the number of tasks
// under way was more than twice as large.
func (c Concurrency) Unbound() bool {
	l := c.Levels[0]
	return len(c.Levels) == 1 && l.UnderWay.Known() && l.UnderWay.Value > 2*float64(l.Workers)
}

// Most returns the level with the highest throughput. If several levels have it, Most returns the
// first.
func (c Concurrency) Most() Level {
	return slices.MaxFunc(c.Levels, func(a, b Level) int { return cmp.Compare(a.Throughput.Value, b.Throughput.Value) })
}

// knee returns the smallest number of workers whose makespan is at most kneeShare longer than the
// shortest makespan. The rows differ only in their number of workers, and are sorted by this
// number.
func (q Question) knee(rows []Row) Estimate {
	if len(rows) < kneeFrom {
		return Estimate{}
	}
	most := slices.MinFunc(rows, func(a, b Row) int { return cmp.Compare(a.Makespan.Value, b.Makespan.Value) })
	k := Estimate{N: most.Makespan.N}
	for _, r := range rows {
		over := exactly(r.Makespan.N)
		if r.Cell != most.Cell {
			over = q.Versus(r.Cell, most.Cell).Ratio
		}
		first := func(at *float64, yes bool) {
			if *at == 0 && yes {
				*at = float64(r.Cell.Workers)
			}
		}
		first(&k.Value, over.Known() && over.Value <= 1+kneeShare)
		first(&k.Lo, !over.Bounded() || over.Lo <= 1+kneeShare)
		first(&k.Hi, r.Cell == most.Cell || over.Bounded() && over.Hi <= 1+kneeShare)
	}
	if int(k.Hi) == rows[len(rows)-1].Cell.Workers {
		return Estimate{}
	}
	return k
}

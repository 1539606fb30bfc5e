package analyze

import (
	"cmp"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Concurrency is the throughput of one strategy by number of workers, for tasks that wait. It
// exists if the strategy was measured with several numbers of workers, or if its workers do not
// limit the tasks under way.
type Concurrency struct {
	Who    harness.Cell // with Workers 0
	Levels []Level      // by workers
	// Knee is P* of X(P) = min(P/s, Xmax): the number of workers from which throughput hardly grows.
	// It is where the line through the first level meets the highest measured throughput. It is 0
	// if unknown: with fewer than three levels, or if each worker of the last step still added more
	// than half the throughput of a worker of the first level.
	Knee float64
}

// A Level is the throughput with one number of workers.
type Level struct {
	Workers    int
	Throughput Estimate // tasks per second
	UnderWay   Estimate // mean number of tasks under way at once
}

// concurrencies returns the concurrencies of all questions whose tasks wait.
func concurrencies(questions []Question) []Concurrency {
	var out []Concurrency
	for _, q := range questions {
		if !q.Waits {
			continue
		}
		rows := only(q.Rows, func(r Row) bool { return !isDirect(r.Cell) && r.Makespan.Known() })
		for _, rows := range grouped(rows, Row.anyWorkers) {
			c := Concurrency{Who: rows[0].anyWorkers(), Levels: mapped(rows, func(r Row) Level {
				return Level{r.Cell.Workers, r.Makespan.Under(1e9), r.Account.UnderWay}
			})}
			slices.SortFunc(c.Levels, func(a, b Level) int { return cmp.Compare(a.Workers, b.Workers) })
			c.Knee = c.knee()
			if len(c.Levels) > 1 || c.Unbound() {
				out = append(out, c)
			}
		}
	}
	return out
}

// anyWorkers returns the cell of the row with Workers set to 0.
func (r Row) anyWorkers() harness.Cell {
	r.Cell.Workers = 0
	return r.Cell
}

// Unbound reports whether there is a single level, and more than twice as many tasks are under way
// as there are workers, as in an event loop.
func (c Concurrency) Unbound() bool {
	l := c.Levels[0]
	return len(c.Levels) == 1 && l.UnderWay.Known() && l.UnderWay.Value > 2*float64(l.Workers)
}

// Most returns the level with the highest throughput, the first of equal ones.
func (c Concurrency) Most() Level {
	return slices.MaxFunc(c.Levels, func(a, b Level) int { return cmp.Compare(a.Throughput.Value, b.Throughput.Value) })
}

func (c Concurrency) knee() float64 {
	n := len(c.Levels)
	if n < 3 {
		return 0 // two points form a line without a knee
	}
	first, before, last := c.Levels[0], c.Levels[n-2], c.Levels[n-1]
	each := first.Throughput.Value / float64(first.Workers)
	if last.Throughput.Value-before.Throughput.Value > 0.5*each*float64(last.Workers-before.Workers) {
		return 0
	}
	return c.Most().Throughput.Value / each
}

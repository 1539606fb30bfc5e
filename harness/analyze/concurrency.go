package analyze

import (
	"cmp"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Concurrency is the throughput of one strategy over its workers, for tasks that wait: of
// one with several numbers of workers, or whose workers do not limit how many tasks wait.
type Concurrency struct {
	Who    harness.Cell // with Workers 0
	Levels []Level      // by workers
	// Knee is the number of workers at which the line of few workers, each as fast as the
	// first, meets the most throughput that was measured: P* of X(P) = min(P/s, Xmax); more
	// gain little. 0 where it is not known: with fewer than three levels, and where
	// throughput still grew by half a worker's share for each.
	Knee float64
}

// A Level is a strategy with so many workers.
type Level struct {
	Workers    int
	Throughput Estimate // tasks in a second
	UnderWay   Estimate // tasks at once, on average
}

// concurrencies returns those of the questions about tasks that wait.
func concurrencies(questions []Question) []Concurrency {
	var out []Concurrency
	for _, q := range questions {
		if !q.Waits {
			continue
		}
		rows := only(q.Rows, func(r Row) bool { return !isDirect(r.Cell) && r.Makespan.Known() })
		for _, rows := range grouped(rows, Row.anyWorkers) {
			c := Concurrency{Who: rows[0].anyWorkers()}
			for _, r := range rows {
				c.Levels = append(c.Levels, Level{r.Cell.Workers, r.Makespan.Under(1e9), r.Account.UnderWay})
			}
			slices.SortFunc(c.Levels, func(a, b Level) int { return cmp.Compare(a.Workers, b.Workers) })
			c.Knee = c.knee()
			if len(c.Levels) > 1 || c.Unbound() {
				out = append(out, c)
			}
		}
	}
	return out
}

// anyWorkers returns the cell for all numbers of workers.
func (r Row) anyWorkers() harness.Cell {
	r.Cell.Workers = 0
	return r.Cell
}

// Unbound reports whether there is a single level, in which far more tasks wait at once than
// there are workers, as on an event loop.
func (c Concurrency) Unbound() bool {
	l := c.Levels[0]
	return len(c.Levels) == 1 && l.UnderWay.Known() && l.UnderWay.Value > 2*float64(l.Workers)
}

// Most returns the level with the most throughput, the first of several.
func (c Concurrency) Most() Level {
	return slices.MaxFunc(c.Levels, func(a, b Level) int { return cmp.Compare(a.Throughput.Value, b.Throughput.Value) })
}

func (c Concurrency) knee() float64 {
	n := len(c.Levels)
	if n < 3 {
		return 0 // two points are a line and have no bend
	}
	first, before, last := c.Levels[0], c.Levels[n-2], c.Levels[n-1]
	each := first.Throughput.Value / float64(first.Workers)
	if last.Throughput.Value-before.Throughput.Value > 0.5*each*float64(last.Workers-before.Workers) {
		return 0
	}
	return c.Most().Throughput.Value / each
}

package analyze

import (
	"cmp"
	"maps"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Latency is how long tasks of one kind took by one strategy, from when they were to
// arrive to their outcome, at growing rates: an open loop.
type Latency struct {
	Who       harness.Cell // with Rate 0
	Responses []Response   // by rate
}

// A Response is what callers see at a rate. All are medians over launches; a percentile that
// too few tasks arrived for is not known.
type Response struct {
	Rate           int      // tasks that were to arrive in a second
	Throughput     Estimate // outcomes in a second
	P50, P99, P999 Estimate // in ns
	Concurrency    Estimate // tasks in the system, waiting ones among them
	Lag            Estimate // by how much one arrival in a hundred came late, in ns
	Void           int      // loops beside those of the launches that are not shown, since arrivals lagged
}

// Behind reports whether tasks came faster than they were done: throughput stays below nine
// tenths of the rate, and responses grow as long as it lasts, so that they say nothing of the rate.
func (r Response) Behind() bool {
	return r.Throughput.Known() && r.Throughput.Value < 0.9*float64(r.Rate)
}

func latencies(samples []harness.Sample, set Settings) []Latency {
	by := map[harness.Cell]map[string][]float64{}
	for _, s := range samples {
		if s.Cell.Rate == 0 || s.Twin {
			continue
		}
		if by[s.Cell] == nil {
			by[s.Cell] = map[string][]float64{}
		}
		for unit, v := range s.Values {
			by[s.Cell][unit] = append(by[s.Cell][unit], v)
		}
	}
	var out []Latency
	order := func(a, b harness.Cell) int {
		rates := cmp.Compare(a.Rate, b.Rate)
		a.Rate, b.Rate = 0, 0
		return cmp.Or(PlaceOf(a).compare(PlaceOf(b)), cmp.Compare(a.Grain, b.Grain), CompareSeries(a, b), rates)
	}
	for _, c := range slices.SortedFunc(maps.Keys(by), order) {
		of := func(unit string) Estimate { return summary(by[c][unit], set.Confidence) }
		r := Response{
			Rate: c.Rate, Throughput: of(harness.UnitThroughput), Concurrency: of(harness.UnitConcurrency), Lag: of(harness.UnitLag),
			P50: of(harness.UnitP50), P99: of(harness.UnitP99), P999: of(harness.UnitP999),
		}
		for _, void := range by[c][harness.UnitVoidLoops] {
			r.Void += int(void)
		}
		c.Rate = 0
		if n := len(out); n > 0 && out[n-1].Who == c {
			out[n-1].Responses = append(out[n-1].Responses, r)
		} else {
			out = append(out, Latency{c, []Response{r}})
		}
	}
	return out
}

// A Concurrency is the throughput of one strategy over its workers, for tasks that wait: of
// one with several numbers of workers, or whose workers do not limit how many tasks wait.
type Concurrency struct {
	Who    harness.Cell // with Workers 0
	Levels []Level      // by workers
	// Knee is the number of workers at which the line of few workers, each as fast as the
	// first, meets the most throughput that was measured: P* of X(P) = min(P/s, Xmax); more
	// gain little. 0 where it cannot be told: with fewer than three levels, and where
	// throughput still grew by half a worker's share for each.
	Knee float64
}

// A Level is a strategy with so many workers.
type Level struct {
	Workers    int
	Throughput Estimate // tasks in a second
	UnderWay   Estimate // tasks at once, on average
}

func concurrencies(questions []Question) []Concurrency {
	var out []Concurrency
	for _, q := range questions {
		if !q.Waits {
			continue
		}
		at := map[harness.Cell]int{}
		for _, r := range q.Rows {
			who := r.Cell
			who.Workers = 0
			if who.Strategy == harness.Direct || !r.Makespan.Known() {
				continue
			}
			i, ok := at[who]
			if !ok {
				i, at[who] = len(out), len(out)
				out = append(out, Concurrency{Who: who})
			}
			out[i].Levels = append(out[i].Levels, Level{r.Cell.Workers, rateOf(r.Makespan), r.Account.UnderWay})
		}
	}
	out = slices.DeleteFunc(out, func(c Concurrency) bool { return len(c.Levels) < 2 && !c.Unbound() })
	for i := range out {
		slices.SortFunc(out[i].Levels, func(a, b Level) int { return cmp.Compare(a.Workers, b.Workers) })
		out[i].Knee = knee(out[i].Levels)
	}
	return out
}

// Unbound reports whether there is a single level, in which far more tasks wait at once than
// there are workers, as on an event loop.
func (c Concurrency) Unbound() bool {
	l := c.Levels[0]
	return len(c.Levels) == 1 && l.UnderWay.Known() && l.UnderWay.Value > 2*float64(l.Workers)
}

// rateOf turns ns per task into tasks per second.
func rateOf(e Estimate) Estimate {
	inverse := func(v float64) float64 { return 1e9 / v }
	return Estimate{Value: inverse(e.Value), Lo: inverse(e.Hi), Hi: inverse(e.Lo), N: e.N}
}

func knee(levels []Level) float64 {
	if len(levels) < 3 {
		return 0 // two points are a line and have no bend
	}
	first, last := levels[0], levels[len(levels)-1]
	before := levels[len(levels)-2]
	each := first.Throughput.Value / float64(first.Workers)
	most := 0.0
	for _, l := range levels {
		most = max(most, l.Throughput.Value)
	}
	if last.Throughput.Value-before.Throughput.Value > 0.5*each*float64(last.Workers-before.Workers) {
		return 0
	}
	return most / each
}

package analyze

import (
	"cmp"
	"maps"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Latency holds the response times of one strategy for one kind of task in an open loop, in which
// tasks arrive at a rate, whether or not earlier tasks are done. It has one Response for each rate.
type Latency struct {
	Who       harness.Cell // with Rate 0
	Responses []Response   // by rate
}

// A Response holds the response times at one rate, from the scheduled arrival of a task to its
// outcome. All estimates are medians over launches. A percentile is unknown if too few tasks
// arrived for it.
type Response struct {
	Rate           int      // scheduled arrivals per second
	Throughput     Estimate // outcomes per second
	P50, P99, P999 Estimate // percentiles of the response time, in ns
	Concurrency    Estimate // mean number of tasks in the system, waiting or running
	Void           int      // number of open loops that were discarded because tasks arrived late
}

// Behind reports whether tasks arrived faster than they were completed: the throughput is below
// nine tenths of the arrival rate. Then response times grow for as long as the measurement lasts
// and do not characterize the rate.
func (r Response) Behind() bool {
	return r.Throughput.Known() && r.Throughput.Value < 0.9*float64(r.Rate)
}

// Void returns, over all rates, the number of open loops that were discarded and the number of all
// open loops.
func (l Latency) Void() (void, loops int) {
	for _, r := range l.Responses {
		void, loops = void+r.Void, loops+r.Void+r.Throughput.N
	}
	return void, loops
}

// Kept returns the responses at the rates that the strategy kept up with: all rates below the first
// one at which tasks arrived faster than they were completed ([Response.Behind]). behind is that
// first rate, or 0 if there is none.
func (l Latency) Kept() (kept []Response, behind int) {
	i := slices.IndexFunc(l.Responses, Response.Behind)
	if i < 0 {
		return l.Responses, 0
	}
	return l.Responses[:i], l.Responses[i].Rate
}

// latencies returns a Latency for each strategy that was measured in open loops.
func latencies(samples []harness.Sample, set Settings) []Latency {
	r := newReadings(samples, set, func(s harness.Sample) bool { return !s.Twin && s.Cell.Rate > 0 })
	cells := slices.SortedFunc(maps.Keys(r.launches), func(a, b harness.Cell) int {
		return cmp.Or(CompareCells(closed(a), closed(b)), cmp.Compare(a.Rate, b.Rate))
	})
	var out []Latency
	for _, cells := range grouped(cells, closed) {
		l := Latency{Who: closed(cells[0])}
		for _, c := range cells {
			one := Response{
				Rate: c.Rate, Throughput: r.median(c, harness.UnitThroughput), Concurrency: r.median(c, harness.UnitConcurrency),
				P50: r.median(c, harness.UnitP50), P99: r.median(c, harness.UnitP99), P999: r.median(c, harness.UnitP999),
			}
			for _, values := range r.launches[c] {
				one.Void += int(values[harness.UnitVoidLoops])
			}
			l.Responses = append(l.Responses, one)
		}
		out = append(out, l)
	}
	return out
}

// closed returns the cell with its arrival rate set to 0, so that the open loops of one strategy
// can be grouped.
func closed(c harness.Cell) harness.Cell {
	c.Rate = 0
	return c
}

package analyze

import (
	"cmp"
	"maps"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Latency is how long tasks of one kind took by one strategy, from their intended arrival
// to their outcome, at growing rates: an open loop.
type Latency struct {
	Who       harness.Cell // with Rate 0
	Responses []Response   // by rate
}

// A Response is the time that callers wait at a rate. All are medians over launches; a
// percentile that too few tasks arrived for is not known.
type Response struct {
	Rate           int      // tasks that were to arrive in a second
	Throughput     Estimate // outcomes in a second
	P50, P99, P999 Estimate // in ns
	Concurrency    Estimate // tasks in the system, waiting ones among them
	Void           int      // loops that were not shown, beyond those of the launches, since arrivals lagged
}

// Behind reports whether tasks came faster than they were done: throughput stays below nine
// tenths of the rate, and responses grow as long as it lasts, so that they say nothing of the rate.
func (r Response) Behind() bool {
	return r.Throughput.Known() && r.Throughput.Value < 0.9*float64(r.Rate)
}

// Void returns how many loops of all rates are not shown, and how many there were.
func (l Latency) Void() (void, loops int) {
	for _, r := range l.Responses {
		void, loops = void+r.Void, loops+r.Void+r.Throughput.N
	}
	return void, loops
}

// Kept returns the responses at rates below the first at which tasks came faster than they
// were done, and that rate; 0 where there is none.
func (l Latency) Kept() (kept []Response, behind int) {
	i := slices.IndexFunc(l.Responses, Response.Behind)
	if i < 0 {
		return l.Responses, 0
	}
	return l.Responses[:i], l.Responses[i].Rate
}

func latencies(samples []harness.Sample, set Settings) []Latency {
	r := newReadings(only(samples, func(s harness.Sample) bool { return !s.Twin && s.Cell.Rate > 0 }), set)
	cells := slices.SortedFunc(maps.Keys(r.launches), func(a, b harness.Cell) int {
		return cmp.Or(compareCells(closed(a), closed(b)), cmp.Compare(a.Rate, b.Rate))
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

// closed returns the cell without its rate.
func closed(c harness.Cell) harness.Cell {
	c.Rate = 0
	return c
}

package report

import (
	"math"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

func TestWaiting(t *testing.T) {
	who := harness.Cell{Task: harness.Task{Workload: "sleep", Grain: 1_000_000}, Strategy: "pool", Chunk: "1", Order: harness.MapOrder, Cores: 2}
	levels := func(done ...float64) (all []analyze.Level) {
		for i, v := range done {
			all = append(all, analyze.Level{Workers: 4 << (2 * i), Throughput: analyze.Estimate{Value: v, Lo: v * 0.9, Hi: v * 1.1, N: 6}})
		}
		return all
	}
	at := func(rate int, done, ns float64) analyze.Response {
		e := func(v float64) analyze.Estimate { return analyze.Estimate{Value: v, Lo: v, Hi: math.Inf(1), N: 3} }
		return analyze.Response{Rate: rate, Throughput: e(done), P50: e(ns), P99: e(2 * ns)}
	}
	few := func(r analyze.Response) analyze.Response { // without its highest known percentile
		if !r.P99.Known() {
			r.P50 = analyze.Estimate{}
		}
		r.P99 = analyze.Estimate{}
		return r
	}
	open := who
	open.Workers, open.Order = 16, harness.CompletionOrder
	for _, c := range []struct {
		a    analyze.Analysis
		want string
	}{
		{analyze.Analysis{Concurrencies: []analyze.Concurrency{{Who: who, Levels: levels(4000, 16000, 25428), Knee: analyze.Estimate{Value: 16, Lo: 4, Hi: 16, N: 6}}}},
			"sleep, nominal 1.00 ms, on 2 cores: pool (chunk 1) has its highest median throughput, 25400 (22900 to 28000) a second, with 64 workers, the largest number of workers measured; the number of workers that reaches 90 % of this throughput is about 16 (4 to 16) (n = 6)."},
		{analyze.Analysis{Concurrencies: []analyze.Concurrency{{Who: who, Levels: levels(4000, 3000, 2000), Knee: analyze.Estimate{Value: 4, Lo: 4, Hi: 4, N: 6}}}}, "4000 (3600 to 4400) a second, with 4 workers (n = 6)."},
		{analyze.Analysis{Concurrencies: []analyze.Concurrency{{Who: who, Levels: levels(4000, 16000)}}}, "with 16 workers, the largest number of workers measured (n = 6)."},
		{analyze.Analysis{Latencies: []analyze.Latency{{Who: open, Responses: []analyze.Response{at(500, 505, 1e6), at(1000, 1000, 2e6), at(2000, 1990, 3e6), at(4000, 3000, 9e6)}}}},
			"open loop: pool (chunk 1), 16 workers: at a rate of 500 a second, half of the outcomes arrive within 1.00 ms and 99 % within 2.00 ms; at a rate of 2000 a second, half of the outcomes arrive within 3.00 ms and 99 % within 6.00 ms; from a rate of 4000 a second on, tasks arrive faster than they are completed (likely, 3 rounds)."},
		{analyze.Analysis{Concurrencies: []analyze.Concurrency{{Who: who, Levels: []analyze.Level{{Workers: 1, Throughput: analyze.Estimate{Value: 20000, Hi: math.Inf(1), N: 3}, UnderWay: analyze.Estimate{Value: 47.7, N: 3}}}}}},
			"pool (chunk 1) completes 20000 a second with 1 worker and, on average, 48 tasks under way (likely, 3 rounds)."},
		{analyze.Analysis{Latencies: []analyze.Latency{{Who: open, Responses: []analyze.Response{few(at(20, 20, 1e6))}}}},
			"at a rate of 20 a second, half of the outcomes arrive within 1.00 ms; too few tasks arrived for a 99th percentile (likely"},
		{analyze.Analysis{Latencies: []analyze.Latency{{Who: open, Responses: []analyze.Response{few(few(at(1, 1, 1e6)))}}}},
			"at a rate of 1 a second, too few tasks arrived for a median response time (likely"},
		{analyze.Analysis{Latencies: []analyze.Latency{{Who: open, Responses: []analyze.Response{at(500, 100, 1e6)}}}}, "it kept up with none of the measured rates"},
	} {
		var got []string
		for _, one := range c.a.Concurrencies {
			got = append(got, throughput(one))
		}
		for _, one := range c.a.Latencies {
			got = append(got, waiting(one))
		}
		if len(got) != 1 || !strings.Contains(got[0], c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestTooFewTasks checks a report with too few arrivals for a percentile: its table says so, and
// its text names a remedy.
func TestTooFewTasks(t *testing.T) {
	known := analyze.Estimate{Value: 1e6, N: 3}
	for _, c := range []struct {
		responses []analyze.Response
		want      string
	}{
		{[]analyze.Response{{Rate: 1, Throughput: known}}, ` To measure a p50, 10 tasks must arrive in each launch: at a rate of 1 a second, set min-time = "10s" in the suite.`},
		{[]analyze.Response{{Rate: 20, Throughput: known, P50: known}, {Rate: 50, Throughput: known, P50: known}}, ` To measure a p99, 500 tasks must arrive in each launch: at a rate of 20 a second, set min-time = "25s" in the suite.`},
		{[]analyze.Response{{Rate: 2, Throughput: known, P50: known}}, ` To measure a p99, 500 tasks must arrive in each launch: choose a rate of at least 9 a second, and set min-time = "1m0s" in the suite.`},
		{[]analyze.Response{{Rate: 200, Throughput: known, P50: known, P99: known}}, ` To measure a p99.9, 5000 tasks must arrive in each launch: at a rate of 200 a second, set min-time = "25s" in the suite.`},
		{[]analyze.Response{{Rate: 5000, Throughput: known, P50: known, P99: known, P999: known}}, ""},
		{[]analyze.Response{{Rate: 1}}, ""}, // nothing was measured
	} {
		all := []analyze.Latency{{Responses: c.responses}}
		if got := howToMeasure(all); got != c.want {
			t.Errorf("%v: %q, want %q", c.responses, got, c.want)
		}
		s := responses(nil, all, nil)
		words := false
		for _, row := range s.parts[0].rows {
			words = words || strings.Contains(strings.Join(row, " "), "too few tasks")
		}
		if words != (c.want != "") {
			t.Errorf("%v: %v", c.responses, s.parts[0].rows)
		}
	}
}

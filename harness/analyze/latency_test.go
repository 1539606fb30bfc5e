package analyze

import (
	"testing"

	"github.com/payoff-bench/payoff/harness"
)

func waitingCell(strategy string, workers, rate int) harness.Cell {
	c := harness.Cell{Task: harness.Task{Workload: "sleep", Grain: 1_000_000}, Strategy: strategy, Workers: workers, Cores: 2, Chunk: "1", Order: harness.MapOrder, Rate: rate}
	if rate > 0 {
		c.Order = harness.CompletionOrder
	}
	return c
}

// TestLatencies checks that open loops are left out of questions and are listed by rate.
func TestLatencies(t *testing.T) {
	var samples []harness.Sample
	for round := range 6 {
		for _, x := range []struct {
			c  harness.Cell
			ns float64
		}{
			{waitingCell(harness.Direct, 1, 0), 1e6}, {waitingCell("pool", 1, 0), 1e6}, {waitingCell("pool", 4, 0), 2.5e5},
			{waitingCell("pool", 8, 0), 1.25e5}, {waitingCell("pool", 16, 0), 1.25e5},
			{waitingCell("loop", 1, 0), 2e4}, {waitingCell("procs", 50, 0), 2e4},
		} {
			samples = append(samples, harness.Sample{Cell: x.c, Round: round, Values: map[string]float64{
				harness.UnitTask: x.ns, harness.UnitTasks: 64, harness.UnitConcurrency: 1e6 / x.ns,
			}})
		}
		for _, rate := range []int{2000, 500} {
			samples = append(samples, harness.Sample{Cell: waitingCell("pool", 8, rate), Round: round, Block: 1, Values: map[string]float64{
				harness.UnitP50: float64(rate) * 1000, harness.UnitThroughput: min(float64(rate), 1000), harness.UnitConcurrency: 2, harness.UnitVoidLoops: float64(rate / 2000),
			}})
		}
	}
	a := New(harness.Info{Rounds: 6}, samples, Settings{Waits: func(string) bool { return true }})
	if len(a.Latencies) != 1 || len(a.Latencies[0].Responses) != 2 {
		t.Fatalf("%+v", a.Latencies)
	}
	slow, fast := a.Latencies[0].Responses[0], a.Latencies[0].Responses[1]
	if slow.Rate != 500 || slow.P50.Value != 500_000 || slow.P50.N != 6 || slow.P99.Known() || slow.Behind() || !fast.Behind() || slow.Void != 0 || fast.Void != 6 {
		t.Errorf("%+v, %+v", slow, fast)
	}
	if len(a.Questions()) != 1 || len(a.Questions()[0].Rows) != 7 {
		t.Errorf("questions: %+v", a.Questions())
	}
	if len(a.Concurrencies) != 2 || len(a.Concurrencies[1].Levels) != 4 || a.Concurrencies[1].Knee != (Estimate{8, 8, 8, 6}) {
		t.Fatalf("%+v", a.Concurrencies)
	}
	if c := a.Concurrencies[0]; c.Who.Strategy != "loop" || !c.Unbound() || c.Levels[0].UnderWay.Value != 50 {
		t.Errorf("one worker with 50 tasks under way: %+v", c) // 50 workers with one each are bound
	}
	if u := a.Concurrencies[1].Levels[1].UnderWay; u.Value != 4 {
		t.Errorf("%v under way", u)
	}
	q := a.Questions()[0]
	growing := only(q.Rows, func(r Row) bool { return r.Cell.Strategy == "pool" && r.Cell.Workers < 16 })
	if k := q.knee(growing); len(growing) != 3 || k != (Estimate{}) {
		t.Errorf("throughput still grew: knee %v", k)
	}
}

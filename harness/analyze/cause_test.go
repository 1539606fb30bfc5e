package analyze_test

import (
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// TestRemediesAndApart checks that a chunk that helps, a transport that does not, and the first task size at which
// strategies are close are found, and that only the pair at the size with the largest difference is apart.
func TestRemediesAndApart(t *testing.T) {
	loop := harness.Cell{Task: harness.Task{Workload: "spin", Grain: 1000}, Cores: 2, Strategy: harness.Direct, Workers: 1, Chunk: "1", Order: harness.MapOrder}
	pool := loop
	pool.Strategy, pool.Workers = "pool", 2
	procs := pool
	procs.Strategy = harness.Processes
	chunked, shm := procs, procs
	chunked.Chunk, shm.Transport = "64", "shm"
	times := map[int]map[harness.Cell]float64{
		1000:    {loop: 1000, pool: 550, procs: 900, chunked: 600, shm: 950},
		10_000:  {loop: 10_000, pool: 5100, procs: 6500},
		100_000: {loop: 100_000, pool: 50_500, procs: 51_000},
		1e6:     {loop: 1e6, pool: 500_500, procs: 500_600},
	}
	var samples []harness.Sample
	for block, grain := range []int{1000, 10_000, 100_000, 1e6} {
		for cell, ns := range times[grain] {
			cell.Grain = grain
			for round := range 8 {
				wobble := 1 + 0.002*float64((round*5+len(cell.Strategy)+len(cell.Chunk)+len(cell.Transport))%7-3)
				samples = append(samples, harness.Sample{Cell: cell, Block: block, Round: round, Reps: 3,
					Values: map[string]float64{harness.UnitTask: ns * wobble, harness.UnitTasks: 1000}})
			}
		}
	}
	a := analyze.New(harness.Info{}, samples, analyze.Settings{})
	got := map[string]analyze.Remedy{}
	for _, r := range a.Remedies(procs, pool) {
		got[r.Key] = r
	}
	if r := got["chunk"]; r.Cell != chunked || !r.Helps || r.Ratio.Value > 1.2 {
		t.Errorf("the chunk is %+v", r)
	}
	if r := got["transport"]; r.Cell != shm || r.Helps {
		t.Errorf("the transport is %+v", r)
	}
	if r := got["grain"]; r.Cell.Grain != 100_000 || !r.Helps {
		t.Errorf("the larger task is %+v", r)
	}
	pairs := a.Apart(0.2, 10)
	if len(pairs) != 1 || pairs[0].Fast.Strategy != "pool" || pairs[0].Slow.Strategy != harness.Processes || pairs[0].Slow.Grain != 10_000 {
		t.Errorf("the pairs are %+v; pool and procs differ most at 10 µs, as procs/64 is the best of processes at 1 µs", pairs)
	}
	if pairs := a.Apart(0.5, 10); len(pairs) != 0 {
		t.Errorf("pairs that differ by more than 50 %%: %+v", pairs)
	}
}

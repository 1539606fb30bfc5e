package simulate

import (
	"fmt"
	"math"
	"testing"

	"github.com/payoff-bench/payoff/strategies/chunk"
)

// TestShapes checks the simulation against makespans that theory gives exactly or as a limit.
func TestShapes(t *testing.T) {
	for _, test := range []struct {
		name string
		job  Job
		want float64 // makespan per task
		off  float64 // relative tolerance
	}{
		{"one worker", Job{Tasks: 1000, Workers: 1, Cores: 1, Work: 100, PerTask: 10}, 110, 1e-9},
		{"work divides", Job{Tasks: 1024, Workers: 64, Cores: 64, Work: 100, PerTask: 10}, 110. / 64, 1e-9},
		{"chunks share their cost", Job{Tasks: 1024, Workers: 4, Cores: 4, Policy: chunk.Fixed(16), Work: 100, PerChunk: 160}, 110. / 4, 1e-9},
		{"the dispatcher limits", Job{Tasks: 100_000, Workers: 1024, Cores: 1024, Work: 1000, Dispatch: 5}, 5, 0.01},
		{"too few workers to saturate the dispatcher", Job{Tasks: 100_000, Workers: 10, Cores: 10, Work: 1000, Dispatch: 5}, 100.5, 0.01},
		{"workers share cores", Job{Tasks: 4096, Workers: 64, Cores: 4, Work: 100}, 25, 0.01},
		{"stealing balances", Job{Tasks: 100_000, Workers: 16, Cores: 16, Work: 100, Spread: 1, Steal: true, Seed: 1}, 100. / 16, 0.02},
		{"a worker across a network waits for each chunk", Job{Tasks: 1000, Workers: 1, Cores: 1, Work: 100, RoundTrip: 900}, 1000, 0.01},
		{"fetching ahead hides the round trip", Job{Tasks: 10_000, Workers: 1, Cores: 1, Work: 1000, RoundTrip: 900, Ahead: 1}, 1000, 0.01},
		{"the link limits", Job{Tasks: 10_000, Workers: 100, Cores: 100, Work: 1000, RoundTrip: 100, Transfer: 50, Ahead: 1}, 50, 0.02},
		{"a window of one is serial", Job{Tasks: 1000, Workers: 8, Cores: 8, Work: 100, Window: 1}, 100, 1e-9},
		{"a window as large as the workers", Job{Tasks: 1024, Workers: 8, Cores: 8, Work: 100, Window: 8}, 12.5, 1e-9},
		{"a job", Job{Tasks: 10, Workers: 1, Cores: 1, Work: 100, PerJob: 50}, 105, 1e-9},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := Run(test.job).PerTask(test.job); math.Abs(got/test.want-1) > test.off {
				t.Errorf("%.6g ns per task, want %.6g", got, test.want)
			}
		})
	}
}

// TestPolicies checks that a job with any policy runs all tasks. It also checks published results
// for skewed tasks, for which small last chunks pay off: static is the slowest policy, and
// factoring is close to the fastest.
func TestPolicies(t *testing.T) {
	spans := map[string]float64{}
	for _, p := range append(chunk.All(), chunk.Fixed(1), chunk.Fixed(1000)) {
		for _, steal := range []bool{false, true} {
			j := Job{Tasks: 20_000, Workers: 32, Cores: 32, Policy: p, Work: 1000, Spread: 3, Steal: steal, Seed: 2}
			r := Run(j)
			if r.Busy < 0.9*1000*20_000 || r.Makespan < r.Busy/32 {
				t.Errorf("%s: busy %g in a makespan of %g", p, r.Busy, r.Makespan)
			}
			if !steal {
				spans[p.String()] = r.Makespan
			}
		}
	}
	if spans["static"] < spans["factoring"] || spans["1"] > spans["factoring"]*1.02 {
		t.Errorf("makespans by policy: %v", spans)
	}
}

// TestOrderCosts checks that jobs of skewed tasks take longer with a small window in input order.
func TestOrderCosts(t *testing.T) {
	j := Job{Tasks: 20_000, Workers: 16, Cores: 16, Work: 1000, Spread: 2, Seed: 3}
	free := Run(j).Makespan
	j.Window = 16
	if tight := Run(j).Makespan; tight < 1.1*free {
		t.Errorf("makespan %g with a window of 16, %g without", tight, free)
	}
}

// TestDeterministic checks that equal seeds give equal results.
func TestDeterministic(t *testing.T) {
	j := Job{Tasks: 1000, Workers: 7, Cores: 3, Work: 100, Spread: 1, Noise: 0.2, PerTask: 10, Seed: 9}
	if a, b := Run(j), Run(j); a != b {
		t.Errorf("%+v and %+v from one seed", a, b)
	}
}

// BenchmarkTasks simulates 10 million tasks on 1,024 workers.
func BenchmarkTasks(b *testing.B) {
	for _, j := range []Job{
		{Tasks: 1e7, Workers: 1024, Cores: 1024, Work: 1000, Spread: 1, PerTask: 50, Dispatch: 0.5},
		{Tasks: 1e7, Workers: 1024, Cores: 1024, Work: 1000, Spread: 1, PerTask: 50, Steal: true},
	} {
		b.Run(fmt.Sprintf("steal=%v", j.Steal), func(b *testing.B) {
			for b.Loop() {
				Run(j)
			}
		})
	}
}

package kernels

import (
	"fmt"
	"testing"

	"github.com/payoff-bench/payoff/workloads"
)

// BenchmarkGrain shows the ratio of the work of a task to its nominal grain on this machine. A
// ratio from 0.5 to 2 is normal. For a workload that computes, the ratio should be the same for all
// grains.
func BenchmarkGrain(b *testing.B) {
	for _, w := range All() {
		if !w.Grains {
			continue
		}
		for _, payload := range []int{0, 4096} {
			if payload > 0 && !w.Payloads {
				continue
			}
			for _, grain := range []int{100, 200, 500, 1e3, 1e4, 1e5, 1e6, 1e7} {
				if grain < w.Finest {
					continue
				}
				b.Run(fmt.Sprintf("workload=%s/payload=%d/grain=%d", w.Name, payload, grain), func(b *testing.B) {
					n := max(1, 2e7/grain) // so many tasks that the branch predictor cannot learn them
					l := prepare(b, w, workloads.Params{Grain: grain, Payload: payload, Memory: memory(w), Seed: 1}, n)
					b.ReportAllocs()
					for b.Loop() {
						if err := l.Direct(b.Context()); err != nil {
							b.Fatal(err)
						}
					}
					task := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / float64(n)
					b.ReportMetric(task, "ns/task")
					b.ReportMetric(task/float64(grain), "w/grain")
				})
			}
		}
	}
}

// prepare returns a load of w with parameters p and n tasks. It closes the load at the end of the
// test.
func prepare(t testing.TB, w workloads.Workload, p workloads.Params, n int) workloads.Load {
	t.Helper()
	l, err := w.New(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := l.Inputs(n); err != nil {
		t.Fatal(err)
	}
	return l
}

// memory returns a size of memory that fits in L1, in bytes, or 0 if w has no such parameter.
func memory(w workloads.Workload) int {
	if w.Memories {
		return 16 << 10
	}
	return 0
}

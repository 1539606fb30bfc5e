package peers_test

import (
	"context"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
)

// BenchmarkElsewhere measures a loop and maps of trivial tasks again and again, as the programs in
// scripts/elsewhere do. The script figures.sh there runs it by turns with them.
func BenchmarkElsewhere(b *testing.B) {
	in, out := make([]int, figureTasks), make([]int, figureTasks)
	for i := range in {
		in[i] = i
	}
	measure := func(name string, run func() error) {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				if err := run(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/figureTasks, "ns/task")
			for i, v := range out {
				if v != 2*i {
					b.Fatalf("output %d is %d, want %d", i, v, 2*i)
				}
			}
			clear(out)
		})
	}
	ctx := context.Background()
	measure("direct", func() (err error) {
		for i, v := range in {
			if out[i], err = trivial.Func(ctx, v); err != nil {
				return err
			}
		}
		return nil
	})
	for name, ex := range map[string]strategies.Executor{"steal": strategies.Steal(figureWorkers), "pool": strategies.Pool(figureWorkers)} {
		measure(name, func() error { return trivial.MapInto(ctx, ex, in, out, strategies.Options{}) })
		ex.Close()
	}
}

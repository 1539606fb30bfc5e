//go:build unix

package procs

import (
	"context"
	"slices"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// BenchmarkTrip measures sending one task to a worker and its outcome back, as an awaited future
// and in a stream with a window of one task, over each transport. Bare system calls are measured
// for comparison.
func BenchmarkTrip(b *testing.B) {
	for _, over := range []string{"pipe", "futex"} {
		b.Run("bare="+over, func(b *testing.B) {
			trip := bareTrip(b, over)
			for b.Loop() {
				must(b, trip())
			}
		})
	}
	for _, tr := range []transport.Transport{transport.Pipe(), transport.SocketPair(), transport.TCP(), transport.SHM(transport.SHMOptions{})} {
		for _, workers := range []int{1, 2} {
			c := config(workers)
			c.Transport = tr
			name := "transport=" + tr.Name + "/workers=" + string(rune('0'+workers))
			b.Run("order=single/"+name, func(b *testing.B) {
				x := newExecutor(b, c)
				must(b, roundTrips(context.Background(), x, 100))
				b.ResetTimer()
				must(b, roundTrips(context.Background(), x, b.N))
			})
			b.Run("order=input/"+name, func(b *testing.B) {
				x := newExecutor(b, c)
				must(b, roundTrips(context.Background(), x, 100))
				in := make([]uint64, b.N)
				b.ResetTimer()
				for _, err := range number.Stream(context.Background(), x, slices.Values(in), strategies.Options{Window: 1}) {
					must(b, err)
				}
			})
		}
	}
}

// roundTrips submits n tasks, each after the outcome of the previous task.
func roundTrips(ctx context.Context, x *Executor, n int) error {
	for range n {
		if _, err := number.Go(ctx, x, 1, strategies.Options{}).Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

//go:build unix

package procs

import (
	"context"
	"slices"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// BenchmarkTrip measures, for each transport, the round trip of one task: to a worker and back with
// its outcome. The task is an awaited future, or belongs to a stream with a window of one task. For
// comparison, it also measures round trips by bare system calls.
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

// roundTrips runs n tasks one after another: it submits each when the previous one has its outcome.
func roundTrips(ctx context.Context, x *Executor, n int) error {
	for range n {
		if _, err := number.Go(ctx, x, 1, strategies.Options{}).Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

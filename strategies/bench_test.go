package strategies

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/payoff-bench/payoff/strategies/chunk"
)

var double = Kernel[int, int]{Name: "double", Func: func(_ context.Context, i int) (int, error) { return 2 * i, nil }}

// count yields the numbers from 0 to n-1.
func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// perTask reports the time per task of a job of n tasks.
func perTask(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/task")
}

func BenchmarkMap(b *testing.B) {
	for _, n := range []int{1, 2, 100_000} {
		for _, size := range []int{1, 64} {
			if size > n {
				continue
			}
			b.Run(fmt.Sprintf("tasks=%d/chunk=%d", n, size), func(b *testing.B) {
				ex := Pool(2)
				defer ex.Close()
				in, out := make([]int, n), make([]int, n)
				b.ReportAllocs()
				for b.Loop() {
					if err := double.MapInto(b.Context(), ex, in, out, Options{Chunk: chunk.Fixed(size)}); err != nil {
						b.Fatal(err)
					}
				}
				perTask(b, n)
			})
		}
	}
}

func BenchmarkStream(b *testing.B) {
	for _, order := range []Order{InputOrder, CompletionOrder} {
		for _, n := range []int{1, 100_000} {
			b.Run(fmt.Sprintf("tasks=%d/order=%v", n, order), func(b *testing.B) {
				ex := Pool(2)
				defer ex.Close()
				b.ReportAllocs()
				for b.Loop() {
					for range double.Stream(b.Context(), ex, count(n), Options{Order: order}) {
					}
				}
				perTask(b, n)
			})
		}
	}
}

// BenchmarkFuture measures submitting one task and waiting for it, by Go and by a goroutine with a
// channel.
func BenchmarkFuture(b *testing.B) {
	b.Run("by=Go", func(b *testing.B) {
		ex := Pool(2)
		defer ex.Close()
		ctx := context.Background()
		b.ReportAllocs()
		for b.Loop() {
			if _, err := double.Go(ctx, ex, 1, Options{}).Wait(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("by=goroutine", func(b *testing.B) {
		ctx := context.Background()
		b.ReportAllocs()
		for b.Loop() {
			out := make(chan int, 1)
			go func() { v, _ := double.Func(ctx, 1); out <- v }()
			<-out
		}
	})
}

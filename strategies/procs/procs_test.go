//go:build unix

package procs

import (
	"context"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

func TestMap(t *testing.T) {
	x := newPool(t, 2)
	for _, n := range []int{0, 1, 2, 3, 1000, 100_000} {
		for _, size := range []int{0, 1, 2, 7, n, n + 1} {
			in := make([]uint64, n)
			for i := range in {
				in[i] = uint64(i)
			}
			out, err := number.Map(context.Background(), x, in, strategies.Options{Chunk: chunk.Fixed(size)})
			if err != nil {
				t.Fatalf("n=%d chunk=%d: %v", n, size, err)
			}
			for i, v := range out {
				if v != uint64(i)+1 {
					t.Fatalf("n=%d chunk=%d: output %d is %d", n, size, i, v)
				}
			}
		}
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
}

package procs

import (
	"context"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
)

func TestMap(t *testing.T) {
	x := newPool(t, 2)
	for _, n := range []int{0, 1, 2, 3, 1000, 100_000} {
		for _, chunk := range []int{0, 1, 2, 7, n, n + 1} {
			in := make([]uint64, n)
			for i := range in {
				in[i] = uint64(i)
			}
			out, err := strategies.Map(context.Background(), x, number, in, strategies.Options{Chunk: strategies.Fixed(chunk)})
			if err != nil {
				t.Fatalf("n=%d chunk=%d: %v", n, chunk, err)
			}
			for i, v := range out {
				if v != uint64(i)+1 {
					t.Fatalf("n=%d chunk=%d: output %d is %d", n, chunk, i, v)
				}
			}
		}
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
}

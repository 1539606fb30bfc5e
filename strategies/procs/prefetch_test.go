//go:build unix

package procs

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

// TestPrefetch checks that all tasks of maps and streams have outcomes, even if Prefetch allows
// little work in advance.
func TestPrefetch(t *testing.T) {
	for _, p := range []Prefetch{{Tasks: 1}, {Tasks: 3}, {Time: time.Nanosecond}, {Tasks: 2, Time: time.Second}} {
		c := config(2)
		c.Prefetch = p
		x := newExecutor(t, c)
		in := make([]uint64, 500)
		for _, size := range []int{1, 7} {
			out, err := number.Map(t.Context(), x, in, strategies.Options{Chunk: chunk.Fixed(size)})
			if err != nil || len(out) != len(in) {
				t.Errorf("%+v, chunk %d: got %d outcomes of a map and error %v, want %d and none", p, size, len(out), err, len(in))
			}
			n := 0
			for _, err := range number.Stream(t.Context(), x, slices.Values(in), strategies.Options{Chunk: chunk.Fixed(size), Window: 50}) {
				if n++; err != nil {
					t.Fatal(err)
				}
			}
			if n != len(in) {
				t.Errorf("%+v, chunk %d: got %d outcomes of a stream, want %d", p, size, n, len(in))
			}
		}
	}
	c := config(1)
	c.Prefetch.Tasks = -1
	var refused *strategies.OptionError
	if _, err := New(t.Context(), c); !errors.As(err, &refused) || refused.Option != "prefetch" {
		t.Error(err)
	}
}

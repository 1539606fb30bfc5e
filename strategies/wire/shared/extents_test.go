package shared

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestExtents compares the list of free ranges with a model: an array of bytes, each of which is
// free or taken. The method take must return the first range of free bytes that is long enough.
// Ranges in the list must neither overlap nor touch.
func TestExtents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const size = 64
		free := extents{{0, size}}
		var taken [size]bool
		var held []extent
		fits := func(n int) int {
			for at := 0; at+n <= size; at++ {
				if !slices.Contains(taken[at:at+n], true) {
					return at
				}
			}
			return -1
		}
		t.Repeat(map[string]func(*rapid.T){
			"take": func(t *rapid.T) {
				n := rapid.IntRange(1, size).Draw(t, "n")
				want := fits(n)
				at, ok := free.take(n)
				if ok != (want >= 0) || ok && at != want {
					t.Fatalf("take of %d bytes: got offset %d and %v, want offset %d", n, at, ok, want)
				}
				if ok {
					held = append(held, extent{at, at + n})
					for i := range n {
						taken[at+i] = true
					}
				}
			},
			"put": func(t *rapid.T) {
				if len(held) == 0 {
					t.Skip("nothing is taken")
				}
				i := rapid.IntRange(0, len(held)-1).Draw(t, "i")
				e := held[i]
				held = slices.Delete(held, i, i+1)
				free.put(e)
				clear(taken[e.lo:e.hi])
			},
			"": func(t *rapid.T) {
				var got [size]bool
				for i := range got {
					got[i] = true
				}
				for i, e := range free {
					if e.len() <= 0 || i > 0 && free[i-1].hi >= e.lo {
						t.Fatalf("got free ranges %v, some of which are empty, overlap or touch", free)
					}
					clear(got[e.lo:e.hi])
				}
				if got != taken {
					t.Fatalf("got free ranges %v, which differ from the free bytes of the model", free)
				}
				if n := free.largest(); n > 0 && fits(n) < 0 || n < size && fits(n+1) >= 0 {
					t.Fatalf("got %d as the length of the longest range of %v", n, free)
				}
			},
		})
	})
}

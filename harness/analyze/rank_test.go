package analyze

import (
	"math"
	"slices"
	"sort"
	"testing"

	"pgregory.net/rapid"
)

// TestWalsh compares counts, selections and verdicts with those of the list of all averages.
func TestWalsh(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(rapid.Float64Range(-0.1, 0.1), rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 0.02, -0.02, math.Log1p(0.02)}))
		xs := rapid.SliceOfN(value, SignedRankFrom, 30).Draw(t, "xs")
		var all []float64
		for i, x := range xs {
			for _, y := range xs[i:] {
				all = append(all, (x+y)/2)
			}
		}
		slices.Sort(all)
		w := newWalsh(xs)
		if w.len() != len(all) || w.median() != middle(all) {
			t.Fatalf("%d averages with median %v, not %d with %v", w.len(), w.median(), len(all), middle(all))
		}
		k := rapid.IntRange(0, len(all)-1).Draw(t, "k")
		if w.at(k) != all[k] {
			t.Fatalf("average %d is %v, not %v", k, w.at(k), all[k])
		}
		x := rapid.OneOf(value, rapid.Just(all[k])).Draw(t, "x")
		for _, orEqual := range []bool{false, true} {
			want := len(only(all, func(a float64) bool { return a < x || orEqual && a == x }))
			if got := w.below(x, orEqual); got != want {
				t.Fatalf("%d averages below %v, not %d", got, x, want)
			}
		}

		const margin = 0.02
		m, last := math.Log1p(margin), len(all)/2
		rank := 1 + sort.Search(last, func(i int) bool { return region(all[i], all[len(all)-1-i], m) != Unresolved })
		want, p := Unresolved, 1.0
		if rank <= last {
			want, p = region(all[rank-1], all[len(all)-rank], m), rankTail(len(xs), rank)
		}
		if v, q := decide(xs, margin); v != want || q != p {
			t.Fatalf("%s at %v, not %s at %v", v, q, want, p)
		}
	})
}

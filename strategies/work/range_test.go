package work

import (
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"
)

func TestRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r Range
		var model []int // the unclaimed slots
		check := func(t *rapid.T, s Span, want []int) {
			if s.Len() != len(want) || len(want) > 0 && (s.Lo != want[0] || s.Hi != want[len(want)-1]+1) {
				t.Fatalf("got %v, want %v", s, want)
			}
		}
		sizes := rapid.OneOf(rapid.IntRange(0, 5), rapid.SampledFrom([]int{100, MaxTasks - 1, MaxTasks}))
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				if len(model) > 0 {
					t.Skip("not empty")
				}
				n := rapid.IntRange(0, 20).Draw(t, "n")
				lo := rapid.OneOf(rapid.IntRange(0, 100), rapid.Just(MaxTasks-n)).Draw(t, "lo")
				r.Set(Span{lo, lo + n})
				model = nil
				for i := range n {
					model = append(model, lo+i)
				}
			},
			"claim": func(t *rapid.T) {
				n := sizes.Draw(t, "n")
				k := min(n, len(model))
				check(t, r.Claim(n), model[:k])
				model = model[k:]
			},
			"add": func(t *rapid.T) {
				n := rapid.IntRange(1, addMost).Draw(t, "n")
				if _, hi := unpack(r.word.Load()); hi > addEnd {
					t.Skip("ends too high")
				}
				k := min(n, len(model))
				lo, hi := r.Add(uint32(n))
				check(t, Span{int(lo), max(int(lo), int(hi))}, model[:k])
				model = model[k:]
			},
			"steal": func(t *rapid.T) {
				n := sizes.Draw(t, "n")
				k := min(n, len(model))
				check(t, r.Steal(func(unclaimed int) int {
					if unclaimed != len(model) {
						t.Fatalf("share was called with %d unclaimed slots, want %d", unclaimed, len(model))
					}
					return n
				}), model[len(model)-k:])
				model = model[:len(model)-k]
			},
			"clear": func(t *rapid.T) {
				check(t, r.Clear(), model)
				model = nil
			},
			"": func(t *rapid.T) {
				if r.Len() != len(model) {
					t.Fatalf("the length is %d, want %d", r.Len(), len(model))
				}
			},
		})
	})
}

// Every slot is claimed once, by any method and from either end. After another Set it is claimed
// again.
func TestRangeClaimedByMany(t *testing.T) {
	const slots, laps = 512, 60
	var r Range
	var claimed [slots]atomic.Int32
	for range laps {
		for i := range claimed {
			claimed[i].Store(0)
		}
		var left atomic.Int32
		left.Store(slots)
		r.Set(Span{0, slots})
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				for left.Load() > 0 {
					s := r.Claim(w + 1)
					switch {
					case w == 1 && r.Len() > 0:
						if lo, hi := r.Add(2); lo < hi {
							left.Add(-int32(s.Len()))
							for i := s.Lo; i < s.Hi; i++ {
								claimed[i].Add(1)
							}
							s = Span{int(lo), int(hi)}
						}
					case w == 3 && s.Len() == 0:
						s = r.Clear()
					case w == 2 && s.Len() == 0:
						s = r.Steal(func(n int) int { return n / 2 })
					}
					for i := s.Lo; i < s.Hi; i++ {
						claimed[i].Add(1)
					}
					left.Add(-int32(s.Len()))
				}
			})
		}
		wg.Wait()
		for i := range claimed {
			if n := claimed[i].Load(); n != 1 {
				t.Fatalf("slot %d was claimed %d times", i, n)
			}
		}
	}
}

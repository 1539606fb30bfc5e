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
		var back []int  // the slots that were given back and not claimed since
		var last Span   // the last claim
		of := func() *[]int {
			if len(model) > 0 {
				return &model
			}
			return &back
		}
		check := func(t *rapid.T, s Span, want []int) {
			if s.Len() != len(want) || len(want) > 0 && (s.Lo != want[0] || s.Hi != want[len(want)-1]+1) {
				t.Fatalf("got %v, want %v", s, want)
			}
		}
		sizes := rapid.OneOf(rapid.IntRange(0, 5), rapid.SampledFrom([]int{100, MaxTasks - 1, MaxTasks}))
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				if len(model)+len(back) > 0 {
					t.Skip("not empty")
				}
				n := rapid.IntRange(0, 20).Draw(t, "n")
				lo := rapid.OneOf(rapid.IntRange(0, 100), rapid.Just(MaxTasks-n)).Draw(t, "lo")
				r.Set(Span{lo, lo + n})
				model = nil
				for i := range n {
					model = append(model, lo+i)
				}
				last = Span{}
				if r.Wanted() {
					t.Fatal("wanted after Set")
				}
			},
			"claim": func(t *rapid.T) {
				n := sizes.Draw(t, "n")
				from := of()
				k := min(n, len(*from))
				last = r.Claim(n)
				check(t, last, (*from)[:k])
				*from = (*from)[k:]
			},
			"give back": func(t *rapid.T) {
				n := rapid.IntRange(0, 5).Draw(t, "n")
				if n >= last.Len() {
					t.Skip("nothing to give back")
				}
				r.Want()
				s := Span{last.Lo + n, last.Hi}
				if given := r.GiveBack(s); given != (len(back) == 0) || r.Wanted() == given {
					t.Fatalf("gave %v back: %t", s, given)
				} else if given {
					for i := s.Lo; i < s.Hi; i++ {
						back = append(back, i)
					}
					last = Span{}
				}
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
				from := &model
				if k := min(n, len(model)); k == 0 {
					from = &back
				}
				k := min(n, len(*from))
				check(t, r.Steal(func(unclaimed int) int {
					if unclaimed != len(model) && unclaimed != len(back) {
						t.Fatalf("share was called with %d unclaimed slots, want %d or %d", unclaimed, len(model), len(back))
					}
					return n
				}), (*from)[len(*from)-k:])
				*from = (*from)[:len(*from)-k]
			},
			"clear": func(t *rapid.T) {
				from := of()
				check(t, r.Clear(), *from)
				*from = nil
			},
			"": func(t *rapid.T) {
				if r.Len() != len(model)+len(back) {
					t.Fatalf("the length is %d, want %d and %d", r.Len(), len(model), len(back))
				}
			},
		})
	})
}

// Several goroutines claim slots by different methods, from both ends. After each Set, every slot
// is claimed exactly once.
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

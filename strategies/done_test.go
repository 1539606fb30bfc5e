package strategies

import (
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/payoff-bench/payoff/strategies/work"
)

func TestDoneFlags(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mask := uint64(1)<<rapid.IntRange(0, 4).Draw(t, "bits") - 1
		d := make(doneFlags, mask+1)
		done := map[uint64]bool{} // by position
		var delivered uint64
		t.Repeat(map[string]func(*rapid.T){
			"publish": func(t *rapid.T) {
				p := delivered + rapid.Uint64Range(0, mask).Draw(t, "ahead")
				if done[p] {
					t.Skip("published already")
				}
				d.set(int(p & mask))
				done[p] = true
			},
			"deliver": func(t *rapid.T) {
				if !done[delivered] {
					t.Skip("not published")
				}
				delivered++
			},
			"": func(t *rapid.T) {
				for p := delivered; p <= delivered+mask; p++ {
					if d.is(p, mask) != done[p] {
						t.Fatalf("position %d: done is %v, want %v", p, !done[p], done[p])
					}
				}
			},
		})
	})
}

func TestDoneLists(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := 1 << rapid.IntRange(0, 3).Draw(t, "log of the size")
		workers := rapid.IntRange(0, 3).Draw(t, "workers")
		d := newDoneLists(size, rapid.IntRange(0, workers).Draw(t, "lists"))
		queues := map[int][]int{} // of each worker
		where := map[int]int{}    // slot to worker
		passed := map[int]int{}   // slots delivered since this one was published
		t.Repeat(map[string]func(*rapid.T){
			"publish": func(t *rapid.T) {
				slot := rapid.IntRange(0, size-1).Draw(t, "slot")
				if _, is := where[slot]; is {
					t.Skip("in use")
				}
				w := rapid.IntRange(work.Outside, workers-1).Draw(t, "worker")
				d.push(slot, w)
				queues[w] = append(queues[w], slot)
				where[slot] = w
				passed[slot] = 0
			},
			"deliver": func(t *rapid.T) {
				slot, ok := d.pop()
				if ok != (len(where) > 0) {
					t.Fatalf("pop returns ok = %v with %d published slots", ok, len(where))
				}
				if !ok {
					return
				}
				w := where[slot]
				if len(queues[w]) == 0 || queues[w][0] != slot {
					t.Fatalf("slot %d is not the next of worker %d: %v", slot, w, queues[w])
				}
				queues[w] = queues[w][1:]
				delete(where, slot)
				for other := range where {
					if passed[other]++; passed[other] > 2*size*(workers+1) {
						t.Fatalf("slot %d was passed over %d times", other, passed[other])
					}
				}
			},
			"": func(t *rapid.T) {
				if d.rest == 0 && d.any() != (len(where) > 0) {
					t.Fatalf("any is %v with %d published slots", d.any(), len(where))
				}
			},
		})
	})
}

// A list that always has slots must not keep the consumer from the other lists.
func TestDoneListsAreFair(t *testing.T) {
	d := newDoneLists(8, 2)
	d.push(0, 0)
	d.push(1, 0)
	if slot, _ := d.pop(); slot != 0 {
		t.Fatal(slot)
	}
	d.push(7, 1)
	for next := 2; ; next++ {
		if next > 100 {
			t.Fatal("slot 7 is never delivered")
		}
		d.push(next%7, 0)
		if slot, _ := d.pop(); slot == 7 {
			return
		}
	}
}

// Two sleepers take turns and wake each other. A lost wake-up would block the test forever.
func TestSleeperLosesNoWakeUp(t *testing.T) {
	const n = 20_000
	var mu sync.Mutex
	turn := 0
	is := func(want int) func() bool {
		return func() bool {
			mu.Lock()
			defer mu.Unlock()
			return turn == want
		}
	}
	var sleepers [2]sleeper
	for i := range sleepers {
		sleepers[i].token = make(chan struct{}, 1)
	}
	var wg sync.WaitGroup
	for i := range sleepers {
		wg.Go(func() {
			timer := time.NewTimer(time.Hour)
			for k := i; k < n; k += 2 {
				for !is(k)() {
					if k%3 == 0 {
						timer.Reset(time.Microsecond)
						sleepers[i].sleep(dozing, timer, is(k))
					} else {
						sleepers[i].sleep(asleep, nil, is(k))
					}
				}
				mu.Lock()
				turn++
				mu.Unlock()
				sleepers[1-i].wake()
				sleepers[1-i].wake()
			}
		})
	}
	wg.Wait()
}

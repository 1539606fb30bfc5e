package inproc

import (
	"sync"
	"sync/atomic"
	"testing"
)

// Two goroutines never hold the same desk, and take adds desks if all are taken.
func TestDesks(t *testing.T) {
	for _, workers := range []int{1, 3, 16} {
		var d desks
		d.add(2)
		var taken [64]atomic.Bool
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for range 2000 {
					at := d.take()
					if !taken[at.w].CompareAndSwap(false, true) {
						t.Errorf("two goroutines hold desk %d", at.w)
						return
					}
					taken[at.w].Store(false)
					d.put(at)
				}
			})
		}
		wg.Wait()
		if n := len(*d.all.Load()); n > 2*workers+2 {
			t.Errorf("%d desks for %d goroutines", n, workers)
		}
	}
}

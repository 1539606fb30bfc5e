package strategies

import (
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"
)

// The list informs each waiter exactly once, unless the waiter has given up. Its length is at most
// about twice the number of waiters.
func TestWaitersAgainstTheirModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l waiters
		type one struct {
			left     atomic.Bool
			notified int
		}
		var waiting, gone []*one
		most := 0
		for range rapid.IntRange(0, 300).Draw(t, "steps") {
			switch n := len(waiting); {
			case n > 0 && rapid.IntRange(0, 2).Draw(t, "step") > 0:
				i := rapid.IntRange(0, n-1).Draw(t, "waiter that gives up")
				waiting[i].left.Store(true)
				gone = append(gone, waiting[i])
				waiting = append(waiting[:i], waiting[i+1:]...)
			default:
				w := new(one)
				waiting = append(waiting, w)
				most = max(most, len(waiting))
				l.add(&waiter{call: func() { w.notified++ }, left: &w.left})
			}
			if n := l.head.Load(); n != nil && n.length > 2*most+sweepFrom {
				t.Fatalf("a list of length %d for %d waiters", n.length, len(waiting))
			}
		}
		done := l.closed()
		if l.closed() != done {
			t.Error("closed returned two channels")
		}
		l.close().tellAll()
		<-done
		<-l.closed()
		late := 0
		l.add(&waiter{call: func() { late++ }})
		for _, w := range waiting {
			if w.notified != 1 {
				t.Errorf("a waiter was notified %d times", w.notified)
			}
		}
		for _, w := range gone {
			if w.notified != 0 {
				t.Errorf("a waiter that gave up was notified %d times", w.notified)
			}
		}
		if late != 1 {
			t.Errorf("a waiter added after the end was notified %d times", late)
		}
	})
}

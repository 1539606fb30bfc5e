package transport

import (
	"testing"
	"time"
)

// TestLookout checks that after each poll without success, a lookout polls less often. After a
// success, it polls in every wait again.
func TestLookout(t *testing.T) {
	var l lookout
	waits := func(n int, comes bool) (looked []int) {
		limit := time.Hour
		if !comes {
			limit = -1
		}
		for i := range n {
			if l.look(limit, 1, func() bool { looked = append(looked, i); return comes }) != comes && comes {
				t.Errorf("wait %d: got false from look, want true", i)
			}
		}
		return looked
	}
	vain := waits(400, false)
	for i, want := range []int{0, 2, 6, 14, 30, 62, 126, 190, 254, 318, 382} {
		if i >= len(vain) || vain[i] != want {
			t.Fatalf("without success: got polls in the waits %v, want %d as number %d", vain, want, i)
		}
	}
	l.rest = 0
	if got := waits(5, true); len(got) != 5 {
		t.Errorf("with success: got polls in the waits %v, want them in all 5", got)
	}
	if got := waits(4, false); len(got) != 2 {
		t.Errorf("after a success: got polls in the waits %v, want them in 2 of 4", got)
	}
}

// TestLookoutShares checks that a lookout polls several times without a yield, except in some waits
// after a yield that has passed the core to another process. There are more of these waits after
// each such yield, up to a limit.
func TestLookoutShares(t *testing.T) {
	var l lookout
	polls := func() (n int) {
		l.rest = 0
		l.look(-1, 7, func() bool { n++; return false })
		return n
	}
	if got := polls(); got != 7 {
		t.Errorf("at first: got %d polls, want 7", got)
	}
	for _, want := range []int{1, 3, 7, 15, 31, 63, 127, 255, 255} {
		l.passed()
		for i := range want {
			if got := polls(); got != 1 {
				t.Fatalf("wait %d of %d after the core was passed on: got %d polls, want 1", i+1, want, got)
			}
		}
		if got := polls(); got != 7 {
			t.Errorf("after %d waits: got %d polls, want 7", want, got)
		}
	}
}

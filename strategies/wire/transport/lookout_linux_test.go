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
			if l.look(limit, func() bool { looked = append(looked, i); return comes }) != comes && comes {
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

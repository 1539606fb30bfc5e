package transport

import (
	"testing"
	"time"
)

// After polls without success an end polls less and less often; after a success it polls every
// time.
func TestLookout(t *testing.T) {
	var l lookout
	waits := func(n int, comes bool) (looked []int) {
		limit := time.Hour
		if !comes {
			limit = -1
		}
		for i := range n {
			if l.look(limit, func() bool { looked = append(looked, i); return comes }) != comes && comes {
				t.Errorf("wait %d: not seen", i)
			}
		}
		return looked
	}
	vain := waits(400, false)
	for i, want := range []int{0, 2, 6, 14, 30, 62, 126, 190, 254, 318, 382} {
		if i >= len(vain) || vain[i] != want {
			t.Fatalf("looked in waits %v; %d should be %d", vain, i, want)
		}
	}
	l.rest = 0
	if got := waits(5, true); len(got) != 5 {
		t.Errorf("looked in waits %v of 5 that something came in", got)
	}
	if got := waits(4, false); len(got) != 2 {
		t.Errorf("looked in waits %v of 4 after something had come", got)
	}
}

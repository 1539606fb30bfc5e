package work

import "testing"

// For any number of busy workers, Running is at least 0 and at most the number of unfinished tasks.
func TestCountsOfBusyWorkers(t *testing.T) {
	var c Core
	c.SingleSubmitted(3)
	for busy, running := range map[int]int64{-1: 0, 0: 0, 2: 2, 9: 3} {
		if got := c.Counts(busy); got.Running != running || got.Queued != 3-running {
			t.Errorf("%d busy workers: %+v", busy, got)
		}
	}
}

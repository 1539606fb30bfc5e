package work

import "testing"

// The number of unfinished singles includes those that ended on workers beyond the nominal number,
// as in an unbounded pool.
func TestUnfinished(t *testing.T) {
	c := &Core{Workers: 2}
	for w := Outside; w < 20; w++ {
		c.SingleSubmitted(2)
		c.SingleEnded(w, w%2 == 0)
		if c.Idle() || !c.unfinished(0) || c.unfinished(1) {
			t.Errorf("worker %d: a single has not ended", w)
		}
		c.SingleCancelled()
		if !c.Idle() {
			t.Errorf("worker %d: all singles have ended", w)
		}
	}
}

package work

import "testing"

// A single (job of one task) that ended counts as finished, even if its worker number exceeds the
// number of workers, as in an unbounded pool.
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

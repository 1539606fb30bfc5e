package kernels

import (
	"testing"

	"github.com/payoff-bench/payoff/workloads"
)

// TestSpreadDigest checks that jobs with different spreads have different digests, and that a load
// that is prepared again has the same digest.
func TestSpreadDigest(t *testing.T) {
	tasks := 20
	if testing.Short() {
		tasks = 5
	}
	for _, w := range All() {
		if !w.Grains {
			continue
		}
		seen := map[uint64]string{}
		for _, s := range workloads.Spreads() {
			p := sound(t, w)
			p.Grain, p.Spread = max(2000, 10*w.Finest), s.Name
			if w.Waits {
				continue // outcomes of such a workload do not depend on the length of the wait
			}
			l := prepare(t, w, p, tasks)
			sum := digest(t, l, l.Direct(t.Context()))
			if other, ok := seen[sum]; ok {
				t.Errorf("workload %s: spread %s has the same digest as spread %s", w.Name, s.Name, other)
			}
			seen[sum] = s.Name
			again := prepare(t, w, p, tasks)
			if got := digest(t, again, again.Direct(t.Context())); got != sum {
				t.Errorf("workload %s, spread %s: a second load has digest %x, want %x", w.Name, s.Name, got, sum)
			}
		}
	}
}

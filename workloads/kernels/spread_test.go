package kernels

import (
	"testing"

	"github.com/payoff-bench/payoff/workloads"
)

// A job of spread tasks is the same job however it is run, and another than that of equal ones.
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
				continue // what it returns does not depend on how long it waited
			}
			l := prepare(t, w, p, tasks)
			sum := digest(t, l, l.Direct(t.Context()))
			if other, ok := seen[sum]; ok {
				t.Errorf("%s: %s has the digest of %s", w.Name, s.Name, other)
			}
			seen[sum] = s.Name
			again := prepare(t, w, p, tasks)
			if got := digest(t, again, again.Direct(t.Context())); got != sum {
				t.Errorf("%s, %s: prepared again: digest %x, want %x", w.Name, s.Name, got, sum)
			}
		}
	}
}

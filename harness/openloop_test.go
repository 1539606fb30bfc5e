package harness

import (
	"testing"
	"time"

	"github.com/payoff-bench/payoff/workloads"
)

func TestArrivals(t *testing.T) {
	for _, c := range []struct {
		rate int
		min  time.Duration
		want int
	}{{1, time.Second, 5}, {100, time.Second, 500}, {1000, time.Second, 1000}, {1000, 3 * time.Second, 3000}, {10, 20 * time.Second, 200}, {1000, time.Minute, 60_000}, {1_000_000, time.Minute, workloads.OpenWindow}} {
		if got := Arrivals(c.rate, c.min); got != c.want {
			t.Errorf("%d/s for %v: %d, want %d", c.rate, c.min, got, c.want)
		}
	}
	for rate, want := range map[int]time.Duration{1: 5 * time.Second, 500: 2 * time.Second, 100_000: 100 * time.Millisecond} {
		if got := OpenTime(rate, 100*time.Millisecond); got != want {
			t.Errorf("%d/s: %v, want %v", rate, got, want)
		}
	}
}

package report

import (
	"math"
	"testing"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// TestNanos checks that a negative difference is printed only if its interval excludes zero.
func TestNanos(t *testing.T) {
	for _, c := range []struct {
		e    analyze.Estimate
		want string
	}{
		{analyze.Estimate{}, "–"},
		{analyze.Estimate{Value: 0.3, N: 6}, "0"},
		{analyze.Estimate{Value: 1234, Lo: 1200, Hi: 1300, N: 6}, "1.23 µs"},
		{analyze.Estimate{Value: -5800, Lo: -9000, Hi: 200, N: 7}, "≤ 0"},
		{analyze.Estimate{Value: -5800, Lo: 0, Hi: math.Inf(1), N: 3}, "≤ 0"},
		{analyze.Estimate{Value: -5800, Lo: -9000, Hi: -3000, N: 7}, "-5.8 µs"},
	} {
		if got := nanos(c.e); got != c.want {
			t.Errorf("%v: %s, want %s", c.e, got, c.want)
		}
	}
}

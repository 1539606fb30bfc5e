package launch

import (
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness/probe"
)

func TestRounded(t *testing.T) {
	for _, c := range []struct{ v, resolution, want float64 }{
		{123.456789, 4, 123}, {123.456789, 0.4, 123.5}, {123.456789, 40, 120}, {123456, 4000, 123000},
		{123.456789, 0, 123.456789}, {0.04, 0.4, 0}, {1234.5, 0.02, 1234.5},
	} {
		if got := rounded(c.v, c.resolution); got != c.want {
			t.Errorf("%v by %v: %v, want %v", c.v, c.resolution, got, c.want)
		}
	}
}

func TestIdle(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		name        string
		wall, cpu   time.Duration
		cores, jobs int
		want        time.Duration
		ok          bool
	}{
		{"one of two cores", 100 * ms, 100 * ms, 2, 3, 100 * ms, true},
		{"both", 100 * ms, 200 * ms, 2, 3, 0, true},
		{"time of reading the clocks", ms, ms + 30*time.Microsecond, 1, 3, 0, true},
		{"tasks that wait", 100 * ms, 2 * ms, 2, 3, 198 * ms, true},
		{"more cores than it has", 100 * ms, 180 * ms, 1, 3, 0, false},
	} {
		got, err := idle(c.wall, c.cores, c.cpu, c.jobs)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%s: %v, %v, want %v", c.name, got, err, c.want)
		}
	}
}

// TestStarved checks from which share of the cores' time, taken by other processes, a launch is
// starved. In a short launch, the idle time may be wrong by a few ticks, so these must not mark the
// launch as starved.
func TestStarved(t *testing.T) {
	for _, c := range []struct {
		share, most float64
		wall        time.Duration
		want        bool
	}{
		{0, takenMost, time.Second, false},
		{0.09, takenMost, time.Second, false},
		{0.5, takenMost, time.Second, true},
		{0.5, takenMost, 20 * time.Millisecond, false}, // two ticks of two cores
		{0.2, diskMost, time.Second, false},
		{0.6, diskMost, time.Second, true},
	} {
		if got := probe.Starved(c.share, c.most, c.wall, 2); got != c.want {
			t.Errorf("%+v: got %t", c, got)
		}
	}
}

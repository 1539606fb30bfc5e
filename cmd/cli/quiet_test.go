package cli

import (
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness/probe"
)

// TestDisturbances checks that a run repeats, in one line, the findings of payoff doctor that
// disturb measurements.
func TestDisturbances(t *testing.T) {
	all := []probe.Finding{
		{Name: "governor", Found: "powersave", State: probe.Wrong}, {Name: "load", Found: "2 threads", State: probe.Wrong},
		{Name: "pressure", Found: "20 %", State: probe.Wrong}, {Name: "boost", Found: "not reported"},
		{Name: "speeds", Found: "capacity 1024 for core 0, capacity 446 for core 1", State: probe.Wrong},
		{Name: "smt", Found: "siblings", State: probe.Noted}, {Name: "heat", Found: "none", State: probe.Good},
	}
	for _, c := range []struct {
		busy float64
		all  []probe.Finding
		want string
	}{
		{0, nil, ""}, {0.01, all[3:4], ""},
		{1.3, nil, "this machine disturbs measurements (see payoff doctor): other processes keep 1.3 cores busy, which makes makespans too long"},
		{0, all, "this machine disturbs measurements (see payoff doctor): governor: powersave; speeds: capacity 1024 for core 0, capacity 446 for core 1"},
	} {
		if got := disturbances(c.busy, c.all); got != c.want || strings.Contains(got, "\n") {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	names := map[string]bool{}
	for _, f := range findings() {
		names[f.Name] = true
	}
	for _, name := range []string{"quota", "memory", "pinning", "speeds", "round trip"} {
		if !names[name] {
			t.Errorf("the findings of a run lack %q", name)
		}
	}
}

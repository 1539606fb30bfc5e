package analyze

import (
	"slices"
	"testing"

	"github.com/payoff-bench/payoff/harness"
)

// Units that were not measured are noted with the reason, one note per reason.
func TestAbsences(t *testing.T) {
	info := harness.Info{Absent: map[string]string{
		harness.UnitCycles: "no counters", harness.UnitInstructions: "no counters", harness.UnitPSS: "not permitted", harness.UnitLatency: "nothing was ready",
	}}
	samples := []harness.Sample{{Values: map[string]float64{harness.UnitLatency: 0}}, {Values: map[string]float64{harness.UnitCPU: 1}}}
	want := []Note{
		"not measured: instructions/task, cycles/task. No counters",
		"not measured: peak-pss-bytes. Not permitted",
		"not measured in some launches: sched-p99-nsec. The reasons are in run.json",
	}
	if got := absences(info, samples); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := absences(info, nil); got != nil {
		t.Errorf("a run without launches: %q", got)
	}
	if got := absences(harness.Info{}, samples); got != nil {
		t.Errorf("a run without absent units: %q", got)
	}
}

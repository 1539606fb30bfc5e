package analyze

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/payoff-bench/payoff/harness"
)

// TestAbsences checks the notes on units that were not measured: one note for each reason.
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

// TestNotesDoNotContradictEachOther checks that an analysis never has two notes that contradict
// each other. It includes notes that the run wrote when it ended.
func TestNotesDoNotContradictEachOther(t *testing.T) {
	answered := []string{"questions are answered after"}
	few := []string{"no launch has a makespan", "one round only", "rounds only: verdicts"}
	open := []string{"the rounds planned", "open, ", "1 of 9 questions answered", "19 of 20 blocks are unsettled"}
	rapid.Check(t, func(t *rapid.T) {
		info := harness.Info{
			Rounds: rapid.IntRange(0, 10).Draw(t, "planned"), Precision: 0.5,
			Ended: []string{"1 of 9 questions answered", "open, but 12 rounds in total may answer them", "19 of 20 blocks are unsettled; 276 rounds in all"},
		}
		var samples []harness.Sample
		rounds, attempts := rapid.IntRange(0, 7).Draw(t, "rounds"), rapid.IntRange(1, 3).Draw(t, "attempts")
		for round := range rounds {
			for attempt := range attempts {
				for i, strategy := range []string{harness.Direct, "pool"} {
					if rapid.IntRange(0, 20).Draw(t, "lost") == 0 {
						continue
					}
					c := harness.Cell{Task: harness.Task{Workload: "spin", Grain: 1000}, Strategy: strategy, Cores: 2, Workers: 1 + i, Chunk: "1", Order: harness.MapOrder}
					s := harness.Sample{Cell: c, Round: round, Attempt: attempt, Values: map[string]float64{
						harness.UnitTask: 1000/float64(1+i) + rapid.Float64Range(0, 1).Draw(t, "noise"),
					}}
					if rapid.IntRange(0, 20).Draw(t, "void") == 0 {
						s.Values = nil
					}
					samples = append(samples, s)
				}
			}
		}
		notes := mapped(New(info, samples, Settings{}).Notes, func(n Note) string { return string(n) })
		held := func(of []string) int {
			return len(only(of, func(text string) bool {
				return slices.ContainsFunc(notes, func(n string) bool { return strings.Contains(n, text) })
			}))
		}
		if held(answered) > 0 && held(few)+held(open) > 0 || held(few) > 1 || strings.Contains(strings.Join(notes, " "), "after 0 rounds") {
			t.Fatalf("%q", notes)
		}
	})
}

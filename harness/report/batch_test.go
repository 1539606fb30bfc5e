package report_test

import (
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/chart"
	"github.com/payoff-bench/payoff/harness/record"
)

// inBatches returns the spin samples of the reference run on two cores as if their tasks were
// batches of a kernel that takes 100 ns.
func inBatches(t *testing.T) (harness.Info, []harness.Sample) {
	info, samples, err := record.Read("../../results/reference")
	if err != nil {
		t.Fatal(err)
	}
	var some []harness.Sample
	for _, s := range samples {
		if c := &s.Cell; c.Workload == "spin" && c.Tasks == 0 && c.Shape == "" && c.Cores == 2 {
			c.Workload, c.Batch, c.Grain = "logline", c.Grain/100, 0
			some = append(some, s)
		}
	}
	return info, some
}

// words returns a text with its words separated by single spaces.
func words(text string) string { return strings.Join(strings.Fields(text), " ") }

// TestBatches checks that a run whose tasks are batches gets the same answers and charts as a run
// with grains, and that the answers name the batches.
func TestBatches(t *testing.T) {
	info, samples := inBatches(t)
	got := screen(t, info, samples)
	for _, want := range []string{
		"\nlogline ×1–10, 101 ns–1.0 µs  pool, chunk 64 ",
		"\nlogline ×10000, 1.0 ms  pool or procs ",
		"For logline, goroutines beat a loop at every size measured, from 101 ns to 1.0 ms, even with one input per task.",
		"For logline, processes beat a loop ",
	} {
		if !strings.Contains(words(got), words(want)) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	a := analyze.New(info, samples, analyze.Settings{})
	main, ok := analyze.Main(a.Sections)
	if !ok || len(main.Questions) != 6 || len(main.Crossovers) == 0 {
		t.Fatalf("no section with all batches: %v", main.Place)
	}
	kinds := map[string]bool{}
	for _, c := range chart.All(a) {
		kinds[c.Kind] = true
	}
	for _, kind := range []string{"decision", "crossover", "efficiency"} {
		if !kinds[kind] {
			t.Errorf("no chart %s", kind)
		}
	}
}

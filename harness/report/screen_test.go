package report_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/report"
)

// screen returns the first screen of a run.
func screen(t *testing.T, info harness.Info, samples []harness.Sample) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Screen(&b, "results/latest", analysis(info, samples)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// large returns a run with more kinds of tasks than the screen has rows, on up to 64 cores.
func large() []harness.Sample {
	r := analyzetest.Quick
	r.Cores = []int{1, 64}
	all := r.Samples()
	r.Cores = []int{64}
	r.Grains = []int{100_000, 1_000_000}
	for i := range 12 {
		r.Workload, r.Seed = fmt.Sprintf("a_workload_with_a_long_name_%d", i), uint64(i)
		all = append(all, r.Samples()...)
	}
	r.Workload = "sleep"
	return append(all, r.Samples()...)
}

// TestScreenFits checks that the first screen of any run has at most 23 lines of 100 columns. The
// command adds two more lines.
func TestScreenFits(t *testing.T) {
	wide := large()
	for i, s := range wide {
		wide[i].Cell.Workload = strings.ReplaceAll(s.Cell.Workload, "spin", "排序与搜索")
	}
	busy := large()
	for i := range busy {
		if i%3 == 0 {
			busy[i].Marks = []string{harness.MarkStarved}
		}
	}
	cores := info
	cores.Machine.Cores, cores.Precision = 64, 0.05
	for _, c := range []struct {
		name    string
		samples []harness.Sample
		want    []string
	}{
		{"64 cores", large(), []string{"\nspin, ", "\nsleep, ", "and 2", "processes beat a loop"}},
		{"wide names", wide, []string{"\n排序与搜索, "}},
		{"busy", busy, []string{"DO NOT DECIDE ON THIS RUN"}},
		{"one round", only(large(), 1), []string{"health: 1 round; ", "verdicts need 6 rounds", "  1 round\n"}},
		{"two rounds", only(large(), 2), []string{"health: 2 rounds; ", "likely, 2 rounds\n"}},
		{"nothing", nil, []string{"no launch was measured"}},
	} {
		text := screen(t, cores, c.samples)
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if len(lines) > 23 {
			t.Errorf("%s: %d lines:\n%s", c.name, len(lines), text)
		}
		for _, line := range lines {
			if format.Width(line) > 100 {
				t.Errorf("%s: %d columns: %s", c.name, format.Width(line), line)
			}
		}
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", c.name, want, text)
			}
		}
		for _, bad := range []string{"∞", "NaN", "Inf", "%!", "METG"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s: %s in\n%s", c.name, bad, text)
			}
		}
	}
}

// only returns the samples of the first rounds.
func only(samples []harness.Sample, rounds int) (some []harness.Sample) {
	for _, s := range samples {
		if s.Round < rounds {
			some = append(some, s)
		}
	}
	return some
}

// TestScreenAligns checks that the columns of a table are aligned even if names are wide.
func TestScreenAligns(t *testing.T) {
	samples := large()
	for i := range samples {
		if samples[i].Cell.Workload == "sleep" {
			samples[i].Cell.Workload = "睡眠🚀"
		}
	}
	var at []int
	for line := range strings.Lines(screen(t, info, samples)) {
		if i := strings.Index(line, " × faster"); i >= 0 {
			before := line[:i]
			at = append(at, format.Width(before[:strings.LastIndex(before, "  ")]))
		}
	}
	for _, column := range at {
		if column != at[0] {
			t.Fatalf("the columns begin at %v", at)
		}
	}
	if len(at) < 3 {
		t.Errorf("%d rows", len(at))
	}
}

// TestCompareUsesThePrecision checks that compare says "within" only up to the precision of the run.
func TestCompareUsesThePrecision(t *testing.T) {
	r := analyzetest.Quick
	r.Noise, r.Cores = 0.02, []int{2}
	var counts []int
	for _, precision := range []float64{0.001, 0.05, 0.5} {
		i := info
		i.Precision = precision
		var b bytes.Buffer
		if err := report.Compare(&b, analysis(i, r.Samples())); err != nil {
			t.Fatal(err)
		}
		counts = append(counts, strings.Count(b.String(), " within "))
	}
	if !(counts[0] == 0 && counts[0] < counts[1] && counts[1] < counts[2]) {
		t.Errorf("rows that say within, at 0.1 %%, 5 %% and 50 %%: %v", counts)
	}
}

// TestScreenNamesTheMachine checks that the first lines name properties of the machine that change
// the results.
func TestScreenNamesTheMachine(t *testing.T) {
	i := info
	i.Machine.Cores = 4
	i.Machine.Speeds = "capacity 1024 for cores 0-1, capacity 446 for cores 2-3"
	i.Limits.CPU, i.Foreign = 1.5, "run.json was changed after the run"
	got := screen(t, i, analyzetest.Quick.Samples())
	health, _, _ := strings.Cut(got, "\n\n")
	for _, want := range []string{"the cores differ in speed: " + i.Machine.Speeds, "a quota limits the run to the CPU time of 1.5 of 4 cores", "run.json was changed after the run"} {
		if !strings.Contains(strings.Join(strings.Fields(health), " "), want) {
			t.Errorf("no %q in\n%s", want, health)
		}
	}
}

// TestScreenDoubtsImpossibleMakespans checks that the first lines name launches that are left out
// because their makespans are impossible.
func TestScreenDoubtsImpossibleMakespans(t *testing.T) {
	samples := analyzetest.Quick.Samples()
	clear(samples[0].Values)
	if got := screen(t, info, samples); !strings.Contains(got, "doubtful, 1 of ") {
		t.Error(got)
	}
}

// TestScreenBreakEven checks that the first screen of a run with tasks shorter than the cost of handing
// one over has the break-even of goroutines with its interval.
func TestScreenBreakEven(t *testing.T) {
	r := analyzetest.Quick
	r.Grains = append([]int{30}, r.Grains...)
	text := screen(t, info, r.Samples())
	if !regexp.MustCompile(`For spin, goroutines beat a loop if a task takes \d+ ns or longer \(\d+(\.\d+)? to \d+(\.\d+)? ns\)\.`).MatchString(strings.ReplaceAll(text, "\n", " ")) {
		t.Error(text)
	}
}

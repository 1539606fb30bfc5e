package record

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
)

// TestReadRunOfOlderVersion checks that Read and Resume accept the folder of a run by an earlier version,
// with all names, units and marks.
func TestReadRunOfOlderVersion(t *testing.T) {
	const before = "testdata/before"
	info, samples, err := Read(before)
	if err != nil {
		t.Fatal(err)
	}
	want := harness.Task{Workload: "spin", Grain: 1000}
	if info.Plan != "20 blocks with 72 cells, 497020452a1fd9c8" || len(info.Jobs) != 2 || info.Jobs[0].Task != want || info.Jobs[0].Tasks != 65536 {
		t.Errorf("got info %+v", info)
	}
	text, err := os.ReadFile(filepath.Join(before, SamplesFile))
	if err != nil {
		t.Fatal(err)
	}
	marked, twins := 0, 0
	for _, s := range samples {
		if !strings.Contains(string(text), "\n"+benchmark(s)+" ") {
			t.Errorf("no line begins with %s", benchmark(s))
		}
		if s.Contaminated() {
			marked++
		}
		if s.Twin {
			twins++
		}
		if s.Cell.Workload != "spin" || s.Cell.Cores != 2 || s.Values[harness.UnitTask] <= 0 || s.Values[harness.UnitPingPong] <= 0 {
			t.Errorf("got sample %+v", s)
		}
	}
	if len(samples) != 85 || marked != 8 || twins != 1 {
		t.Errorf("%d samples, %d contaminated, %d twins", len(samples), marked, twins)
	}

	dir := filepath.Join(t.TempDir(), "before")
	if err := os.CopyFS(dir, os.DirFS(before)); err != nil {
		t.Fatal(err)
	}
	r, resumed, dropped, err := Resume(dir)
	if err != nil || dropped || len(resumed) != len(samples) || !r.samples.units[harness.UnitOp] {
		t.Fatalf("%d samples, dropped %t, %v", len(resumed), dropped, err)
	}
	if err := r.Abandon(); err != nil {
		t.Error(err)
	}
}

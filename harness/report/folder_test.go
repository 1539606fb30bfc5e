package report_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/report"
)

// TestChartsOfTheReportBefore checks that a new report replaces the charts of the older one and
// keeps other files.
func TestChartsOfTheReportBefore(t *testing.T) {
	dir := t.TempDir()
	charts := func(samples []harness.Sample) []string {
		names, err := report.Write(dir, dir, analysis(info, samples))
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	before := charts(everything())
	own := filepath.Join(dir, "own.svg")
	if err := os.WriteFile(own, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	after := charts(slices.DeleteFunc(everything(), func(s harness.Sample) bool { return s.Cell.Cores == 1 }))
	if len(after) == 0 || len(after) >= len(before) {
		t.Fatalf("charts %v, then %v", before, after)
	}
	var want []string
	for _, c := range append(after, "own") {
		want = append(want, c+".svg")
	}
	slices.Sort(want)
	files, err := filepath.Glob(filepath.Join(dir, "*.svg"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	if !slices.Equal(files, want) {
		t.Errorf("%v, not %v", files, want)
	}
}

// TestReadableNotes checks that notes name cells as the report does, and that other text is
// unchanged.
func TestReadableNotes(t *testing.T) {
	about := info
	about.Notes = []string{
		"launch of workload=spin/grain=1000000/payload=0/shape=hang64/strategy=procs/transport=shm/chunk=1/order=map/window=0/workers=2/cores=2 in round 1: exit status 1",
		"2 of 9 blocks are unsettled: workload=files/grain=0/payload=4096 on 2 cores (pool against direct); workload=spin/grain=300/payload=0 on 1 core",
		"filter workload=spin/color=red has no cell",
	}
	dir := t.TempDir()
	if _, err := report.Write(dir, dir, analysis(about, everything())); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, report.PageFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Note: Launch of procs (shm, chunk 1) with spin/hang64, nominal 1.00 ms on 2 cores in round 1: exit status 1.",
		"Note: 2 of 9 blocks are unsettled: files with 4 KiB a task on 2 cores (pool against direct); spin, nominal 300 ns on 1 core.",
		"Note: Filter workload=spin/color=red has no cell.",
	} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %s", want)
		}
	}
}

// TestNothingToSay checks that a report without findings gives the reason.
func TestNothingToSay(t *testing.T) {
	only := func(strategies ...string) []harness.Sample {
		return slices.DeleteFunc(everything(), func(s harness.Sample) bool {
			return s.Cell.Workload != "files" || !slices.Contains(strategies, s.Cell.Strategy) || s.Cell.Chunk != "1" || s.Twin
		})
	}
	void := only("pool")
	for i := range void {
		void[i].Values = nil
	}
	for want, samples := range map[string][]harness.Sample{
		"this run has no launches":                                 nil,
		"no launch of this run has a usable makespan":              void,
		"this run measured only the direct loop":                   only(harness.Direct),
		"this run measured no two strategies that can be compared": only("pool"),
	} {
		if _, md, _ := write(t, samples); !strings.Contains(md, "No findings: "+want+".") {
			t.Errorf("no %q", want)
		}
	}
}

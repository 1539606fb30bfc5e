package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/payoff-bench/payoff/harness/report"
)

func TestFlameGraphs(t *testing.T) {
	got := report.FlameGraphs(fstest.MapFS{
		"cpu-flame.html": {}, "samples.txt": {}, "profile/cpu-flame.html": {}, "why: 2/x-flame.html": {}, "a/b/cpu-flame.html": {},
	})
	want := []report.Link{{"CPU profile", "cpu-flame.html"}, {"CPU profile in profile", "profile/cpu-flame.html"}, {"x profile in why: 2", "./why:%202/x-flame.html"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestTimelines(t *testing.T) {
	got := report.Timelines(fstest.MapFS{
		"timeline-pool.svg": {}, "why-1/timeline-procs-64.svg": {}, "why-1/x.svg": {}, "a/b/timeline-pool.svg": {},
	})
	want := []report.Link{{"timeline of pool", "timeline-pool.svg"}, {"timeline of procs-64 in why-1", "why-1/timeline-procs-64.svg"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestProfiles checks that the page links to the flame graphs in the folder of the run, and that a page
// of a run without profiles has no section for them.
func TestProfiles(t *testing.T) {
	dir, web, _ := write(t, everything())
	if strings.Contains(web, "<h2>Profiles") {
		t.Error("a run without profiles has a section Profiles")
	}
	if err := os.Mkdir(filepath.Join(dir, "p q"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "p q", "cpu"+report.FlameSuffix), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "p q", report.TimelinePrefix+"pool.svg"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := report.Write(dir, dir, analysis(info, nil)); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, report.PageFile))
	for _, link := range []string{`<a href="p%20q/cpu-flame.html">CPU profile in p q</a>`, `<a href="p%20q/timeline-pool.svg">timeline of pool in p q</a>`} {
		if err != nil || !bytes.Contains(b, []byte(link)) {
			t.Errorf("report.html lacks %s: %v", link, err)
		}
	}
}

package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
	"github.com/payoff-bench/payoff/harness/report"
)

// TestBoundary checks that the first screen and the files of a search have its boundary.
func TestBoundary(t *testing.T) {
	i := info
	i.Search = &harness.Search{Goal: harness.FindCrossover, A: "pool", B: harness.Direct, Axis: "grain", Task: harness.Task{Workload: "spin"}, Cores: 2}
	a := analysis(i, analyzetest.Quick.Samples())
	a.Boundary = &analyze.Boundary{Kind: analyze.Crosses, Up: true, Done: true, Near: 20, At: analyze.Estimate{Value: 2000, Lo: 1900, Hi: 2100, N: 20}, Points: []analyze.SearchPoint{
		{Value: 100, Ratio: 4, Verdict: analyze.Worse, Rounds: 6}, {Value: 1e5, Ratio: 0.5, Verdict: analyze.Better, Rounds: 6},
	}}
	const answer = "pool is faster above 2.00 µs (1.90 to 2.10 µs), and direct below"
	var b bytes.Buffer
	if err := report.Screen(&b, "dir", a); err != nil || !strings.Contains(b.String(), "\n"+answer+"\n") {
		t.Errorf("%v, no answer in\n%s", err, b.String())
	}
	dir := t.TempDir()
	if _, err := report.Write(dir, dir, a); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{report.File: answer, report.PageFile: answer, "report.json": `"answer": "crossing"`} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%v, no %q in %s", err, want, name)
		}
	}
}

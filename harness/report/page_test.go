package report_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
	"github.com/payoff-bench/payoff/harness/report"
)

// runs returns runs of several kinds: complete runs, runs of few rounds, and runs that lack some of
// the results.
func runs() map[string][]harness.Sample {
	all := everything()
	only := func(keep func(s harness.Sample) bool) []harness.Sample {
		return slices.DeleteFunc(slices.Clone(all), func(s harness.Sample) bool { return !keep(s) })
	}
	void := only(func(s harness.Sample) bool { return s.Round < 2 && s.Cell.Workload == "files" })
	for i := range void {
		void[i].Values = nil
	}
	return map[string][]harness.Sample{
		"everything":   all,
		"one round":    only(func(s harness.Sample) bool { return s.Round == 0 }),
		"two rounds":   only(func(s harness.Sample) bool { return s.Round < 2 }),
		"one core":     only(func(s harness.Sample) bool { return s.Cell.Cores == 1 }),
		"one strategy": only(func(s harness.Sample) bool { return s.Cell.Strategy == "pool" && s.Cell.Chunk == "1" }),
		"only direct":  only(func(s harness.Sample) bool { return s.Cell.Strategy == harness.Direct }),
		"one launch":   all[:1],
		"nothing":      nil,
		"void":         void,
		"chunks":       analyzetest.Bathtub.Samples(),
		"orders":       append(analyzetest.Orders(6, 0.003), analyzetest.Isolations(6, 0.003)...),
		"few orders":   append(analyzetest.Orders(3, 0.003), analyzetest.Isolations(3, 0.003)...),
	}
}

// fact matches verdicts, which fewer than six rounds do not give.
var fact = regexp.MustCompile(`\| (better|worse|equivalent|winner|tie|close) \||\d\)? [-+=] \||: (better|worse|equivalent)\b|\b(confirmed|refuted)\.|[^t] the best number`)

// TestEveryPage checks the pages of runs of all kinds. The answer and its badge come first.
// report.md has at most 80 lines and repeats none of them. After few rounds, a page states no
// verdict as a fact.
func TestEveryPage(t *testing.T) {
	for name, samples := range runs() {
		dir, web, text := write(t, samples)
		b, err := os.ReadFile(filepath.Join(dir, report.File))
		if err != nil {
			t.Fatal(err)
		}
		md := string(b)
		seen := map[string]bool{}
		for _, line := range strings.Split(md, "\n") {
			if len(line) > 30 && seen[line] && !strings.HasPrefix(line, "|") {
				t.Errorf("%s: report.md repeats %q", name, line)
			}
			seen[line] = true
		}
		if n := strings.Count(md, "\n"); n > 80 {
			t.Errorf("%s: report.md has %d lines", name, n)
		}
		for file, s := range map[string]string{"report.html": web, "report.md": md, "the terminal": text} {
			for _, bad := range []string{"NaN", "Inf", "∞", "%!", "<nil>"} {
				if strings.Contains(s, bad) {
					t.Errorf("%s: %s has %q", name, file, bad)
				}
			}
			if few := len(samples) > 0 && slices.MaxFunc(samples, func(a, b harness.Sample) int { return a.Round - b.Round }).Round < 5; few {
				if m := fact.FindString(s); m != "" {
					i := strings.Index(s, m)
					t.Errorf("%s: %s states %q", name, file, s[max(0, i-150):min(len(s), i+50)])
				}
			}
		}
		lines := strings.Split(md, "\n")
		if !strings.HasPrefix(lines[0], "# payoff") || !strings.HasPrefix(lines[3], "**") || len(lines) < 6 || lines[5] == "" {
			t.Errorf("%s: report.md begins %q", name, lines[:min(6, len(lines))])
		}
	}
}

// TestSizeOfThePage checks that the page of the reference run stays small enough to send.
func TestSizeOfThePage(t *testing.T) {
	st, err := os.Stat("../../results/reference/" + report.PageFile)
	if err != nil {
		t.Fatal(err)
	}
	if st.Size() > 3e6 {
		t.Errorf("%d bytes", st.Size())
	}
}

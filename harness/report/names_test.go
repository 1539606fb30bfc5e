package report_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
	"github.com/payoff-bench/payoff/harness/report"
)

// evil is a name with markup of HTML, Markdown and scripts in it, on two lines.
const evil = "<script>alert(1)</script>|`x`\n# <img src=x onerror=alert(2)> ](evil.svg) \"'&amp; </script> *b* ${y}"

// hostile returns a run whose names contain markup of HTML, Markdown and scripts.
func hostile() (harness.Info, []harness.Sample) {
	about := info
	about.Machine.Host, about.Machine.CPU, about.Machine.Kernel, about.Filter, about.Precision = evil, evil, evil, evil, 0.0001
	about.Suites, about.Notes, about.Ended = []string{evil}, []string{evil}, []string{evil}
	about.Absent = map[string]string{harness.UnitCycles: evil}
	r := analyzetest.Quick
	r.Cores, r.Grains = []int{2}, r.Grains[:3]
	samples := r.Samples()
	for i := range samples {
		c := &samples[i].Cell
		c.Workload = evil
		if c.Strategy == "pool" {
			c.Strategy = evil
		}
	}
	return about, samples
}

// TestHostileNames checks that the files of a report show markup in names as plain text.
func TestHostileNames(t *testing.T) {
	dir := t.TempDir()
	about, samples := hostile()
	if _, err := report.Write(dir, dir, analyze.New(about, samples, analyze.Settings{})); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		switch filepath.Ext(f.Name()) {
		case ".html":
			if n := strings.Count(text, "<script"); n != 2 || strings.Contains(text, "<img") {
				t.Errorf("%s has %d scripts", f.Name(), n)
			}
		case ".svg":
			if strings.Contains(text, "<script") || strings.Contains(text, "<img") {
				t.Errorf("%s has markup from a name", f.Name())
			}
		case ".md":
			for _, bad := range []string{`(^|[^\\])<(script|img)`, `\n#[^\n]*alert\(2\)[^\n]*\n[^\n]*alert`, `(^|[^\\])\|` + "`x", `[^\\]` + "`x`", `[^\\]\]\(evil`} {
				if m := regexp.MustCompile(bad).FindString(text); m != "" {
					t.Errorf("%s has %q", f.Name(), m)
				}
			}
			for _, line := range strings.Split(text, "\n") {
				if strings.HasPrefix(line, "#") && !regexp.MustCompile(`^##? (payoff|[A-Z])`).MatchString(line) {
					t.Errorf("a name made a heading: %s", line)
				}
			}
		}
	}
}

// TestVendoredFiles checks that the files of uPlot have the recorded checksums.
func TestVendoredFiles(t *testing.T) {
	const dir = "page/uplot"
	sums, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(sums)) {
		want, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(b)); got != want {
			t.Errorf("%s has the checksum %s, not %s", name, got, want)
		}
		n++
	}
	if n != 3 {
		t.Errorf("%d files", n)
	}
}

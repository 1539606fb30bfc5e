package report_test

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/harness/report"
)

var roundOf = regexp.MustCompile(`(?m)^# (launch|marked) round=(\d+)`)

// largeRun returns the folder of a run with at least the given number of samples. It records a run
// of six rounds and appends copies of its samples as further rounds.
func largeRun(t testing.TB, samples int) (dir string) {
	t.Helper()
	r := analyzetest.Quick
	dir = filepath.Join(t.TempDir(), "run")
	rec, err := record.Create(dir, info)
	if err != nil {
		t.Fatal(err)
	}
	first := r.Samples()
	for i, s := range first {
		for _, u := range harness.Units() { // as many values as a launch has
			if _, ok := s.Values[u.Name]; !ok && u.Name != harness.UnitTaken {
				s.Values[u.Name] = s.Values[harness.UnitTask] / 8
			}
		}
		s.At = info.Started
		if err := rec.Sample(s); err != nil {
			t.Fatal(err)
		}
		if i%50 == 0 {
			s.Marks = []string{harness.MarkSteal}
			if err := rec.Mark(s); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := rec.Finish(info.Finished); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, record.SamplesFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head := strings.Index(string(text), "# launch")
	all := &strings.Builder{}
	all.Write(text[:head])
	for copies := 0; copies*len(first) < samples; copies++ {
		all.WriteString(roundOf.ReplaceAllStringFunc(string(text[head:]), func(m string) string {
			n, _ := strconv.Atoi(m[strings.Index(m, "=")+1:])
			return m[:strings.Index(m, "=")+1] + strconv.Itoa(n+copies*r.Rounds)
		}))
	}
	if err := os.WriteFile(path, []byte(all.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestLargeRunsTakeMemoryInProportion checks that a run with four times the samples allocates about
// four times the memory. Lists of pairs of rounds would take sixteen times as much.
func TestLargeRunsTakeMemoryInProportion(t *testing.T) {
	allocated := func(samples int) float64 {
		dir := largeRun(t, samples)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		info, all, err := record.Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		if a := analyze.New(info, all, analyze.Settings{}); a.Launches < samples || len(a.Advice()) == 0 {
			t.Fatalf("%d launches", a.Launches)
		}
		runtime.ReadMemStats(&after)
		return float64(after.TotalAlloc - before.TotalAlloc)
	}
	small, large := allocated(3_000), allocated(12_000)
	if large > 6*small {
		t.Errorf("12,000 samples allocate %.0f MB, and 3,000 only %.0f MB", large/1e6, small/1e6)
	}
}

// BenchmarkLargeRun reads, analyses and reports 100,000 samples. To measure its peak memory, run it
// as the only benchmark of a process.
func BenchmarkLargeRun(b *testing.B) {
	dir := largeRun(b, 100_000)
	for b.Loop() {
		info, samples, err := record.Read(dir)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := report.Write(b.TempDir(), "run", analyze.New(info, samples, analyze.Settings{})); err != nil {
			b.Fatal(err)
		}
	}
}

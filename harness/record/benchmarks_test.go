package record

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// TestBenchstat checks that benchstat reads the file directly, with one sample per round and twins
// kept apart.
func TestBenchstat(t *testing.T) {
	path := filepath.Join(write(t, some()), SamplesFile)
	out, err := exec.Command("go", "tool", "benchstat", "-table", "/workload,/cores", "-row", "/grain", "-col", "/strategy",
		"-filter", "/chunk:1 /order:map .unit:sec/task", path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text := string(out)
	for _, want := range []string{"/workload: spin\n", "/cores: 2\n", "direct", "pool", "-50.00% (p=0.002 n=6)"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, never := range []string{"n=7", "n=6+7", "vary", "Twin", "warning"} {
		if strings.Contains(text, never) {
			t.Errorf("%q in\n%s", never, text)
		}
	}
}

func TestBenchmarks(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.txt": "goos: linux\npkg: a\ncpu: c\nBenchmarkX-2 1 5 ns/op 0 B/op\nBenchmarkX-2 1 7 ns/op\nBenchmarkX-2 1\nBenchmarkX-2 1 Inf ns/op\n",
		"b.txt": "pkg: b\nBenchmarkX-2 1 9 ns/op\n",
		"c.md":  "BenchmarkX-2 1 11 ns/op\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, m, notes, err := Benchmarks(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []harness.Benchmark{
		{Package: "a", Name: "X-2", Unit: "ns/op", Values: []float64{5, 7}}, {Package: "a", Name: "X-2", Unit: "B/op", Values: []float64{0}},
		{Package: "b", Name: "X-2", Unit: "ns/op", Values: []float64{9}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"2 lines or values are not valid and are left out, the first in line 6 of a.txt"}, notes); d != "" {
		t.Error(d)
	}
	if m.CPU != "c" {
		t.Errorf("%+v", m)
	}
	if err := os.WriteFile(filepath.Join(dir, "b.txt"), []byte("\xFF\xFEB\x00e\x00"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := Benchmarks(dir); !errors.As(err, new(*format.EncodingError)) {
		t.Error(err)
	}
	if _, _, _, err := Benchmarks(t.TempDir()); !errors.Is(err, ErrNoBenchmarks) {
		t.Error(err)
	}
	if _, _, _, err := Benchmarks(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

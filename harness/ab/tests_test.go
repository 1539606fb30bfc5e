package ab

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// The tests compare copies of this test binary, which have the benchmarks below. The folder of its
// copy shows a benchmark its side.

func side() string { return filepath.Base(filepath.Dir(os.Args[0])) }

var result uint64

func spin(n int) {
	x := uint64(1)
	for range n {
		x = x*x + 1
	}
	result = x
}

func BenchmarkFine(b *testing.B) {
	for b.Loop() {
		spin(1000)
	}
	b.ReportMetric(7, "items/op")
}

func BenchmarkSub(b *testing.B) {
	for _, name := range []string{"a b", "c/d=1", "(x|y)+$"} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				spin(1000)
			}
		})
	}
}

func BenchmarkBad(b *testing.B) {
	if side() != "c" { // only the head is bad
		return
	}
	for _, bad := range []struct {
		name string
		do   func(b *testing.B)
	}{
		{"crash", func(*testing.B) {
			go panic("out of cheese") // a panic of this goroutine would let the benchmark print a result before the program ends
			select {}
		}},
		{"exit", func(*testing.B) { os.Exit(0) }},
		{"fail", func(b *testing.B) { b.Fatal("no luck") }},
		{"garbage", func(b *testing.B) { fmt.Print("garbage") }},
		{"flood", func(b *testing.B) { fmt.Println(strings.Repeat("x", 8<<20)) }},
		{"hang", func(b *testing.B) { time.Sleep(time.Hour) }},
		{"nan", func(b *testing.B) { b.ReportMetric(0, "ns/op"); b.ReportMetric(nan(), "x/op") }},
	} {
		b.Run(bad.name, bad.do)
	}
}

func nan() float64 { zero := 0.0; return zero / zero }

func BenchmarkSkipped(b *testing.B) { b.Skip("not here") }

func selfTests(t *testing.T) *Tests {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	programs, err := CopyTests(t.TempDir(), self, self)
	if err != nil {
		t.Fatal(err)
	}
	return &Tests{Programs: programs, Procs: 2}
}

func TestListAndLaunch(t *testing.T) {
	t.Parallel()
	tests := selfTests(t)
	l, err := tests.List(t.Context(), harness.Base, "Fine|Sub|Skipped|Nothing")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"Fine-2", "Sub/a_b-2", "Sub/c/d=1-2", "Sub/(x|y)+$-2"}
	if len(l.Benches) != len(want) || !strings.HasSuffix(l.Package, "harness/ab") {
		t.Fatalf("%+v", l)
	}
	for i, b := range l.Benches {
		if b.Name != want[i] {
			t.Errorf("%s, want %s", b.Name, want[i])
		}
		b.Reps = 20
		s, err := tests.Launch(t.Context(), harness.Head, b)
		if err != nil || s.Name != b.Name || s.Reps != 20 || s.Values[harness.UnitOp] <= 0 || s.Wall <= 0 || s.CPU <= 0 || s.At.IsZero() {
			t.Errorf("%+v, %v", s, err)
		}
		if i == 0 && s.Values["items/op"] != 7 {
			t.Errorf("%v", s.Values)
		}
	}
	b, err := tests.Calibrate(t.Context(), l.Benches[0], leastTime)
	if err != nil || b.Reps < 100 || b.Cost <= 0 {
		t.Errorf("%+v, %v", b, err)
	}
}

// TestBadBenchmarks checks the errors for benchmarks that give no result.
func TestBadBenchmarks(t *testing.T) {
	t.Parallel()
	tests := selfTests(t)
	for name, want := range map[string]string{
		"crash":   "out of cheese",
		"exit":    "unexpected call to os.Exit(0)",
		"fail":    "no luck",
		"garbage": "prints to standard output",
		"flood":   "more than 4 MiB",
		"hang":    "longer than 1s and was killed",
		"nan":     "NaN",
		"missing": "printed 0 results, want one result",
	} {
		t.Run(name, func(t *testing.T) {
			tests := *tests
			if name == "hang" {
				tests.Timeout = time.Second
			}
			_, err := tests.Launch(t.Context(), harness.Head, Bench{Name: "Bad/" + name + "-2", Reps: 2})
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		})
	}
}

func TestListBadBenchmarks(t *testing.T) {
	t.Parallel()
	tests := selfTests(t)
	l, err := tests.List(t.Context(), harness.Head, "Fine|Bad/fail")
	if err != nil || len(l.Benches) != 1 || len(l.Failed) == 0 || !strings.HasPrefix(l.Failed[0], "Bad") {
		t.Errorf("%+v, %v", l, err)
	}
	for name, want := range map[string]string{
		"crash": "because of BenchmarkBad/crash",
		"flood": "more than 4 MiB",
		"hang":  "because of BenchmarkBad/hang",
	} {
		tests := *tests
		tests.Timeout = time.Second
		_, err := tests.List(t.Context(), harness.Head, "Bad/"+name)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	tests.Programs[harness.Base] = "/bin/false"
	if _, err := tests.List(t.Context(), harness.Base, "."); err == nil {
		t.Error("List returned no error for a program that is not a test binary")
	}
}

func TestStoppedIn(t *testing.T) {
	const stack = "exit status 2: panic: no\n\ngoroutine 5 [running]:\ntesting.(*B).x(0x1)\nexample.org/a.BenchmarkB.func1(0x1)\n\t/a/a_test.go:9 +0x25\nexample.org/a.BenchmarkC(0x1)\n"
	for _, c := range []struct{ output, err, want string }{
		{"", "", ""},
		{"BenchmarkA\nBenchmarkA-2 \t 1 \t 9 ns/op\n", "", ""},
		{"BenchmarkA\nBenchmarkA-2 \t 1 \t 9 ns/op\nBenchmarkB\n", "killed", ", because of BenchmarkB"},
		{"BenchmarkB\nBenchmarkB/x\n", stack, ", because of BenchmarkB/x"},
		{"BenchmarkB\nBenchmarkB/x\nBenchmarkB/x \t 1 \t 9 ns/op\nBenchmarkBC\n", stack, ", because of BenchmarkB/x"},
		{"BenchmarkA\n--- FAIL: BenchmarkA\nBenchmarkB\nBenchmarkC\n", stack, ", because of BenchmarkB"},
		{"BenchmarkA\n", "panic: no\n\ngoroutine 5 [running]:\nexample.org/a.helper(0x1)\n", ", because of BenchmarkA"},
	} {
		if got := stoppedIn([]byte(c.output), c.err); got != c.want {
			t.Errorf("stoppedIn returns %q, want %q, for the output\n%s\nand the error %s", got, c.want, c.output, c.err)
		}
	}
}

func TestPattern(t *testing.T) {
	for _, c := range []struct {
		name  string
		procs int
		want  string
	}{
		{"A-2", 2, "^BenchmarkA$"},
		{"A-2", 1, "^BenchmarkA-2$"},
		{"A/x=1.5/b-2-2", 2, `^BenchmarkA$/^x=1\.5$/^b-2$`},
	} {
		if got := (&Tests{Procs: c.procs}).pattern(c.name); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestGrow(t *testing.T) {
	for _, c := range []struct {
		reps int
		op   float64
		want int
	}{
		{1, 1e9, 1},     // one operation takes too long
		{1, 2e5, 100},   // reached at once
		{1, 100, 100},   // at most 100 times as many
		{100, 2e5, 100}, // long enough
		{80, 2e5, 80},   // nearly
		{1, 1.2e7, 2},   // at least one more
		{1, 0, 100},     // too fast to be measured
	} {
		if got := grow(c.reps, c.op, mostTime); got != c.want {
			t.Errorf("%d of %v ns: %d, want %d", c.reps, c.op, got, c.want)
		}
	}
	if got := LaunchTime(time.Minute, 1); got != mostTime {
		t.Error(got)
	}
	if got := LaunchTime(time.Second, 100); got != leastTime {
		t.Error(got)
	}
}

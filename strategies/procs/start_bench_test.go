//go:build unix

package procs

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
)

// build compiles the package pkg of this module. If source is not empty, build instead compiles the
// program with this source text. It returns the path of the executable.
func build(b *testing.B, pkg, source string) string {
	b.Helper()
	dir := b.TempDir()
	if source != "" {
		pkg = filepath.Join(dir, "main.go")
		if err := os.WriteFile(pkg, []byte(source), 0o666); err != nil {
			b.Fatal(err)
		}
	}
	program := filepath.Join(dir, "program")
	c := exec.Command("go", "build", "-o", program, pkg)
	c.Env = append(os.Environ(), "CGO_ENABLED=0") // as the Makefile does
	if out, err := c.CombinedOutput(); err != nil {
		b.Skipf("go build: %v\n%s", err, out)
	}
	return program
}

// BenchmarkBirth measures the time from the start of a lean worker (one with few packages) until it
// is ready. It also reports the ratio of this time to the run time of an empty Go program. It
// measures both in turn.
func BenchmarkBirth(b *testing.B) {
	empty := build(b, "", "package main\nfunc main() {}\n")
	lean := build(b, "github.com/payoff-bench/payoff/cmd/payoff-worker", "")
	for _, start := range []Start{Exec, Helper} {
		b.Run("start="+start.String(), func(b *testing.B) {
			var nothing, worker time.Duration
			for b.Loop() {
				at := time.Now()
				if err := exec.Command(empty).Run(); err != nil {
					b.Fatal(err)
				}
				nothing += time.Since(at)
				at = time.Now()
				x, err := New(context.Background(), Config{Start: start, Workers: 1, Program: Command(lean)})
				if err != nil {
					b.Fatal(err)
				}
				worker += time.Since(at)
				x.Close()
			}
			b.ReportMetric(worker.Seconds()/nothing.Seconds(), "ratio")
			b.ReportMetric(float64(worker.Microseconds())/float64(b.N), "µs/ready")
		})
	}
	b.Run("200 workers", func(b *testing.B) {
		for b.Loop() {
			x, err := New(context.Background(), Config{Workers: 200, Program: Command(lean)})
			if err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			x.Close()
			b.StartTimer()
		}
	})
}

// BenchmarkLimit measures a task that ignores its context and exceeds its limit. It reports the
// time from the limit until the task has its outcome, on average and at worst. It also reports the
// time from the limit until the worker is replaced, which includes Config.Grace.
func BenchmarkLimit(b *testing.B) {
	for _, start := range []Start{Exec, Standby, Helper} {
		b.Run("start="+start.String(), func(b *testing.B) {
			x, err := New(context.Background(), started(start.String(), 1))
			must(b, err)
			defer x.Stop(cancelled)
			const limit = 20 * time.Millisecond
			var late, worst, replaced time.Duration
			for b.Loop() {
				whole(x)
				at := time.Now()
				fault.Map(context.Background(), x, []string{"hang"}, strategies.Options{Limit: limit})
				took := time.Since(at) - limit
				late, worst = late+took, max(worst, took)
				whole(x)
				replaced += time.Since(at) - limit
			}
			b.ReportMetric(float64(late.Microseconds())/float64(b.N), "µs/late")
			b.ReportMetric(float64(worst.Microseconds()), "µs/latest")
			b.ReportMetric(float64(replaced.Microseconds())/float64(b.N), "µs/replaced")
		})
	}
}

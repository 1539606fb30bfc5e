//go:build unix

package procs

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
)

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// whole waits until all workers of the pool x can run tasks.
func whole(x *Executor) {
	for len(x.PIDs()) < x.Core().Workers {
		time.Sleep(20 * time.Microsecond)
	}
}

// BenchmarkDip measures how much longer a job takes if a worker is killed in the middle of it. The
// job is a map of 20 ms of work. Jobs with and without a kill alternate.
func BenchmarkDip(b *testing.B) {
	for _, start := range []Start{Exec, Standby, Helper} {
		b.Run("start="+start.String(), func(b *testing.B) {
			x, err := New(context.Background(), started(start.String(), 2))
			must(b, err)
			defer x.Stop(cancelled)
			in := make([]uint64, 20_000)
			for i := range in {
				in[i] = 2000<<40 | uint64(i)
			}
			job := func(kill bool) time.Duration {
				whole(x)
				at := time.Now()
				if kill {
					pid := x.PIDs()[0]
					time.AfterFunc(5*time.Millisecond, func() { unix.Kill(pid, unix.SIGKILL) })
				}
				number.Map(context.Background(), x, in, strategies.Options{})
				return time.Since(at)
			}
			var calm, killed time.Duration
			for b.Loop() {
				calm += job(false)
				killed += job(true)
			}
			b.ReportMetric(float64((killed-calm).Microseconds())/float64(b.N), "µs/kill")
			b.ReportMetric(killed.Seconds()/calm.Seconds(), "ratio")
		})
	}
}

// BenchmarkDeath measures the time from the kill of a worker until its task has its outcome, and
// the time until the worker is replaced. The worker is killed after it has started the task;
// otherwise another worker would run the task, which hangs.
func BenchmarkDeath(b *testing.B) {
	for _, start := range []Start{Exec, Standby, Helper} {
		b.Run("start="+start.String(), func(b *testing.B) {
			x, err := New(context.Background(), started(start.String(), 1))
			must(b, err)
			defer x.Stop(cancelled)
			dir := b.TempDir()
			var noticed, replaced time.Duration
			for b.Loop() {
				whole(x)
				pid := x.PIDs()[0]
				f := fault.Go(context.Background(), x, "mark "+dir+" hang", strategies.Options{})
				for marks, _ := os.ReadDir(dir); len(marks) == 0; marks, _ = os.ReadDir(dir) {
					time.Sleep(50 * time.Microsecond)
				}
				at := time.Now()
				unix.Kill(pid, unix.SIGKILL)
				f.Wait(context.Background())
				noticed += time.Since(at)
				whole(x)
				replaced += time.Since(at)
				marks, err := os.ReadDir(dir)
				must(b, err)
				for _, m := range marks {
					must(b, os.Remove(dir+"/"+m.Name()))
				}
			}
			b.ReportMetric(float64(noticed.Microseconds())/float64(b.N), "µs/noticed")
			b.ReportMetric(float64(replaced.Microseconds())/float64(b.N), "µs/replaced")
		})
	}
}

// BenchmarkMemory measures the proportional memory (PSS) of an idle worker in a pool of 8.
func BenchmarkMemory(b *testing.B) {
	lean := build(b, "github.com/payoff-bench/payoff/cmd/payoff-worker", "")
	for _, start := range []string{"exec", "self", "standby", "helper"} {
		b.Run("start="+start, func(b *testing.B) {
			c := started(start, 8)
			if start != "self" {
				c.Program = Command(lean)
			}
			var kB, n float64
			for b.Loop() {
				x, err := New(context.Background(), c)
				must(b, err)
				for _, pid := range x.PIDs() {
					kB += pss(b, pid)
					n++
				}
				must(b, x.Close())
			}
			b.ReportMetric(kB/n, "PSS-kB/worker")
		})
	}
}

// pss returns the proportional memory (PSS) of the process pid in kB: its own memory, and its part
// of the memory that it shares.
func pss(b *testing.B, pid int) (kB float64) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		b.Skip(err)
	}
	_, rest, _ := strings.Cut(string(text), "\nPss:")
	if _, err := fmt.Sscan(rest, &kB); err != nil {
		b.Fatal(err)
	}
	return kB
}

// BenchmarkCycles measures whether resources leak. A cycle creates a pool, runs a job and ends the
// pool. BenchmarkCycles first runs 1,000 cycles that do not count. Over the next 1,600 cycles it
// measures the growth of resources. It reports the growth over the last 400 of them separately,
// because a leak would keep growing.
//
// In the first 1,000 cycles, Go's runtime creates the threads, stacks and tables that it needs: its
// stacks grow by 0.5 MB, most of it in the first 100 cycles. Before each measurement, the runtime
// returns free memory to the system. About 0.2 MB of the other memory differs from one measurement
// to the next.
func BenchmarkCycles(b *testing.B) {
	cycle := func() {
		x, err := New(context.Background(), config(2))
		must(b, err)
		_, err = number.Map(context.Background(), x, make([]uint64, 100), strategies.Options{})
		must(b, err)
		must(b, x.Close())
	}
	type sight struct {
		goroutines, descriptors int
		heap, kB                float64
	}
	look := func() (s sight) {
		for range 2 { // the second frees what the first has finalised
			debug.FreeOSMemory()
		}
		fds, err := os.ReadDir("/dev/fd")
		must(b, err)
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return sight{runtime.NumGoroutine(), len(fds), float64(m.HeapAlloc) / 1024, pss(b, os.Getpid())}
	}
	var at [5]sight
	n := 0
	for b.Loop() {
		for i := range at {
			for range []int{1000, 400, 400, 400, 400}[i] {
				cycle()
			}
			at[i] = look()
		}
		n++
	}
	b.ReportMetric(float64(at[4].goroutines-at[0].goroutines), "goroutines")
	b.ReportMetric(float64(at[4].descriptors-at[0].descriptors), "descriptors")
	b.ReportMetric(at[4].heap-at[0].heap, "heap-kB")
	b.ReportMetric(at[4].kB-at[0].kB, "PSS-kB")
	b.ReportMetric(at[4].kB-at[3].kB, "PSS-kB/last400")
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n)/2600, "µs/cycle")
}

// BenchmarkEarly measures the time until ten fast tasks of a stream have their outcomes, with and
// without a slow task after them on the same worker.
func BenchmarkEarly(b *testing.B) {
	x, err := New(context.Background(), config(1))
	must(b, err)
	defer x.Stop(cancelled)
	fast := func(in []string) (took time.Duration) {
		at, n := time.Now(), 0
		for _, err := range fault.Stream(context.Background(), x, slices.Values(in), strategies.Options{Window: 16}) {
			must(b, err)
			if n++; n == 10 {
				took = time.Since(at)
			}
		}
		return took
	}
	alone, behind := numbered(10), append(numbered(10), "sleep")
	var without, with time.Duration
	for b.Loop() {
		without += fast(alone)
		with += fast(behind)
	}
	b.ReportMetric(float64(without.Microseconds())/float64(b.N), "µs/alone")
	b.ReportMetric(float64(with.Microseconds())/float64(b.N), "µs/before-slow")
}

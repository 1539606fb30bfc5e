//go:build unix

package procs

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// BenchmarkMap measures the time per task of a map of 100,000 tasks with 2 workers, and of the same
// tasks in a plain loop (direct). The ratio of the makespan to the ideal is 2 · ns/task / direct.
func BenchmarkMap(b *testing.B) {
	const n = 100_000
	for _, steps := range []uint64{0, 800} {
		in := make([]uint64, n)
		for i := range in {
			in[i] = steps<<40 | uint64(i)
		}
		out := make([]uint64, n)
		b.Run(fmt.Sprintf("steps=%d/strategy=direct", steps), func(b *testing.B) {
			for b.Loop() {
				for i, v := range in {
					out[i], _ = number.Func(b.Context(), v)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/task")
		})
		for _, tr := range transports() {
			b.Run(fmt.Sprintf("steps=%d/strategy=procs/transport=%s", steps, tr.Name), func(b *testing.B) {
				x := poolOver(b, tr)
				for b.Loop() {
					if err := number.MapInto(context.Background(), x, in, out, strategies.Options{}); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/task")
			})
		}
	}
}

// transports returns the transports that connect processes on this system.
func transports() (all []transport.Transport) {
	for _, tr := range transport.All() {
		if o, err := tr.Open(); err == nil {
			o.Close()
			all = append(all, tr)
		}
	}
	return all
}

func poolOver(b *testing.B, tr transport.Transport) *Executor {
	c := config(2)
	c.Transport = tr
	x, err := New(context.Background(), c)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { x.Stop(context.Background()) })
	return x
}

// BenchmarkRoundTrip measures the time of a map of one task.
func BenchmarkRoundTrip(b *testing.B) {
	for _, tr := range transports() {
		b.Run("transport="+tr.Name, func(b *testing.B) {
			x := poolOver(b, tr)
			in, out := []uint64{1}, []uint64{0}
			for b.Loop() {
				if err := number.MapInto(context.Background(), x, in, out, strategies.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkStart measures the time to create and close an executor with 2 workers.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		x, err := New(context.Background(), config(2))
		if err != nil {
			b.Fatal(err)
		}
		if err := x.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEcho measures the bandwidth of sending 1 MiB to a kernel and back. Bytes that travel
// both ways are counted once.
func BenchmarkEcho(b *testing.B) {
	in := make([][]byte, 64)
	for i := range in {
		in[i] = make([]byte, 1<<20)
	}
	for _, tr := range transports() {
		b.Run("transport="+tr.Name, func(b *testing.B) {
			x := poolOver(b, tr)
			b.SetBytes(int64(len(in)) << 20)
			for b.Loop() {
				if _, err := echo.Map(context.Background(), x, in, strategies.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkChunks measures maps of 100,000 small tasks with different chunk sizes, and the
// processor time per task in this process and the workers. When a worker has no tasks, it gets
// parts of large chunks; this must not cost more than it saves.
func BenchmarkChunks(b *testing.B) {
	const n = 100_000
	in, out := make([]uint64, n), make([]uint64, n)
	for i := range in {
		in[i] = uint64(i)
	}
	for _, size := range append(chunk.All(), chunk.Fixed(1), chunk.Fixed(1000)) {
		b.Run("chunk="+size.String(), func(b *testing.B) {
			x := newPool(b, 2)
			before := processorTime(b, x.PIDs())
			for b.Loop() {
				if err := number.MapInto(context.Background(), x, in, out, strategies.Options{Chunk: size}); err != nil {
					b.Fatal(err)
				}
			}
			tasks := float64(b.N) * n
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/tasks, "ns/task")
			b.ReportMetric(float64(processorTime(b, x.PIDs())-before)/tasks, "cpu-ns/task")
		})
	}
}

// processorTime returns the processor time, in ns, that this process and the processes pids have
// used.
func processorTime(b *testing.B, pids []int) (ns int64) {
	for _, pid := range append([]int{os.Getpid()}, pids...) {
		var t unix.Timespec
		clock := int32(^pid<<3 | 2) // of all threads of a process: CPUCLOCK_SCHED
		if err := unix.ClockGettime(clock, &t); err != nil {
			b.Skipf("cannot read the processor time of process %d: %v", pid, err)
		}
		ns += t.Nano()
	}
	return ns
}

// BenchmarkStream measures a stream of tasks of about 4 µs, and the processor time per task in this
// process and the workers. Two workers and this process share the cores.
func BenchmarkStream(b *testing.B) {
	const n = 10_000
	in := make([]uint64, n)
	for i := range in {
		in[i] = 2400<<40 | uint64(i)
	}
	for _, tr := range transports() {
		b.Run("transport="+tr.Name, func(b *testing.B) {
			x := poolOver(b, tr)
			before := processorTime(b, x.PIDs())
			for b.Loop() {
				for _, err := range number.Stream(context.Background(), x, slices.Values(in), strategies.Options{}) {
					must(b, err)
				}
			}
			tasks := float64(b.N) * n
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/tasks, "ns/task")
			b.ReportMetric(float64(processorTime(b, x.PIDs())-before)/tasks, "cpu-ns/task")
		})
	}
}

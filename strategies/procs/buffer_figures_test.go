//go:build unix

package procs

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/shared"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// BenchmarkBuffers measures only those figures of [BenchmarkIPC] that are about buffers.
func BenchmarkBuffers(b *testing.B) {
	if !hasArenas {
		b.Skip("no arenas on this system")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	var all []contender
	var asked []question
	byReference(b, func(name string, per int, f func() error) {
		all = append(all, contender{name, float64(per), func() time.Duration { return timed(b, f) }})
	}, func(what, unit string, most, least float64, of func(ns map[string]float64) float64) {
		asked = append(asked, question{what, unit, of, most, least})
	})
	report(b, rounds(b, b.N, all), asked, "ipc")
}

// byReference adds the measurements and figures of BenchmarkIPC about large data. It calls add for
// each piece of work to measure, and ask for each figure to compute. The data goes to a kernel and
// back, once by reference and once by copying. The kernel changes one byte of each page.
func byReference(b *testing.B, add func(name string, per int, f func() error), ask func(what, unit string, most, least float64, of func(ns map[string]float64) float64)) {
	pool := func(workers int) *Executor {
		c := config(workers)
		c.Transport, c.Arena = transport.SHM(transport.SHMOptions{}), 256<<20
		return newExecutor(b, c)
	}
	one := pool(1) // so that all trips go to the worker whose caches have the data
	ctx, plain := context.Background(), strategies.Options{}
	for _, mib := range []int{1, 64} {
		name := fmt.Sprintf("%d MiB", mib)
		buffer := filled(b, one, mib<<20, 1)
		in, out := []shared.Buffer{buffer}, make([]shared.Buffer, 1)
		bytes := content(b, buffer)
		const times = 16
		add("touch "+name, times, func() error {
			for range times {
				touchPages(bytes)
			}
			return nil
		})
		add("refer "+name, times, func() error {
			for range times {
				if err := touch.MapInto(ctx, one, in, out, plain); err != nil {
					return err
				}
			}
			return nil
		})
		add("copy "+name, 1, func() error { return touchCopied.MapInto(ctx, one, [][]byte{bytes}, make([][]byte, 1), plain) })
		ask(name+" touched in this process", "µs", 0, 0, func(ns map[string]float64) float64 { return ns["touch "+name] / 1e3 })
		ask(name+" to a kernel and back by reference, 1 worker, shm", "µs", 0, 0, func(ns map[string]float64) float64 { return ns["refer "+name] / 1e3 })
		ask(name+" by reference, copied over by reference", "x", 0, []float64{1: 50, 64: 0}[mib], func(ns map[string]float64) float64 {
			return ns["copy "+name] / ns["refer "+name]
		})
	}
	ask("1 MiB by reference, beyond touching", "µs", 5, 0, func(ns map[string]float64) float64 { return (ns["refer 1 MiB"] - ns["touch 1 MiB"]) / 1e3 })
	ask("64 MiB by reference", "x touched in this process", 1.02, 0, func(ns map[string]float64) float64 { return ns["refer 64 MiB"] / ns["touch 64 MiB"] })

	two := pool(2)
	const count = 16
	many, outs, copies := make([]shared.Buffer, count), make([]shared.Buffer, count), make([][]byte, count)
	for i := range many {
		many[i] = filled(b, two, 1<<20, 1)
		copies[i] = content(b, many[i])
	}
	copied := make([][]byte, count)
	add("refer many", count, func() error { return touch.MapInto(ctx, two, many, outs, plain) })
	add("copy many", count, func() error { return touchCopied.MapInto(ctx, two, copies, copied, plain) })
	ask(fmt.Sprintf("a map of %d times 1 MiB by reference, copied over by reference", count), "x", 0, 0, func(ns map[string]float64) float64 { return ns["copy many"] / ns["refer many"] })
}

// Command faulty is payoff with workloads whose tasks fail.
package main

import (
	"context"
	"os"
	"runtime"
	"sync/atomic"

	"github.com/payoff-bench/payoff/cmd/cli"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
	"github.com/payoff-bench/payoff/workloads"
)

// calls counts the kernel calls in this process. pooled is true if the process has an executor.
var (
	calls  atomic.Int64
	pooled atomic.Bool
)

// late counts its calls. It reports whether there were so many that the first jobs of this process
// have ended.
func late() bool { return calls.Add(1) > 1000 }

func main() {
	pool := catalog.Named("pool")
	pool.Name, pool.Doc = "late", "a pool under which the tasks of this program fail"
	made := pool.New
	pool.New = func(ctx context.Context, c catalog.Config) (strategies.Executor, error) {
		pooled.Store(true)
		return made(ctx, c)
	}
	cli.Own(cli.Program{
		Version:    "v0-faulty",
		Strategies: []catalog.Strategy{pool},
		Workloads: []workloads.Workload{
			faulty("panics", func(x uint64) uint64 {
				if pooled.Load() && late() {
					panic("this task fails on purpose with a pool")
				}
				return x
			}),
			faulty("crashes", func(x uint64) uint64 {
				if late() {
					panic("this task fails on purpose with every strategy")
				}
				return x
			}),
			faulty("quits", func(x uint64) uint64 {
				if late() {
					runtime.Goexit()
				}
				return x
			}),
			faulty("ends", func(x uint64) uint64 {
				if pooled.Load() && late() {
					os.Exit(0)
				}
				return x
			}),
			faulty("flickers", func(x uint64) uint64 {
				if pooled.Load() && late() {
					return x + uint64(calls.Load())
				}
				return x
			}),
			faulty("leaves", func(x uint64) uint64 {
				if calls.Add(1) < 5 {
					go func() { burn(10_000_000_000) }()
				}
				return burn(1000) + x
			}),
			faulty("parallel", func(x uint64) uint64 {
				half := make(chan uint64)
				go func() { half <- burn(50_000) }()
				return burn(50_000) + <-half + x
			}),
			faulty("differs", func(x uint64) uint64 {
				if pooled.Load() {
					return x + uint64(os.Getpid())
				}
				return x
			}),
		},
	})
}

// burn computes for n steps, and returns 0.
func burn(n int) uint64 {
	x := uint64(1)
	for range n {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return x >> 63 &^ 1
}

// faulty returns a workload with the given name whose kernel is f.
func faulty(name string, f func(uint64) uint64) workloads.Workload {
	number := raw.One[uint64]()
	k := strategies.Kernel[uint64, uint64]{Name: name, In: number, Out: number, Func: func(_ context.Context, x uint64) (uint64, error) { return f(x), nil }}
	return workloads.Of("fails", k, func(i int) uint64 { return uint64(i) })
}

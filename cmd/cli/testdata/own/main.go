// Command own is payoff with its own workload and strategy.
package main

import (
	"context"

	"github.com/payoff-bench/payoff/cmd/cli"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
	"github.com/payoff-bench/payoff/workloads"
)

func main() {
	number := raw.One[uint64]()
	kernel := strategies.Kernel[uint64, uint64]{Name: "collatz", Func: collatz, In: number, Out: number}
	mine := catalog.Named("pool")
	mine.Name, mine.Doc = "mine", "a strategy of the user's own"
	cli.Own(cli.Program{
		Version:    "v0-own",
		Strategies: []catalog.Strategy{mine},
		Workloads: []workloads.Workload{
			workloads.Of("counts the steps of a number down to 1", kernel, func(i int) uint64 { return uint64(i) + 1_000_000 }),
		},
	})
}

func collatz(_ context.Context, x uint64) (steps uint64, _ error) {
	for ; x != 1; steps++ {
		if x%2 == 0 {
			x /= 2
		} else {
			x = 3*x + 1
		}
	}
	return steps, nil
}

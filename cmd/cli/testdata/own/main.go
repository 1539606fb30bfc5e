// Command own is payoff with a strategy and a workload of its own, as a user builds it.
package main

import (
	"context"
	"encoding/binary"
	"os"

	"github.com/payoff-bench/payoff/cmd/cli"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
)

func main() {
	mine := strategies.PoolStrategy()
	mine.Name = "mine"
	mine.Doc = "a strategy of the user's own"
	os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr, cli.Program{
		Version:    "v0-own",
		Strategies: []strategies.Strategy{strategies.SerialStrategy(), mine},
		Workloads:  append(workloads.All(), collatz()),
	}))
}

// collatz counts the steps of the task's number down to 1.
func collatz() workloads.Workload {
	number := strategies.Codec[uint64]{
		Append: func(dst []byte, v uint64) ([]byte, error) { return binary.LittleEndian.AppendUint64(dst, v), nil },
		Decode: func(src []byte) (uint64, error) { return binary.LittleEndian.Uint64(src), nil },
	}
	k := strategies.Kernel[uint64, uint64]{Name: "collatz", In: number, Out: number, Func: steps}
	return workloads.Workload{
		Name:   "collatz",
		Doc:    "counts the steps of a number down to 1",
		Kernel: k,
		New: func(workloads.Params) (workloads.Load, error) {
			return &workloads.Typed[uint64, uint64]{
				Kernel: k,
				Input:  func(i, _ int) uint64 { return uint64(i) },
				Number: func(out uint64) (int, uint64) { return int(out >> 16), out },
			}, nil
		},
	}
}

// steps returns the number itself above 16 bits of steps.
func steps(_ context.Context, i uint64) (uint64, error) {
	n := uint64(0)
	for x := i + 1_000_000; x != 1; n++ {
		if x%2 == 0 {
			x /= 2
		} else {
			x = 3*x + 1
		}
	}
	return i<<16 | n, nil
}

// Command payoff-worker is the worker process of the strategy procs. It is started by
// a program that uses the strategy and is of no use by hand.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
)

func main() {
	stop := profile(os.Getenv("PAYOFF_WORKER_PROFILE"))
	err := worker.Serve(kernels())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "payoff-worker:", err)
	}
	switch {
	case errors.Is(err, worker.ErrByHand):
		os.Exit(2)
	case err != nil:
		os.Exit(1)
	}
}

func kernels() []strategies.Callable { return nil }

// Command payoff-worker is the worker process of the strategy procs. It is started by
// a program that uses the strategy and is of no use by hand.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/kernels"
)

func main() {
	stop := profile(os.Getenv("PAYOFF_WORKER_PROFILE"))
	err := worker.Serve(workloads.Kernels(kernels.All()))
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

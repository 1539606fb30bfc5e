// Command payoff-worker is the lean worker process of payoff. To start quickly, it links only the
// kernels that need the standard library alone. The strategy procs starts it; run by hand it only
// prints an error.
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
	err := worker.Serve(workloads.Kernels(kernels.All()))
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "payoff-worker:", err)
	if errors.Is(err, worker.ErrByHand) {
		os.Exit(2)
	}
	os.Exit(1)
}

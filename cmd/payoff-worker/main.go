// Command payoff-worker is the lean worker process of payoff. It starts quickly, because it links
// only kernels that import no package outside the standard library and this module. The strategy
// procs starts it. If a user starts it by hand, it prints an error and exits with status 2.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/kernels"
)

func main() {
	runtime.MemProfileRate = 0 // samples no allocations, unless a profile of this process starts
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

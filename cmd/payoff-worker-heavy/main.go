// Command payoff-worker-heavy is the worker process of the strategy procs for kernels that
// link more than payoff-worker should: each worker process pays for it when it starts. It
// is started by a program that uses the strategy and is of no use by hand.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/payload"
	"github.com/payoff-bench/payoff/workloads/sqlite"
	"github.com/payoff-bench/payoff/workloads/web"
)

func main() {
	err := worker.Serve(workloads.Kernels(append(payload.All(), web.Echo(), web.HTTP(), sqlite.SQLite())))
	if err != nil {
		fmt.Fprintln(os.Stderr, "payoff-worker-heavy:", err)
	}
	switch {
	case errors.Is(err, worker.ErrByHand):
		os.Exit(2)
	case err != nil:
		os.Exit(1)
	}
}

// Command payoff measures which concurrency strategy pays off; see payoff help. It is the
// tables below and package cli. A program with strategies or workloads of its own calls
// cli.Own.
package main

import (
	"os"
	"slices"

	"github.com/payoff-bench/payoff/cmd/cli"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/peers"
	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/kernels"
	"github.com/payoff-bench/payoff/workloads/payload"
	"github.com/payoff-bench/payoff/workloads/sqlite"
	"github.com/payoff-bench/payoff/workloads/web"
)

// Stamped by the build; see the Makefile.
var version, commit string

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr, program(procs.Config{})))
}

// program is the tables; c says how worker processes are made.
func program(c procs.Config) cli.Program {
	return cli.Program{
		Version:    version,
		Commit:     commit,
		Strategies: slices.Concat(catalog.Goroutines(), []catalog.Strategy{cli.Processes(c)}, peers.Table()),
		Workloads:  slices.Concat(kernels.All(), payload.All(), []workloads.Workload{web.Echo(), web.HTTP(), sqlite.SQLite()}),
		Kinds:      cli.Kinds(c),
		Lean:       "payoff-worker",
	}
}

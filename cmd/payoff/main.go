// Command payoff measures which concurrency strategy pays off; see payoff help. It calls package
// cli with the tables of strategies and workloads below. A program with its own strategies or
// workloads calls cli.Own instead.
package main

import (
	"os"
	"slices"

	"github.com/payoff-bench/payoff/cmd/cli"
	"github.com/payoff-bench/payoff/harness/nats"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/peers"
	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/strategies/python"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/kernels"
	"github.com/payoff-bench/payoff/workloads/payload"
	"github.com/payoff-bench/payoff/workloads/sqlite"
	"github.com/payoff-bench/payoff/workloads/web"
)

// version and commit identify the build. The Makefile sets them with a linker flag.
var version, commit string

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr, program(procs.Config{})))
}

// program returns the version and the tables of the command. Its worker processes have the
// configuration c.
func program(c procs.Config) cli.Program {
	works := slices.Concat(kernels.All(), payload.All(), []workloads.Workload{web.Echo(), web.HTTP(), sqlite.SQLite()})
	return cli.Program{
		Version:    version,
		Commit:     commit,
		Strategies: slices.Concat(catalog.Goroutines(), []catalog.Strategy{cli.Processes(c), cli.Cluster(nats.Serve), cli.Durable(nats.ServeDurable)}, peers.Table(), python.Table()),
		Workloads:  append(works, workloads.Python(works, python.Loop)...),
		Kinds:      cli.Kinds(c),
		Lean:       "payoff-worker",
	}
}

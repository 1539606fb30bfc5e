// Command payoff measures which concurrency strategy pays off; see payoff help. It is the
// tables below and package cli; a program with strategies or workloads of its own is the
// same with longer tables.
package main

import (
	"os"
	"slices"

	"github.com/payoff-bench/payoff/cmd/cli"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/peers"
	"github.com/payoff-bench/payoff/workloads"
)

// Stamped by the build; see the Makefile.
var version, commit string

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr, cli.Program{
		Version:    version,
		Commit:     commit,
		Strategies: slices.Concat(strategies.Table(), []strategies.Strategy{processes()}, peers.Table()),
		Workloads:  workloads.All(),
		Transports: transports,
		Starts:     starts,
	}))
}

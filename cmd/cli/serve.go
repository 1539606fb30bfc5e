package cli

import (
	"fmt"
	"os"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
)

// serveCommand is the hidden subcommand that is the server which the tasks of a workload
// ask: a process of its own, which ends with its standard input.
const serveCommand = "serve"

func (p Program) serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:    serveCommand + " workload",
		Short:  "Be the server of a workload until standard input ends",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			serve := p.workload(args[0]).Serve
			if serve == nil {
				return misuse("payoff serve is internal: it is started by payoff run for a workload that has a server")
			}
			if err := serve(os.Stdin, c.OutOrStdout()); err != nil {
				return fmt.Errorf("workload %s: %w", args[0], err)
			}
			return nil
		},
	}
}

// servers returns the servers of the blocks' workloads: what to run, by workload.
func (p Program) servers(self string, blocks []harness.Block) map[string][]string {
	commands := map[string][]string{}
	for _, b := range blocks {
		if name := b.Task.Workload; p.workload(name).Serve != nil {
			commands[name] = []string{self, serveCommand, name}
		}
	}
	return commands
}

// crowded returns a note where a server has no core of its own; "" if each has.
func crowded(m matrix) string {
	if slices.ContainsFunc(m.blocks, func(b harness.Block) bool {
		return m.programs.Servers[b.Task.Workload] != nil && b.Cores >= runtime.NumCPU()
	}) {
		return "servers of workloads shared the cores of launches that had them all: what a server computes is then part of the makespan"
	}
	return ""
}

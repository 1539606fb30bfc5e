package cli

import (
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
)

// serverCommand is the name of the hidden subcommand that runs the server of a workload or of a
// strategy. The server is a separate process, which ends when its standard input ends.
const serverCommand = "server"

func (p Program) serverCommand() *cobra.Command {
	return &cobra.Command{
		Use:    serverCommand + " workload|strategy [cell]",
		Short:  "Run the server of a workload or strategy until standard input ends",
		Hidden: true,
		Args:   cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			if serve := p.workload(args[0]).Serve; serve != nil {
				if err := serve(os.Stdin, c.OutOrStdout()); err != nil {
					return fmt.Errorf("workload %s: %w", args[0], err)
				}
				return nil
			}
			if serve := p.strategy(args[0]).Serve; serve != nil && len(args) == 2 {
				cell, _, err := harness.ParseName(args[1])
				if err == nil {
					err = serve(cell.Setup().Setting, os.Stdin, c.OutOrStdout())
				}
				if err != nil {
					return fmt.Errorf("strategy %s: %w", args[0], err)
				}
				return nil
			}
			return misuse("payoff server is internal; use payoff run, which starts it for a workload or strategy that has a server")
		},
	}
}

// servers returns the commands that start servers, keyed by workload or strategy, for the cells of the
// blocks that need one.
func (p Program) servers(self string, blocks []harness.Block) map[string][]string {
	commands := map[string][]string{}
	for _, b := range blocks {
		if name := b.Task.Workload; p.workload(name).Serve != nil {
			commands[name] = []string{self, serverCommand, name}
		}
		for _, c := range b.Cells {
			if p.strategy(c.Strategy).Serve != nil {
				commands[c.Strategy] = []string{self, serverCommand, c.Strategy}
			}
		}
	}
	return commands
}

// crowded returns a note for the report if a launch and the server of its workload or strategy share
// cores.
// Otherwise it returns "".
func crowded(m matrix) string {
	if slices.ContainsFunc(m.blocks, func(b harness.Block) bool {
		return b.Cores >= cores() && slices.ContainsFunc(b.Cells, func(c harness.Cell) bool {
			return m.programs.Servers[c.Workload] != nil || m.programs.Servers[c.Strategy] != nil
		})
	}) {
		return "if a launch used all cores, its server ran on the same cores. The makespan of such a launch includes the server's work"
	}
	return ""
}

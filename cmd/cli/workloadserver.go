package cli

import (
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
)

// workloadServerCommand is the name of the hidden subcommand that runs the server of a workload. The server
// is a separate process, which ends when its standard input ends.
const workloadServerCommand = "workload-server"

func (p Program) workloadServerCommand() *cobra.Command {
	return &cobra.Command{
		Use:    workloadServerCommand + " workload",
		Short:  "Run the server of a workload until standard input ends",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			serve := p.workload(args[0]).Serve
			if serve == nil {
				return misuse("payoff workload-server is internal; use payoff run, which starts it for a workload that has a server")
			}
			if err := serve(os.Stdin, c.OutOrStdout()); err != nil {
				return fmt.Errorf("workload %s: %w", args[0], err)
			}
			return nil
		},
	}
}

// servers returns the commands that start servers, keyed by workload, for the workloads of the
// blocks that have a server.
func (p Program) servers(self string, blocks []harness.Block) map[string][]string {
	commands := map[string][]string{}
	for _, b := range blocks {
		if name := b.Task.Workload; p.workload(name).Serve != nil {
			commands[name] = []string{self, workloadServerCommand, name}
		}
	}
	return commands
}

// crowded returns a note for the report if a launch and the server of its workload share cores.
// Otherwise it returns "".
func crowded(m matrix) string {
	if slices.ContainsFunc(m.blocks, func(b harness.Block) bool {
		return m.programs.Servers[b.Task.Workload] != nil && b.Cores >= cores()
	}) {
		return "if a launch used all cores, its server ran on the same cores. The makespan of such a launch includes the server's work"
	}
	return ""
}

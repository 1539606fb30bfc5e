package cli

import (
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness/launch"
	"github.com/payoff-bench/payoff/workloads/kernels"
)

// launchCommand is the hidden subcommand that is one launch: a fresh process of this
// program. Its spec comes and its result goes by descriptors of their own, so that
// nothing printed reaches them.
const launchCommand = "launch"

func (p Program) launchCommand() *cobra.Command {
	return &cobra.Command{
		Use:    launchCommand,
		Short:  "Be one launch: a spec on descriptor 3, a result on descriptor 4",
		Hidden: true,
		Args:   none,
		RunE: func(c *cobra.Command, _ []string) error {
			if !isPipe(3) || !isPipe(4) {
				return misuse("payoff launch is internal: it is started by payoff run")
			}
			spec, result := launch.Pipes()
			return launch.Serve(c.Context(), spec, result, p.Strategies, append(slices.Clip(p.Workloads), kernels.Command()))
		},
	}
}

// isPipe reports whether the descriptor is a pipe. It makes no file of it, which would
// close it one day.
func isPipe(fd int) bool {
	var st syscall.Stat_t
	return syscall.Fstat(fd, &st) == nil && st.Mode&syscall.S_IFMT == syscall.S_IFIFO
}

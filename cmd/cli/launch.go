package cli

import (
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness/launch"
	"github.com/payoff-bench/payoff/workloads/kernels"
	"github.com/payoff-bench/payoff/workloads/python"
)

// launchCommand is the name of the hidden subcommand that runs one launch. Its spec and result have
// their own file descriptors, so that printed text cannot corrupt them.
const launchCommand = "launch"

func (p Program) launchCommand() *cobra.Command {
	return &cobra.Command{
		Use:    launchCommand,
		Short:  "Run one launch: spec on descriptor 3, result on descriptor 4",
		Hidden: true,
		Args:   none,
		RunE: func(c *cobra.Command, _ []string) error {
			if !isPipe(3) || !isPipe(4) {
				return misuse("payoff launch is internal; use payoff run, which starts it")
			}
			spec, result := launch.Pipes()
			return launch.Serve(c.Context(), spec, result, p.Strategies, append(slices.Clip(p.Workloads), kernels.Command(), python.Workload()))
		},
	}
}

// isPipe reports whether the file descriptor fd is a pipe. It does not create an os.File, because
// the finalizer of an os.File would close the descriptor.
func isPipe(fd int) bool {
	var st syscall.Stat_t
	return syscall.Fstat(fd, &st) == nil && st.Mode&syscall.S_IFMT == syscall.S_IFIFO
}

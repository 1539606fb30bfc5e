package cli

import (
	"io"

	"github.com/spf13/cobra"
)

func (p Program) reportCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "report folder",
		Short: "Report a run again from its samples",
		Long: `Report reads the samples of a run's folder, prints what they say, and writes its
report.md and charts anew. A run that was interrupted or killed can be reported too.`,
		Example: "  payoff report results/latest",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return misuse("report which folder? payoff report results/latest reports the newest run")
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(c *cobra.Command, args []string) error {
			return p.report(c.OutOrStdout(), args[0])
		},
	}
}

func (p Program) report(w io.Writer, dir string) error { return nil }

package cli

import (
	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness/report"
)

func (p Program) compareCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "compare folder",
		Short: "Compare the strategies of a run with each other in pairs",
		Long: `Compare prints, for each task of a run and each pair of its strategies, the ratio of
their makespans with its interval, and the verdict: better, worse, equivalent or
unresolved. Other work disturbs some launches. If a result differs without these launches,
compare prints both results. scripts/compare compares two runs.`,
		Example:           "  payoff compare results/latest",
		Args:              one("compare the strategies of which run? payoff compare results/latest takes the newest"),
		ValidArgsFunction: completeFolder,
		RunE: func(c *cobra.Command, args []string) error {
			_, info, samples, err := readRun(args[0])
			if err != nil {
				return err
			}
			return report.Compare(c.OutOrStdout(), p.analyze(info, samples))
		},
	}
}

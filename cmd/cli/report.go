package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/harness/report"
	"github.com/payoff-bench/payoff/workloads"
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
			info, samples, err := record.Read(args[0])
			if err != nil {
				return misuse("%w", err)
			}
			return p.report(c.OutOrStdout(), args[0], info, samples)
		},
	}
}

// report prints what the samples say, writes the report into the run's folder, and says
// where everything is.
func (p Program) report(w io.Writer, dir string, info harness.Info, samples []harness.Sample) error {
	if err := report.Terminal(w, info, samples, p.waits); err != nil {
		return err
	}
	if err := report.Write(dir, info, samples, p.waits); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	charts, err := filepath.Glob(filepath.Join(dir, "*.svg"))
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\nsamples  %s\nreport   %s\n", filepath.Join(dir, record.SamplesFile), filepath.Join(dir, report.File))
	for _, c := range charts {
		fmt.Fprintf(w, "chart    %s\n", c)
	}
	return nil
}

// waits reports whether tasks of the workload mostly wait.
func (p Program) waits(workload string) bool {
	return slices.ContainsFunc(p.Workloads, func(w workloads.Workload) bool { return w.Name == workload && w.Waits })
}

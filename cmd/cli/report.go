package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/harness/report"
)

func (p Program) reportCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "report folder",
		Short: "Report a run again from its samples",
		Long: `Report reads the samples of a run's folder, prints what they say, and writes its
report.md and charts anew. A run that was interrupted or killed can be reported too.`,
		Example:           "  payoff report results/latest",
		Args:              one("report which folder? payoff report results/latest reports the newest run"),
		ValidArgsFunction: completeFolder,
		RunE: func(c *cobra.Command, args []string) error {
			dir, info, samples, err := readRun(args[0])
			if err != nil {
				return err
			}
			return printReport(c.OutOrStdout(), dir, p.analyze(info, samples), nil)
		},
	}
}

// readRun reads the run in a folder that the user named, and refuses one that does not say
// what it is.
func readRun(name string) (dir string, info harness.Info, samples []harness.Sample, err error) {
	if dir, err = runFolder(name); err != nil {
		return dir, info, nil, err
	}
	if info, samples, err = record.Read(dir); err != nil {
		return dir, info, nil, damaged(dir, err)
	}
	if info.Started.IsZero() || info.Machine.Cores == 0 {
		return dir, info, nil, misuse("%s does not say when and on which machine the run was; put back a copy of it", filepath.Join(dir, record.InfoFile))
	}
	return dir, info, samples, nil
}

// printReport writes the report into the run's folder, prints its text, and says
// where everything is. The files come first; a failure of the files or of the text leaves the
// other. Its error begins with the one of the run.
func printReport(w io.Writer, dir string, a *analyze.Analysis, ran error) error {
	charts, written := report.Write(dir, a)
	err := freeSpace(dir, errors.Join(ran, written))
	var text bytes.Buffer
	if textErr := report.Terminal(&text, a); textErr != nil {
		return errors.Join(err, textErr)
	}
	fmt.Fprintf(&text, "\nsamples  %s\n", filepath.Join(dir, record.SamplesFile))
	if written == nil {
		fmt.Fprintf(&text, "report   %s\n", filepath.Join(dir, report.File))
		for _, c := range charts {
			fmt.Fprintf(&text, "chart    %s\n", filepath.Join(dir, c+".svg"))
		}
	}
	if _, writeErr := text.WriteTo(w); writeErr != nil {
		err = errors.Join(err, fmt.Errorf("the report could not be printed: %w", writeErr))
	}
	return err
}

// analyze analyses the samples of a run.
func (p Program) analyze(info harness.Info, samples []harness.Sample) *analyze.Analysis {
	return analyze.New(info, samples, analyze.Settings{Waits: p.waits})
}

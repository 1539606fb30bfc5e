package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/document"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/harness/report"
)

// A look says how much of a report is printed, and whether its files are written.
type look struct {
	verbose  bool
	write    bool
	json     bool // print report.json instead
	redacted bool // the name of the folder must not be printed
}

func (p Program) reportCommand() *cobra.Command {
	var l look
	c := &cobra.Command{
		Use:   "report folder...",
		Short: "Print the answer of a run again, or those of several runs",
		Long: `Report analyses the samples of a run's folder and prints the answer on one screen: what
to use for which task, and how sure that is. It writes no file, unless --write is given.
A run that was interrupted or killed can be reported too. For several folders, report
prints how the runs differ, and then their answers side by side. For the output of other
Go benchmarks, in a file or a folder, it prints a summary. --json prints all results for
scripts; harness/document/SCHEMA.md lists the fields.`,
		Example:           "  payoff report results/latest\n  payoff report -v results/latest\n  payoff report --write results/latest\n  payoff report results/server results/laptop\n  payoff report --json --redact results/latest",
		Args:              some("report which folder? payoff report results/latest reports the newest run"),
		ValidArgsFunction: completeFolder,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return p.printRuns(c.OutOrStdout(), args, l)
			}
			if text := benchmarkText(args[0]); text != "" {
				return printBenchmarks(c.OutOrStdout(), text, l)
			}
			dir, info, samples, err := readRun(args[0])
			if err != nil {
				return err
			}
			if l.redacted {
				info = info.Redacted()
			}
			return printReport(c.OutOrStdout(), dir, p.analyze(info, samples), l, nil)
		},
	}
	c.Flags().BoolVarP(&l.verbose, "verbose", "v", false, "print all tables, controls and notes instead of one screen")
	c.Flags().BoolVar(&l.write, "write", false, "write report.md, report.json and the charts into the folder again")
	c.Flags().BoolVar(&l.json, "json", false, "print report.json instead; for several runs print an array")
	c.Flags().BoolVar(&l.redacted, "redact", false, "leave out host names, paths and arguments")
	return c
}

// readRun reads the run in the folder that name refers to. It returns an error if run.json lacks the
// machine or the time.
func readRun(name string) (dir string, info harness.Info, samples []harness.Sample, err error) {
	if dir, err = runFolder(name); err != nil {
		return dir, info, nil, err
	}
	if info, samples, err = record.Read(dir); err != nil {
		return dir, info, nil, damaged(dir, err)
	}
	if info.Started.IsZero() || info.Machine.Cores == 0 {
		return dir, info, nil, misuse("%s does not say when and on which machine the run was; restore a copy of the file", filepath.Join(dir, record.InfoFile))
	}
	return dir, info, samples, nil
}

// printReport prints the report of the run in dir. If l says so, it first writes the files of the
// report, and prints the text even if that fails. Its error begins with ran, the error of the run.
func printReport(w io.Writer, dir string, a *analyze.Analysis, l look, ran error) error {
	err := ran
	if l.write {
		_, written := report.Write(dir, a)
		err = freeSpace(dir, errors.Join(ran, written))
	}
	var text bytes.Buffer
	name := dir
	if l.redacted {
		name = "DIR"
	}
	if textErr := printed(&text, name, a, l); textErr != nil {
		return errors.Join(err, textErr)
	}
	if l.json {
		// nothing else: the output is for programs
	} else if _, statErr := os.Stat(filepath.Join(dir, report.File)); statErr == nil {
		fmt.Fprintf(&text, "\ndetails: %s and its charts; payoff report -v %s\n", filepath.Join(name, report.File), name)
	} else {
		fmt.Fprintf(&text, "\ndetails: payoff report -v %s\n", name)
	}
	if _, writeErr := text.WriteTo(w); writeErr != nil {
		err = errors.Join(err, fmt.Errorf("the report could not be printed: %w", writeErr))
	}
	return err
}

func printed(w io.Writer, dir string, a *analyze.Analysis, l look) error {
	switch {
	case l.json:
		return document.Write(w, a)
	case l.verbose:
		return report.Terminal(w, a)
	}
	return report.Screen(w, dir, a)
}

// analyze analyses the samples of a run.
func (p Program) analyze(info harness.Info, samples []harness.Sample) *analyze.Analysis {
	return analyze.New(info, samples, analyze.Settings{Waits: p.waits})
}

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/document"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/model"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/harness/report"
)

// A look holds the flags of payoff report: the form of the printed report, and where to write files.
type look struct {
	verbose  bool   // print tables, notes and all findings
	write    bool   // write the files of the report
	out      string // folder for these files; "" for the folder of the run
	json     bool   // print report.json instead of text
	redacted bool   // leave out host names, paths and arguments
}

func (p Program) reportCommand() *cobra.Command {
	var l look
	c := &cobra.Command{
		Use:   "report folder...",
		Short: "Print the answer of a run again, or the answers of several runs",
		Long: `Report analyses the samples in a run's folder. It prints the answer on one screen: the
strategy to use for each task, and how certain this is. It also reports a run that was
interrupted or killed. If files of the run were changed later, report says that the
results are doubtful, and still exits with 0; the gates (check, compare of two runs, and
ab) exit with 3.

With --write report writes files into the folder of the run, with --out into another
folder. Without them it writes no file. report.html is a page that needs no other file,
and report.md is a summary for a pull request.

For several folders, report prints the differences between the runs, and then their
answers side by side. For the output of other Go benchmarks, in a file or a folder, it
prints a summary. --json prints all results for scripts; harness/document/SCHEMA.md lists
the fields.`,
		Example:           "  payoff report results/latest\n  payoff report -v results/latest\n  payoff report --write results/latest\n  payoff report results/server results/laptop\n  payoff report --json --redact results/latest",
		Args:              some("name the folder of a run: payoff report results/latest reports the newest one"),
		ValidArgsFunction: completeFolder,
		RunE: func(c *cobra.Command, args []string) error {
			// Collect garbage twice as often: a report of 100,000 samples takes 2 s longer, and
			// needs a quarter less memory.
			debug.SetGCPercent(50)
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
			a := p.analyze(info, samples)
			if a.Boundary, err = p.boundary(info, samples); err != nil {
				fmt.Fprintf(c.ErrOrStderr(), "payoff: %s: %v\n", dir, err)
			}
			if l.write || l.out != "" {
				p.foretell(a, samples)
			}
			a.Explained = explained(dir, a)
			return printReport(c.OutOrStdout(), dir, a, l, nil)
		},
	}
	c.Flags().BoolVarP(&l.verbose, "verbose", "v", false, "print the tables of makespans, the controls, the notes and all findings instead of one screen; report.html has further tables and the charts")
	c.Flags().BoolVar(&l.write, "write", false, "write report.html, report.md, report.json and the charts into the folder of the run, in place of older ones")
	c.Flags().StringVar(&l.out, "out", "", "write the files of the report into this `folder`, which must be new or empty; with --write, replace a report there")
	c.Flags().BoolVar(&l.json, "json", false, "print report.json instead of text; for several runs, print an array")
	c.Flags().BoolVar(&l.redacted, "redact", false, "leave out host names, paths and arguments")
	return c
}

// readRun reads the run in the folder that name refers to. It returns an error if run.json lacks the
// machine or the time of the run.
func readRun(name string) (dir string, info harness.Info, samples []harness.Sample, err error) {
	if dir, err = runFolder(name); err != nil {
		return dir, info, nil, err
	}
	if info, samples, err = record.Read(dir); err != nil {
		return dir, info, nil, damaged(dir, err)
	}
	return dir, info, samples, dated(dir, info)
}

// doubt prints a line on standard error if files of the run in dir were changed.
func doubt(c *cobra.Command, dir string, info harness.Info) {
	if info.Foreign != "" {
		fmt.Fprintf(c.ErrOrStderr(), "payoff: %s: the results are doubtful: %s\n", dir, info.Foreign)
	}
}

// dated returns an error if info, from run.json in dir, lacks the machine or the time of the run.
func dated(dir string, info harness.Info) error {
	if info.Started.IsZero() || info.Machine.Cores == 0 {
		return misuse("%s lacks the time or the machine of the run; restore a copy of the file", filepath.Join(dir, record.InfoFile))
	}
	return nil
}

// printReport prints the report of the run in dir. If l.write or l.out is set, it first writes the
// files of the report, and prints the text even if it cannot write them. The argument ran is the
// error of the run, or nil; the returned error begins with it.
func printReport(w io.Writer, dir string, a *analyze.Analysis, l look, ran error) error {
	err, to := ran, dir
	name := dir
	if l.redacted {
		name = "DIR"
	}
	if l.out != "" {
		to = l.out
		if err := free(to, l.write, ", or add --write to replace a report there"); err != nil {
			return errors.Join(ran, err)
		}
	}
	if l.write || l.out != "" {
		run := name
		if real, err := filepath.EvalSymlinks(run); err == nil { // the printed path stays valid: the link latest will name another run later
			run = operand(real)
		}
		_, written := report.Write(to, run, a)
		err = freeSpace(dir, errors.Join(ran, written))
	}
	var text bytes.Buffer
	if textErr := printed(&text, name, a, l); textErr != nil {
		return errors.Join(err, textErr)
	}
	more := "; " + command("report", "-v", name)
	if l.verbose {
		more = ""
	}
	if l.json {
		// Scripts read the JSON output, so print no further line.
	} else if _, statErr := os.Stat(filepath.Join(to, report.PageFile)); statErr == nil {
		if l.out == "" {
			to = name
		}
		fmt.Fprintf(&text, "\ndetails: %s%s\n", format.Quoted(operand(filepath.Join(to, report.PageFile))), more)
	} else if !l.verbose {
		fmt.Fprintf(&text, "\ndetails: %s\n", command("report", "-v", name))
	}
	if _, writeErr := text.WriteTo(w); writeErr != nil {
		err = errors.Join(err, fmt.Errorf("cannot print the report: %w", writeErr))
	}
	return err
}

// free creates dir, the folder of --out, if it does not exist. If dir has files, free returns an
// error, to which it adds the remedy. If again is true, dir may have files of a report, which the new
// report replaces.
func free(dir string, again bool, remedy string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return misuse("--out: %w", err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return misuse("--out: %w", err)
	}
	if len(files) > 0 && !again {
		return misuse("--out %s: the folder has %s; name a new or empty folder%s", dir, files[0].Name(), remedy)
	}
	return nil
}

// printed writes the report of the analysis a to w, in the form that l selects. The argument dir is
// the folder of the run.
func printed(w io.Writer, dir string, a *analyze.Analysis, l look) error {
	switch {
	case l.json:
		return document.Write(w, a)
	case l.verbose:
		return report.Terminal(w, a)
	}
	return errors.Join(report.Screen(w, dir, a), report.Reasons(w, a))
}

// foretell adds predictions of the cost model to the analysis of a run, for charts.
func (p Program) foretell(a *analyze.Analysis, samples []harness.Sample) {
	m := model.New(samples, analyze.Settings{Waits: p.waits})
	a.Foretold, a.BreakEvens = m.Judged.Foretold(), m.BreakEvens()
}

// analyze returns the analysis of the samples of a run.
func (p Program) analyze(info harness.Info, samples []harness.Sample) *analyze.Analysis {
	return analyze.New(info, samples, analyze.Settings{Waits: p.waits, Doc: p.doc, Command: self(), Code: p.pythonCode(info)})
}

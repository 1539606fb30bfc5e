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
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/harness/report"
)

// A look says how much of a report is printed and in which form, and whether its files are written.
type look struct {
	verbose  bool
	write    bool
	out      string // folder for the files of the report, instead of that of the run
	json     bool   // print report.json instead
	redacted bool   // the name of the folder must not be printed
}

func (p Program) reportCommand() *cobra.Command {
	var l look
	c := &cobra.Command{
		Use:   "report folder...",
		Short: "Print the answer of a run again, or those of several runs",
		Long: `Report analyses the samples of a run's folder and prints the answer on one screen: what
to use for which task, and how sure that is. It writes no file, unless --write asks for
new files in that folder, or --out for files in another one. report.html is a page that
needs no other file, report.md a summary for a pull request. A run that was interrupted
or killed can be reported too. For several folders, report prints how the runs differ,
and then their answers side by side. For the output of other Go benchmarks, in a file or
a folder, it prints a summary. --json prints all results for scripts;
harness/document/SCHEMA.md lists the fields.`,
		Example:           "  payoff report results/latest\n  payoff report -v results/latest\n  payoff report --write results/latest\n  payoff report results/server results/laptop\n  payoff report --json --redact results/latest",
		Args:              some("report which folder? payoff report results/latest reports the newest run"),
		ValidArgsFunction: completeFolder,
		RunE: func(c *cobra.Command, args []string) error {
			// Collecting twice as often costs a run of 100,000 samples 2 s, and saves a quarter of the memory.
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
			return printReport(c.OutOrStdout(), dir, p.analyze(info, samples), l, nil)
		},
	}
	c.Flags().BoolVarP(&l.verbose, "verbose", "v", false, "print the tables of makespans, the controls, the notes and all findings instead of one screen; report.html has further tables and the charts")
	c.Flags().BoolVar(&l.write, "write", false, "write report.html, report.md, report.json and the charts into the folder again")
	c.Flags().StringVar(&l.out, "out", "", "write the files of the report into this `folder`, which must be new or empty; with --write, replace a report there")
	c.Flags().BoolVar(&l.json, "json", false, "print report.json instead; for several runs print an array")
	c.Flags().BoolVar(&l.redacted, "redact", false, "leave out host names, paths and arguments")
	return c
}

// readRun reads the run in the folder that name refers to. It returns an error if run.json does not
// say on which machine or when the run took place.
func readRun(name string) (dir string, info harness.Info, samples []harness.Sample, err error) {
	if dir, err = runFolder(name); err != nil {
		return dir, info, nil, err
	}
	if info, samples, err = record.Read(dir); err != nil {
		return dir, info, nil, damaged(dir, err)
	}
	return dir, info, samples, dated(dir, info)
}

// dated returns an error if run.json does not say on which machine or when the run took place.
func dated(dir string, info harness.Info) error {
	if info.Started.IsZero() || info.Machine.Cores == 0 {
		return misuse("%s does not say when and on which machine the run was; restore a copy of the file", filepath.Join(dir, record.InfoFile))
	}
	return nil
}

// printReport prints the report of the run in dir. If l says so, it first writes the files of the
// report. It prints the text even if writing fails. ran is the error of the run, or nil; the
// returned error begins with it.
func printReport(w io.Writer, dir string, a *analyze.Analysis, l look, ran error) error {
	err, to := ran, dir
	name := dir
	if l.redacted {
		name = "DIR"
	}
	if l.out != "" {
		to = l.out
		if err := free(to, l.write); err != nil {
			return errors.Join(ran, err)
		}
	}
	if l.write || l.out != "" {
		run := name
		if real, err := filepath.EvalSymlinks(run); err == nil { // latest will be another run
			run = real
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
		// nothing else: the output is for programs
	} else if _, statErr := os.Stat(filepath.Join(to, report.PageFile)); statErr == nil {
		if l.out == "" {
			to = name
		}
		fmt.Fprintf(&text, "\ndetails: %s%s\n", format.Quoted(filepath.Join(to, report.PageFile)), more)
	} else if !l.verbose {
		fmt.Fprintf(&text, "\ndetails: %s\n", command("report", "-v", name))
	}
	if _, writeErr := text.WriteTo(w); writeErr != nil {
		err = errors.Join(err, fmt.Errorf("the report could not be printed: %w", writeErr))
	}
	return err
}

// free creates the folder of --out. It returns an error if the folder is not empty and again is false.
func free(dir string, again bool) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return misuse("--out: %w", err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return misuse("--out: %w", err)
	}
	if len(files) > 0 && !again {
		return misuse("--out %s: the folder has %s; name a new or empty folder, or add --write to replace a report there", dir, files[0].Name())
	}
	return nil
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

// analyze returns the analysis of the samples of a run.
func (p Program) analyze(info harness.Info, samples []harness.Sample) *analyze.Analysis {
	return analyze.New(info, samples, analyze.Settings{Waits: p.waits, Doc: p.doc, Command: self()})
}

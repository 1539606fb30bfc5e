package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/document"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/harness/report"
)

// some returns a function which checks that a command has at least one argument. If not, the error
// has the text ask, which asks the user for an argument.
func some(ask string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return misuse("%s", ask)
		}
		return nil
	}
}

// printRuns prints the reports of several runs side by side. With --json it prints a JSON array
// with the report.json of each run.
func (p Program) printRuns(w io.Writer, names []string, l look) error {
	if l.write || l.out != "" {
		return misuse("--write and --out accept only one run; remove them, or name one folder")
	}
	var runs []report.Run
	var all []*analyze.Analysis
	for _, name := range names {
		dir, info, samples, err := readRun(name)
		if err != nil {
			return err
		}
		if l.redacted {
			dir, info = "a run", info.Redacted()
		}
		a := p.analyze(info, samples)
		runs, all = append(runs, report.Run{Name: dir, Analysis: a, Samples: samples}), append(all, a)
	}
	var text bytes.Buffer
	var err error
	if l.json {
		err = document.WriteAll(&text, all)
	} else if err = report.SideBySide(&text, runs, l.verbose); err != nil {
		return misuse("%w", err)
	}
	if err == nil {
		_, err = text.WriteTo(w)
	}
	if err != nil {
		return fmt.Errorf("cannot print the report: %w", err)
	}
	return nil
}

// benchmarkText returns the path arg if it names a file or folder with the output of Go benchmarks
// that payoff did not run. Otherwise it returns "".
func benchmarkText(arg string) string {
	st, err := os.Stat(arg)
	if err != nil {
		return ""
	}
	dir := arg
	if !st.IsDir() {
		if dir = filepath.Dir(arg); filepath.Base(arg) != record.SamplesFile {
			dir = "" // a text file other than samples.txt does not stand for its folder
		}
	}
	if _, err := os.Stat(filepath.Join(dir, record.InfoFile)); dir != "" && !errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	if !st.IsDir() && !st.Mode().IsRegular() {
		return ""
	}
	_, _, _, err = record.Benchmarks(arg)
	if coded := (*format.EncodingError)(nil); err == nil || errors.As(err, &coded) {
		return arg // printBenchmarks will report the error
	}
	return ""
}

// printBenchmarks prints the medians of the Go benchmarks at path, which payoff did not run.
func printBenchmarks(w io.Writer, path string, l look) error {
	if l.write || l.out != "" {
		return misuse("--write and --out accept only the folder of a run, but payoff did not run the benchmarks in %s; remove the flags", path)
	}
	all, m, notes, err := record.Benchmarks(path)
	if err != nil {
		return misuse("%w", err)
	}
	if l.redacted {
		path = "a text"
		numbers := map[string]int{"": 0}
		for i, b := range all {
			if _, ok := numbers[b.Package]; !ok {
				numbers[b.Package] = len(numbers)
			}
			if n := numbers[b.Package]; n > 0 {
				all[i].Package = fmt.Sprint("package", n)
			}
		}
		m = harness.Info{Machine: m}.Redacted().Machine
	}
	var text bytes.Buffer
	if l.json {
		err = document.WriteBenchmarks(&text, all, notes)
	} else {
		err = report.Benchmarks(&text, path, all, m, notes)
	}
	if err == nil {
		_, err = text.WriteTo(w)
	}
	if err != nil {
		return fmt.Errorf("cannot print the report: %w", err)
	}
	return nil
}

package cli

import (
	"bytes"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/document"
	"github.com/payoff-bench/payoff/harness/report"
)

// some returns an argument check that asks with that text unless there is at least one argument.
func some(ask string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return misuse("%s", ask)
		}
		return nil
	}
}

// printRuns prints the reports of several runs side by side, or as an array of documents.
func (p Program) printRuns(w io.Writer, names []string, l look) error {
	if l.write {
		return misuse("--write takes one folder; several are only printed")
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
		runs, all = append(runs, report.Run{Name: dir, Analysis: a}), append(all, a)
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
		return fmt.Errorf("the report could not be printed: %w", err)
	}
	return nil
}

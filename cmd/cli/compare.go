package cli

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/compare"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/harness/report"
	"github.com/payoff-bench/payoff/harness/suite"
)

// A comparing holds the flags of payoff compare OLD NEW.
type comparing struct {
	margin, filter, row, col, format string
	units, unchanged                 []string
	anyway, strict                   bool
}

func (p Program) compareCommand() *cobra.Command {
	var g comparing
	c := &cobra.Command{
		Use:   "compare folder | compare OLD NEW",
		Short: "Compare two runs cell by cell, or the strategies of one run in pairs",
		Long: `Compare has two forms. Compare with one folder compares the strategies of a run in pairs.
Compare OLD NEW compares two runs cell by cell.

Compare with one folder prints, for each task and each pair of strategies, the ratio of
makespans with its interval and the verdict: better, worse, equivalent or unresolved.
Other work disturbs some launches. If a result differs without these launches, compare
prints both results.

Compare OLD NEW prints, for each cell, the ratio new/old with its interval and the
verdict. The verdicts of all cells are judged together, so that all are right with a
probability of 95 %.

The machine may become faster or slower between two runs. payoff estimates this drift
from work that has not changed: a control, and the direct loops of other workloads. Each
interval includes the drift. So two runs that were made one after the other show only
large differences. To find smaller ones, measure both sides in turn with payoff ab.

Compare first names differences between the runs, such as another Go version. It refuses
to compare runs whose machine, suite, seed or outputs differ, or with invalid samples.
--anyway turns these reasons into warnings, and accepts missing cells.

The formats are text, md, csv, json, and the arrays smaller and bigger, which actions for
continuous benchmarking read (customSmallerIsBetter and customBiggerIsBetter).

Exit status: 0 nothing is worse, 1 something is worse, 2 wrong usage or input, 3 a cell is
missing or, with --strict, unresolved.`,
		Example: "  payoff compare results/before results/after\n" +
			"  payoff compare results/before results/after --filter strategy:pool --format md\n" +
			"  payoff compare results/before results/after --row /grain@num --col /strategy\n" +
			"  payoff compare results/latest",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return misuse("name one or two folders: payoff compare OLD NEW compares two runs; payoff compare results/latest compares the strategies of one run")
			}
			return nil
		},
		ValidArgsFunction: completeFolder,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 2 {
				return p.compareRuns(c, args[0], args[1], g)
			}
			for _, name := range []string{"margin", "filter", "unit", "unchanged", "row", "col", "format", "anyway", "strict"} {
				if c.Flags().Changed(name) {
					return misuse("--%s applies only to a comparison of two runs; name both: payoff compare OLD NEW", name)
				}
			}
			dir, info, samples, err := readRun(args[0])
			if err != nil {
				return err
			}
			doubt(c, dir, info)
			return report.Compare(c.OutOrStdout(), p.analyze(info, samples))
		},
	}
	f := c.Flags()
	f.StringVar(&g.margin, "margin", "2%", "`share` within which a ratio counts as equivalent")
	f.StringVar(&g.filter, "filter", "", "compare only these cells, as `key:value ...`")
	f.StringSliceVar(&g.units, "unit", nil, "`units` that decide the verdicts and the exit status; add all to print the other units too (default ns/task, and response-p99-ns for arrivals on a schedule)")
	f.StringSliceVar(&g.unchanged, "unchanged", nil, "`workloads` whose kernels are the same on both sides, or all; payoff then also estimates the drift of their cells from their own direct loops")
	f.StringVar(&g.row, "row", "", "arrange rows by these `keys`, in benchstat's syntax: /grain@num,/strategy")
	f.StringVar(&g.col, "col", "", "arrange columns by these `keys`, in benchstat's syntax: /cores")
	f.StringVar(&g.format, "format", "text", "`format` of the output: "+strings.Join(compare.Formats(), ", "))
	f.BoolVar(&g.anyway, "anyway", false, "compare even runs that are not comparable, and accept missing cells")
	f.BoolVar(&g.strict, "strict", false, "exit with 3 if a cell is unresolved")
	c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(compare.Formats(), cobra.ShellCompDirectiveNoFileComp))
	return c
}

// compareRuns compares the runs in the folders older and newer, and prints the result.
func (p Program) compareRuns(c *cobra.Command, older, newer string, g comparing) error {
	if !slices.Contains(compare.Formats(), g.format) {
		return misuse("%w", &harness.UnknownError{Kind: "format", Name: g.format, Have: compare.Formats()})
	}
	o, filter, err := g.options()
	if err != nil {
		return err
	}
	o.Waits = p.waits
	a, err := inspect(older)
	if err != nil {
		return err
	}
	b, err := inspect(newer)
	if err != nil {
		return err
	}
	if err := filter.Check(slices.Concat(cellsOf(a), cellsOf(b))); err != nil {
		return misuse("%w", err)
	}
	t, err := compare.Runs(a, b, o)
	if err != nil {
		return misuse("%w", err)
	}
	if len(t.Refusals) > 0 {
		return misuse("%s", strings.Join(slices.Concat(t.Refusals, t.Absences()), "\n"))
	}
	if err := t.Arrange(g.row, g.col); err != nil {
		return misuse("%w", err)
	}
	var text bytes.Buffer
	if err := compare.Write(&text, t, g.format); err != nil {
		return err
	}
	if _, err := text.WriteTo(c.OutOrStdout()); err != nil {
		return fmt.Errorf("cannot print the comparison: %w", err)
	}
	return gated(t, g.strict)
}

// gated returns an error with an exit status if a cell of the comparison is worse or missing. If
// strict is true, it also returns one for an unresolved cell.
func gated(t *compare.Table, strict bool) error {
	switch t.Exit(strict) {
	case compare.Worse:
		return &statusError{Failed, fmt.Errorf("the %s side is worse: %s", t.New.Name, t.Summary())}
	case compare.Refused:
		return misuse("%s", strings.Join(append(t.Refusals, "there is nothing to compare"), "\n"))
	case compare.Open:
		return &statusError{Unresolved, fmt.Errorf("no decision: %s", t.Summary())}
	}
	return nil
}

// options returns the options of the comparison, and the filter that selects its cells. Both come
// from the flags.
func (g comparing) options() (o compare.Options, filter suite.Filter, err error) {
	if o.Margin, err = parseShare("margin", g.margin); err != nil {
		return o, filter, err
	}
	if filter, err = suite.ParseFilter(g.filter); err != nil {
		return o, filter, misuse("%w", err)
	}
	if _, err := record.NewLayout(g.row, g.col); err != nil {
		return o, filter, misuse("%w", err)
	}
	for _, unit := range g.units {
		if o.All = o.All || unit == "all"; unit != "all" {
			o.Units = append(o.Units, unit)
		}
	}
	o.Keep, o.Unchanged, o.Anyway = filter.Selects, g.unchanged, g.anyway
	return o, filter, nil
}

// inspect reads one side of a comparison: the run in the folder with the given name.
func inspect(name string) (compare.Run, error) {
	if benchmarkText(name) != "" {
		return compare.Run{}, misuse("%s has no run.json, and outputs of go test -bench do not show the drift between two runs; compare the test binaries with payoff ab --bench, or these texts with benchstat", name)
	}
	dir, err := runFolder(name)
	if err != nil {
		return compare.Run{}, err
	}
	in, err := record.Inspect(dir)
	if err != nil {
		return compare.Run{}, damaged(dir, err)
	}
	if err := dated(dir, in.Info); err != nil {
		return compare.Run{}, err
	}
	return compare.Run{Folder: dir, Info: in.Info, Samples: in.Samples, Better: in.Better, Faults: in.Faults}, nil
}

// cellsOf returns the cell of each sample of a run. The same cell may occur several times.
func cellsOf(r compare.Run) (cells []harness.Cell) {
	for _, s := range r.Samples {
		cells = append(cells, s.Cell)
	}
	return cells
}

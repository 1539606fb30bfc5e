package cli

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/compare"
	"github.com/payoff-bench/payoff/harness/gate"
)

// checkFormats maps the name of each format to the function that writes a gate report in it.
var checkFormats = map[string]func(gate.Report, io.Writer) error{
	"text": gate.Report.Text, "md": gate.Report.Markdown, "json": gate.Report.JSON,
}

func (p Program) checkCommand() *cobra.Command {
	var file, form string
	var force bool
	c := &cobra.Command{
		Use:   "check folder --gates file",
		Short: "Check the gates (limits) of a file against the results of a run",
		Long: `Check compares the results of a run with the gates of a TOML file. A gate is a limit for
a result. It holds if the whole interval of each selected cell is within the limit. It
fails if the whole interval of a cell is beyond the limit. Otherwise it is unresolved: an
interval contains the limit, or fewer than six rounds were measured.

A file has one table for each gate:

  [[gate]]
  name     = "pool pays off from 100 µs on"
  kind     = "speed-up"
  cells    = "strategy:pool cores:2"
  against  = "strategy:serial"
  from     = "100us"
  at-least = 1.6

Keys of all gates:
  name      a text that no other gate of the file has
  kind      the limited quantity, see below
  cells     a filter, as in payoff run --filter: key:value key:a,b
  at-least  the smallest value, or
  at-most   the largest value

Kinds, with their own keys:
  speed-up  makespan of the cells in against, divided by that of the cells. Cells with the
            same task, cores and order are compared, paired by round. against is a filter
            without the keys of tasks and cores.
  metg      smallest task size at which the strategy reaches 75 % efficiency
  value     median over launches, in a unit of samples.txt: unit = "peak-pss-bytes"
  baseline  value in this run divided by the value in another run. baseline is the folder of
            that run, relative to the gate file; unit is ns/task if it is not given. The
            interval includes the drift between the two runs, see payoff compare --help;
            unchanged = "all", or some workloads, works as the flag --unchanged there.
            payoff ab measures two versions together, and finds smaller differences.

The kinds speed-up, value and baseline have the keys from and to, the smallest and largest
task. Times have a unit, such as "2us", and sizes too, such as "64MiB". A number without a
unit is in ns or bytes. Speed-ups are judged together by Holm's procedure at 95 %, and so
are the ratios to a baseline. Every other limit has an interval of its own at 95 %.

If a file of the run, or of a baseline, was changed after the run, or belongs to another
run, its gates are unresolved. --force decides them nevertheless.

Exit status: 0 all gates hold, 1 a gate fails or its data is missing, 2 wrong usage or a gate
file that does not fit the run, 3 no gate fails, but some are unresolved.`,
		Example:           "  payoff check results/latest --gates gates.toml\n  payoff check results/latest --gates gates.toml --format md",
		Args:              one("name the folder of one run: payoff check results/latest --gates gates.toml checks the newest"),
		ValidArgsFunction: completeFolder,
		RunE: func(c *cobra.Command, args []string) error {
			if file == "" {
				return misuse("check needs the gates: add --gates file.toml; payoff check --help describes such files")
			}
			write, ok := checkFormats[form]
			if !ok {
				return misuse("--format: %w", &harness.UnknownError{Kind: "format", Name: form, Have: slices.Sorted(maps.Keys(checkFormats))})
			}
			r, err := p.checkGates(args[0], file, force)
			if err != nil {
				return err
			}
			if err := write(r, c.OutOrStdout()); err != nil {
				return fmt.Errorf("cannot print the report: %w", err)
			}
			switch r.Verdict() {
			case gate.Holds:
				return nil
			case gate.Unresolved:
				if r.Doubtful {
					return &statusError{Unresolved, errors.New("no gate is decided, because files of the run were changed: measure again, or add --force")}
				}
				return &statusError{Unresolved, errors.New("no gate fails, but some are unresolved: " + command("run", "--resume", operand(args[0])) + " measures more")}
			}
			return &statusError{Failed, errors.New(r.Sum())}
		},
	}
	c.Flags().StringVar(&file, "gates", "", "`file` with the gates, in TOML")
	c.Flags().StringVar(&form, "format", "text", "`form` of the output: text, md or json")
	c.Flags().BoolVar(&force, "force", false, "decide gates even if files of a run were changed after the run")
	c.MarkFlagFilename("gates", "toml")
	c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(slices.Sorted(maps.Keys(checkFormats)), cobra.ShellCompDirectiveNoFileComp))
	return c
}

// checkGates checks the gates of the file against the run in the folder that name refers to, and
// returns the report.
func (p Program) checkGates(name, file string, force bool) (gate.Report, error) {
	gates, err := gate.Load(file)
	if err != nil {
		return gate.Report{}, misuse("%w", err)
	}
	run, err := inspect(name)
	if err != nil {
		return gate.Report{}, err
	}
	others := map[string]compare.Run{}
	for _, folder := range gates.Baselines() {
		path := folder
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(file), path)
		}
		if others[folder], err = inspect(path); err != nil {
			return gate.Report{}, misuse("baseline: %w", err)
		}
	}
	r, err := gates.Check(run, others, analyze.Settings{Waits: p.waits}, force)
	if err != nil {
		return r, misuse("%w", err)
	}
	return r, nil
}

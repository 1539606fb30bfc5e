package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
)

// maxBudget is the longest run that is taken for meant.
const maxBudget = 7 * 24 * time.Hour

// resultsDir is where runs go unless told otherwise.
const resultsDir = "results"

func (p Program) runCommand() *cobra.Command {
	var (
		ch     choice
		rounds int
		budget time.Duration
		out    string
	)
	c := &cobra.Command{
		Use:   "run [suite ...]",
		Short: "Measure suites and report what they say",
		Long: `Run measures every cell of the suites (quick, if none is named) in rounds, each cell
each time in a fresh process pinned to its cores, one at a time. A suite is the name
of a built-in one (payoff list suites) or a file that ends in .toml.

Samples are synced to the run's folder one by one, so an interrupted run keeps them:
the first interrupt ends the run and reports what there is, the second kills. A run
that ends without a sample leaves no folder.
Keep the machine idle meanwhile.

With --command and --inputs the task is a program of yours, a process for each line of
the file: how many of them at a time pay off? No shell is used: the command is split
at blanks outside quotes, and {} in an argument stands for the line. What the program
prints must be the same whenever it is given the same line.`,
		Example: `  payoff run quick
  payoff run --filter 'workload:spin strategy:(pool OR procs)' --budget 1m
  payoff run quick --cores 1,max --rounds 12 --out results/before
  payoff run my-suite.toml
  payoff run --command 'gzip -c {}' --inputs files.txt`,
		RunE: draining(func(c *cobra.Command, names []string) error {
			if c.Flags().Changed("rounds") {
				if err := between("rounds", rounds, 1, harness.MaxRounds); err != nil {
					return err
				}
			}
			if c.Flags().Changed("budget") {
				if err := between("budget", budget, time.Second, maxBudget); err != nil {
					return err
				}
			}
			m, err := p.matrix(c, names, ch)
			if err != nil {
				return err
			}
			if rounds == 0 && budget == 0 {
				rounds = m.rounds()
			}
			info := harness.Info{
				Filter: ch.filter, Seed: m.seed, Version: p.Version, Commit: p.Commit,
				Rounds: rounds, Budget: budget, Program: m.program, Inputs: m.inputs,
			}
			return p.measure(c, m, info, out)
		}),
	}
	ch.flags(c, p)
	f := c.Flags()
	f.IntVar(&rounds, "rounds", 0, "`number` of times that every cell is measured (default: the suites' own, or what the budget holds)")
	f.DurationVar(&budget, "budget", 0, "`time` after which the run ends, as 90s or 5m (default: none)")
	f.StringVarP(&out, "out", "o", "", "`folder` for the run, new or empty (default: results/<time>-<suites>)")
	f.StringVar(&ch.command, "command", "", "`program` to measure as a task, as 'prog {}'; instead of suites")
	f.StringVar(&ch.inputs, "inputs", "", "`file` with an input for the command on each line")
	c.MarkFlagFilename("inputs")
	c.RegisterFlagCompletionFunc("command", cobra.NoFileCompletions)
	c.RegisterFlagCompletionFunc("rounds", cobra.NoFileCompletions)
	c.RegisterFlagCompletionFunc("budget", cobra.NoFileCompletions)
	return c
}

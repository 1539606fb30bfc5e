package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/probe"
	"github.com/payoff-bench/payoff/harness/record"
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
the first interrupt ends the run and reports what there is, the second kills.
Keep the machine idle meanwhile.`,
		Example: `  payoff run quick
  payoff run --filter 'workload:spin strategy:(pool OR procs)' --budget 1m
  payoff run quick --cores 1,max --rounds 12 --out results/before
  payoff run my-suite.toml`,
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
				Rounds: rounds, Budget: budget,
			}
			return p.measure(c, m, info, out)
		}),
	}
	ch.flags(c, p)
	f := c.Flags()
	f.IntVar(&rounds, "rounds", 0, "`number` of times that every cell is measured (default: the suites' own, or what the budget holds)")
	f.DurationVar(&budget, "budget", 0, "`time` after which the run ends, as 90s or 5m (default: none)")
	f.StringVarP(&out, "out", "o", "", "`folder` for the run, new or empty (default: results/<time>-<suites>)")
	c.RegisterFlagCompletionFunc("rounds", cobra.NoFileCompletions)
	c.RegisterFlagCompletionFunc("budget", cobra.NoFileCompletions)
	return c
}

// measure makes the run's folder, carries out the plan into it, and reports what came of
// it, however it ended.
func (p Program) measure(c *cobra.Command, m matrix, info harness.Info, out string) error {
	info.Machine, info.Notes = probe.Machine()
	info.Go = runtime.Version()
	info.Started = time.Now()
	for _, s := range m.suites {
		info.Suites = append(info.Suites, s.Name)
	}
	if err := harness.Pinning(); err != nil {
		info.Notes = append(info.Notes, err.Error())
	} else {
		info.Pinned = true
	}
	if out == "" {
		out = filepath.Join(resultsDir, record.FolderName(info.Started, info.Suites))
	}
	rec, err := record.Create(out, info)
	if err != nil {
		return misuse("--out: %w", err)
	}
	if filepath.Dir(out) == resultsDir {
		if err := record.Link(resultsDir, out); err != nil {
			fmt.Fprintln(c.ErrOrStderr(), "payoff: results/latest:", err)
		}
	}
	line := newProgress(c.ErrOrStderr(), os.Getenv)
	r := harness.Runner{
		Command: m.command, Worker: m.worker, Dir: out, Sink: rec, Budget: info.Budget,
		Progress: func(pr harness.Progress) { line.show(time.Now(), progressLine(m.names(), pr)) },
	}
	_, err = r.Run(c.Context(), harness.Plan{Blocks: m.blocks, Seed: m.seed, Rounds: info.Rounds})
	line.done()
	err = errors.Join(err, rec.Note(reasons(err)...), rec.Finish(time.Now()))
	info, samples, readErr := record.Read(out)
	if readErr != nil {
		return errors.Join(err, readErr)
	}
	return errors.Join(err, p.report(c.OutOrStdout(), out, info, samples))
}

// reasons returns what a run's error consists of, one reason each, for the run to tell.
func reasons(err error) []string {
	var all []string
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			all = append(all, reasons(e)...)
		}
	} else if err != nil {
		all = append(all, err.Error())
	}
	return all
}

// progressLine says how far a run is, in one line.
func progressLine(suite string, pr harness.Progress) string {
	if pr.Probing {
		return fmt.Sprintf("payoff: %s: sizing job %d of %d", suite, pr.Done+1, pr.Total)
	}
	round := fmt.Sprint(pr.Round + 1)
	if pr.Rounds > 0 {
		round = fmt.Sprintf("%d of %d", pr.Round+1, pr.Rounds)
	}
	text := fmt.Sprintf("payoff: %s: round %s, launch %d of %d, %s left", suite, round, pr.Done+1, pr.Total, span(pr.Left))
	if pr.Void > 0 {
		text += fmt.Sprintf(", %d failed", pr.Void)
	}
	return text + ": " + pr.Next.Task().String() + " " + analyze.Label(pr.Next)
}

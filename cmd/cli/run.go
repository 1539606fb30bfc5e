package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/suite"
)

// maxBudget is the longest run that is taken for meant.
const maxBudget = 7 * 24 * time.Hour

// resultsDir is where runs go unless told otherwise.
const resultsDir = "results"

// A goal is when a run ends.
type goal struct {
	rounds    int // at most; 0: as many as the budget holds
	budget    time.Duration
	precision float64 // within which two strategies need no verdict
}

func (p Program) runCommand() *cobra.Command {
	var (
		ch        choice
		g         goal
		precision string
		out, from string
		wait      bool
		quiet     time.Duration
	)
	c := &cobra.Command{
		Use:   "run [suite ...]",
		Short: "Measure suites and report what they say",
		Long: `Run measures every cell of the suites (quick, if none is named) in rounds, each cell
each time in a fresh process pinned to its cores, one at a time. A suite is the name
of a built-in one (payoff list suites) or a file that ends in .toml.

A question is a task on some cores: which strategy is best for it? It is answered, from
6 rounds on, when each other strategy has a clear verdict against the fastest, or lies
within --precision of it. Its cells then leave the run, and the time goes to open
questions. The run ends when all are answered, or after --rounds or --budget; it then
says which questions are open and how many minutes they need. Launches from which other
processes took the cores take no part in comparisons; their block is measured again,
which adds a fifth at most.

Samples are synced to the run's folder one by one, so an interrupted run keeps them:
the first interrupt ends the run and reports what there is, the second kills. However it
ended, --resume goes on with it, and with more rounds where it had come to its end.
A run that ends without a sample leaves no folder.
Keep the machine idle meanwhile: run says before it starts what will disturb it, and
--wait-quiet waits until other processes leave the cores alone. Two runs on one machine do not overlap: the second is
refused, or waits with --wait. (They meet at ` + lockPath + `, or at the file that
` + lockEnv + ` names.)

With --command and --inputs the task is a program of yours, a process for each line of
the file: how many of them at a time pay off? No shell is used: the command is split
at blanks outside quotes, and {} in an argument stands for the line; most programs take
a line that begins with - for an option unless -- stands before it. What the program
prints must be the same whenever it is given the same line; what it leaves running is
not measured, and killed.`,
		Example: `  payoff run quick
  payoff run --filter 'workload:spin strategy:(pool OR procs)' --budget 1m
  payoff run quick --cores 1,max --rounds 12 --out results/before
  payoff run quick --precision 2% --budget 20m
  payoff run --resume results/latest
  payoff run my-suite.toml
  payoff run --command 'gzip -c {}' --inputs files.txt`,
		RunE: draining(func(c *cobra.Command, names []string) (err error) {
			if c.Flags().Changed("rounds") {
				if err := between("rounds", g.rounds, 1, suite.MaxRounds); err != nil {
					return err
				}
			}
			if c.Flags().Changed("budget") {
				if err := between("budget", g.budget, time.Second, maxBudget); err != nil {
					return err
				}
			}
			if c.Flags().Changed("wait-quiet") {
				if err := between("wait-quiet", quiet, time.Second, maxBudget); err != nil {
					return err
				}
			}
			if g.precision, err = parsePrecision(precision); err != nil {
				return err
			}
			if from != "" && out != "" {
				return misuse("--resume goes on in the folder of the run; remove --out")
			}
			if from != "" {
				release, err := p.hold(c, wait)
				if err != nil {
					return err
				}
				defer release()
				if err := lookAround(c, quiet); err != nil {
					return err
				}
				return p.resume(c, from, names, ch, g)
			}
			m, err := p.matrix(c, names, ch)
			if err != nil {
				return err
			}
			release, err := p.hold(c, wait)
			if err != nil {
				return err
			}
			defer release()
			if err := lookAround(c, quiet); err != nil {
				return err
			}
			switch {
			case g.rounds > 0 || g.budget > 0:
			case c.Flags().Changed("precision"):
				g.rounds = preciseRounds
			default:
				g.rounds, g.budget = m.rounds, m.budget
			}
			info := harness.Info{
				Files: m.files(names), Counts: ch.cores, Filter: ch.filter, Seed: m.seed, Plan: m.plan(0).Digest(),
				Version: p.Version, Commit: p.Commit, Rounds: g.rounds, Budget: g.budget, Precision: g.precision,
				Program: m.programs.Program, Inputs: m.programs.Inputs, Folder: m.folder, Content: m.content,
			}
			return p.measure(c, m, info, out)
		}),
	}
	ch.flags(c, p)
	f := c.Flags()
	f.IntVar(&g.rounds, "rounds", 0, "`number` of times that every cell is measured at most (default: the suites' own, or what the budget holds)")
	f.DurationVar(&g.budget, "budget", 0, "`time` after which the run ends, as 90s or 5m; of a resumed run, from then on (default: the suites' own)")
	f.StringVar(&precision, "precision", "5%", "`share` within which two strategies count as equally fast, so that no verdict is needed; given alone, up to "+fmt.Sprint(preciseRounds)+" rounds are measured for it")
	f.StringVarP(&out, "out", "o", "", "`folder` for the run, new or empty (default: results/<time>-<suites>)")
	f.StringVar(&ch.command, "command", "", "`program` to measure as a task, as 'prog {}'; instead of suites")
	f.StringVar(&ch.inputs, "inputs", "", "`file` with an input for the command on each line")
	c.MarkFlagFilename("inputs")
	f.StringVar(&from, "resume", "", "`folder` of a run that goes on; it must be of the same suite, filter, cores, seed, programs and machine")
	f.BoolVar(&wait, "wait", false, "wait for a run that measures this machine already")
	f.BoolP("verbose", "v", false, "print all tables, controls and notes at the end instead of the answer on one screen")
	f.DurationVar(&quiet, "wait-quiet", 0, "`time` to wait at most for other processes to leave the cores alone, as 5m")
	for _, name := range []string{"command", "rounds", "budget", "precision", "wait-quiet"} {
		c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
	c.MarkFlagDirname("resume")
	return c
}

// preciseRounds ends a run that was asked for a precision alone, which noise may forbid.
const preciseRounds = 60

// parsePrecision reads a share, as 5% or 0.05.
func parsePrecision(text string) (float64, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		v /= 100
	}
	const least, most = 0.001, 0.5
	if err != nil || !(v >= least && v <= most) {
		return 0, misuse("--precision %q: want a share from 0.1%% to 50%%, as 5%%", text)
	}
	return v, nil
}

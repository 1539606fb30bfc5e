package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/suite"
)

// resultsDir is the default parent of run folders.
const resultsDir = "results"

// A goal determines the end of a run: a number of rounds, a time, or a precision.
type goal struct {
	rounds    int // maximum number of rounds; 0 for as many as the budget allows
	budget    time.Duration
	precision float64 // strategies whose times differ by at most this share count as equally fast
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
		Short: "Measure suites and report the results",
		Long: `Run measures the cells of the suites (default: quick) in rounds. Each measurement is
a fresh process pinned to its cores; measurements run one at a time. A suite argument is
a built-in suite (payoff list suites), a file that ends in .toml, or a task. The task
cpu=5us or wait=1ms measures the strategies worth considering for such tasks. A task may
add payload=4k, memory=64m or crash after a comma.

With --workload the suite is made from a workload (payoff list workloads): a loop, pool,
steal and procs run tasks of several sizes. If the workload has a grain, the sizes are
grains. Otherwise they are batches: a task takes several inputs of the kernel, one after
the other. payoff chooses the batches by the time of one input. To choose the sizes
yourself, name a suite such as workload=json,grain=30000 or workload=mine,batch=1,8.

The run answers questions. A question asks which strategy is best for one task on a
number of cores. From 6 rounds on, a question is answered when every other strategy has a
clear verdict against the fastest, or is within --precision of it. Each round measures all
cells of open questions once. So a cell of an answered question has fewer samples than the
run has rounds: a run of 16 rounds may show n = 6. The run ends when all questions are
answered, or after --rounds or --budget. It then reports the open questions and an
estimate of the time that they still need. If the budget is too short for 6 rounds of all
questions, the run measures 6 rounds of the suite's first questions.

A launch is starved if other processes took much of its cores' time. Comparisons exclude
starved launches, and the run measures their cells again. This adds at most a fifth of
the launches.

The run writes each sample to its folder at once, so an interrupted run keeps its samples.
The first interrupt ends the run and reports its samples; the second kills the process.
--resume continues a run, however it ended; a complete run continues with more rounds.
A run without a sample leaves no folder.

With --why, the run afterwards profiles the pairs of strategies of the first screen that
differ by more than 20 %, in launches of their own and for at most two minutes. The answer
then says why they differ; the report links the profiles. --resume --why makes missing profiles.

With --command and --inputs a task is one execution of your program, for one line of the
inputs file. payoff measures how many of these processes at a time pay off.
  - {} in an argument stands for the line. Without --shell the command is split at blanks
    outside quotes.
  - Most programs take a line that begins with - as an option. Put -- before {} to
    prevent this.
  - The program must print the same output each time for the same line. --no-digest lifts
    this rule.
  - A change of the program or of a file among its arguments ends the run. With --prepare
    or --cleanup, the files may change.
  - The program must end with status 0. --exit-codes names other good statuses.
  - After each launch, payoff kills processes that the program left running. On Linux it
    also kills those with a session of their own.
  - If all inputs take too long, with or without --budget, the run measures a random
    sample of them. --seed determines this sample.

With --python and --inputs a task is one call of your Python function. The run compares
serial Python, Pool with several chunk sizes, ProcessPoolExecutor, ThreadPoolExecutor,
joblib if it is installed, and payoff's own worker processes running Python. Dask and Ray
are left out, to keep the run short; suite python measures them with other tasks.
  - The interpreter looks for the module in the current folder and in its own path.
  - An input is a line of a file, as text, or a value of a generator: --inputs
    module:generator. Values and outputs are text, numbers, lists and dicts, as in JSON.
  - The function must be picklable, return the same output each time for the same input, and
    leave its input unchanged.
  - --timeout limits the first calls, which check the function, and each job.`,
		Example: `  payoff run quick
  payoff run --filter 'workload:spin strategy:(pool OR procs)' --budget 1m
  payoff run quick --cores 1,max --rounds 12 --out results/before
  payoff run quick --precision 2% --budget 20m
  payoff run --resume results/latest
  payoff run my-suite.toml
  payoff run cpu=5us,payload=4k
  payoff run --workload json
  payoff run --command 'gzip -c {}' --inputs files.txt
  payoff run --shell --command 'grep -c error {} | sort' --exit-codes 0,1 --inputs files.txt
  payoff run --python work:parse --inputs lines.txt
  payoff run --python work:parse --inputs work:documents --python-bin .venv/bin/python`,
		RunE: draining(func(c *cobra.Command, names []string) (err error) {
			if c.Flags().Changed("rounds") {
				if err := between("rounds", g.rounds, 1, suite.MaxRounds); err != nil {
					return err
				}
			}
			if c.Flags().Changed("budget") {
				if err := between("budget", g.budget, time.Second, suite.MaxBudget); err != nil {
					return err
				}
			}
			if c.Flags().Changed("wait-quiet") {
				if err := between("wait-quiet", quiet, time.Second, suite.MaxBudget); err != nil {
					return err
				}
			}
			if err := taskOnly(c); err != nil {
				return err
			}
			if g.precision, err = parseShare("precision", precision); err != nil {
				return err
			}
			if why, _ := c.Flags().GetBool("why"); why && (ch.command != "" || ch.function != "") {
				return misuse("--why profiles processes of payoff, but the tasks of --command and --python are other programs, which give no profile; remove --why")
			}
			if from != "" && out != "" {
				return misuse("--resume adds samples to the folder of the run; remove --out")
			}
			if names, err = p.withWorkload(c, names, ch); err != nil {
				return err
			}
			var m matrix
			unsized := from == "" && slices.ContainsFunc(names, p.unsized)
			if from == "" && !unsized {
				if m, err = p.matrix(c, names, ch); err != nil {
					return err
				}
			}
			release, err := p.hold(c, wait)
			if err != nil {
				return err
			}
			defer release()
			if err := lookAround(c, quiet); err != nil {
				return err
			}
			if from != "" {
				return p.resume(c, from, names, ch, g)
			}
			if unsized {
				if names, err = p.sized(c.Context(), names, &ch); err != nil {
					return err
				}
				if m, err = p.matrix(c, names, ch); err != nil {
					return err
				}
			}
			switch {
			case g.rounds > 0 || g.budget > 0:
			case c.Flags().Changed("precision") && m.budget == 0:
				g.rounds = preciseRounds
			default:
				g.rounds, g.budget = m.rounds, m.budget
			}
			info := harness.Info{
				Counts: ch.cores, Filter: ch.filter, Seed: m.seed, Plan: m.plan(0).Digest(),
				Version: p.Version, Commit: p.Commit, Rounds: g.rounds, Budget: g.budget, Precision: g.precision,
				Function: m.function,
				Program:  m.programs.Program, Inputs: m.programs.Inputs, Folder: m.folder, Content: m.content.Digest(), Rules: m.programs.Rules,
			}
			if info.Program == nil && info.Function == nil {
				info.Files = suiteFiles(names)
			}
			return p.measure(c, m, info, out)
		}),
	}
	ch.flags(c, p)
	ch.taskFlags(c)
	ch.pythonFlags(c)
	f := c.Flags()
	f.StringVar(&ch.workload, "workload", "", "`name` of a workload to measure, instead of suites: strategies with tasks of several sizes")
	f.IntVar(&g.rounds, "rounds", 0, "maximum `number` of rounds; each round measures all cells of open questions once (default: that of the suites, or as many as the budget allows)")
	f.DurationVar(&g.budget, "budget", 0, "`time` after which the run ends, such as 90s or 5m; for a resumed run, counted from when it was resumed (default: that of the suites)")
	f.StringVar(&precision, "precision", "5%", "`share` within which strategies count as equally fast; a run without --rounds and without a budget ends after at most "+fmt.Sprint(preciseRounds)+" rounds")
	f.StringVarP(&out, "out", "o", "", "`folder` for the run, new or empty (default: results/<time>-<suites>)")
	f.StringVar(&from, "resume", "", "`folder` of a run to continue, with the same suite, filter, cores, seed, programs and machine")
	f.BoolVar(&wait, "wait", false, "if another run is measuring this machine, wait until it ends")
	f.Bool("why", false, "after the run, profile the pairs of strategies that differ by more than 20 %, and say why")
	f.BoolP("verbose", "v", false, "at the end, print the output of payoff report -v instead of the answer on one screen")
	f.DurationVar(&quiet, "wait-quiet", 0, "maximum `time` to wait for other processes to leave the cores idle, such as 5m")
	for _, name := range []string{"command", "rounds", "budget", "precision", "wait-quiet"} {
		c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
	c.RegisterFlagCompletionFunc("workload", func(*cobra.Command, []string, string) (names []string, _ cobra.ShellCompDirective) {
		for _, w := range p.Workloads {
			names = append(names, cobra.CompletionWithDesc(w.Name, w.Doc))
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	})
	c.MarkFlagDirname("resume")
	return c
}

// preciseRounds is the maximum number of rounds for --precision without --rounds or a budget. It
// ends a run that cannot reach the precision because of noise.
const preciseRounds = 60

// parseShare parses the value of a flag that is a share: a percentage such as 5%, or a fraction such as 0.05.
func parseShare(flag, text string) (float64, error) {
	return shareBetween(flag, text, 0.001, 0.5, "5%")
}

// parseEfficiency returns the efficiency that text denotes, as a share of the cores.
func parseEfficiency(text string) (float64, error) {
	return shareBetween("efficiency", text, 0.01, 0.99, "75%")
}

// shareBetween returns the share that text, the value of the flag, denotes: 5% or 0.05. It returns
// an error unless the share is between least and most. The error names the example.
func shareBetween(flag, text string, least, most float64, example string) (float64, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		v /= 100
	}
	if err != nil || !(v >= least && v <= most) {
		return 0, misuse("--%s %q: want a share from %g%% to %g%%, such as %s", flag, text, 100*least, 100*most, example)
	}
	return v, nil
}

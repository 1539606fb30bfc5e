package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/chart"
	"github.com/payoff-bench/payoff/harness/model"
	"github.com/payoff-bench/payoff/harness/report"
	"github.com/payoff-bench/payoff/harness/simulate"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

// mostSimulated limits the cores of a simulation.
const mostSimulated = 1024

// An imagined holds the flags of payoff simulate.
type imagined struct {
	supposed
	strategy, chunk, round string
	efficiency, bandwidth  string
	out                    string
	window, ahead          int
	spread                 float64
	steal                  bool
}

func (p Program) simulateCommand() *cobra.Command {
	var f imagined
	c := &cobra.Command{
		Use:   "simulate --cpu time --strategy name",
		Short: "Simulate a strategy on more cores, or with workers across a network",
		Long: `Simulate predicts makespans on more cores than a run had, event by event. It takes the costs
of the strategy from the model that predict fits to a run. It prints the time per task, the
efficiency and the METG for 1, 2, 4, … cores with as many workers; the number of workers from
which the METG grows; and with --spread the makespan of each chunk policy. --out draws
METG and efficiency.

It also simulates the cells that the run measured, and prints the difference. Beyond four
times the cores of these cells it refuses an answer, unless --force is set; then it marks
the answer. Costs that grow with the number of busy cores stay as on the largest measured
number.

With --round-trip each worker is on a machine of its own. Workers then share the network
link (--bandwidth), and fetch --ahead chunks ahead, at most 1.

Exit status: 0 a result, 2 wrong usage or no run, 3 the strategy has no fit, or the cores
are too many.`,
		Example: `  payoff simulate --cpu 20us --strategy pool --cores 8
  payoff simulate --cpu 20us --strategy procs --cores 8 --spread 1
  payoff simulate --cpu 1ms --strategy procs --cores 64 --round-trip 200us --bandwidth 1g --payload 16k --force`,
		Args:              onlyFlags("payoff simulate --cpu 20us --strategy pool"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := f.study(c)
			if err != nil {
				return err
			}
			_, info, samples, err := readRun(f.from)
			if err != nil {
				return err
			}
			doubt(c, f.from, info)
			return p.simulate(c, f, s, info, samples)
		},
	}
	f.flags(c, "largest `number` of cores (default: four times those of the run)", "`number` of tasks in a job (default: 256 for each worker)", "answer beyond four times the measured cores too, and mark such answers")
	flags := c.Flags()
	flags.StringVar(&f.strategy, "strategy", "", "`name` of a strategy of the run, such as pool")
	flags.StringVar(&f.chunk, "chunk", "1", "`chunk`: a number of tasks, or a policy of payoff list chunks")
	flags.Float64Var(&f.spread, "spread", 0, "coefficient of variation of the lognormal work of a task, as a `number` such as 1")
	flags.BoolVar(&f.steal, "steal", false, "simulate workers that have deques of their own and steal, instead of a dispatcher")
	flags.IntVar(&f.window, "window", 0, "deliver in input order, with a window of this many `tasks` (default: a map)")
	flags.StringVar(&f.round, "round-trip", "", "`time` of a round trip to a worker on another machine, such as 200us")
	flags.StringVar(&f.bandwidth, "bandwidth", "", "`bytes` per second of the network link, such as 100m (default: no limit)")
	flags.IntVar(&f.ahead, "ahead", 1, "`chunks` that a worker on another machine fetches ahead, 0 or 1")
	flags.StringVar(&f.efficiency, "efficiency", "75%", "efficiency that the METG must reach, as a `share` of the cores")
	flags.StringVarP(&f.out, "out", "o", "", "new or empty `folder` for charts of METG and efficiency")
	for _, name := range []string{"strategy", "chunk", "spread", "window", "round-trip", "bandwidth", "ahead", "efficiency"} {
		c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
	c.MarkFlagDirname("out")
	return c
}

// study returns the study that the flags describe, without its series.
func (f imagined) study(c *cobra.Command) (s simulate.Study, err error) {
	if f.cpu == "" || f.strategy == "" {
		return s, misuse("add --cpu, the time of a task, and --strategy; payoff simulate --help has examples")
	}
	work, payload, err := f.task(c, mostSimulated, 10_000_000)
	if err != nil {
		return s, err
	}
	s = simulate.Study{Work: work, Payload: payload, Tasks: f.tasks, Spread: f.spread, Steal: f.steal, Window: f.window, Cores: f.cores, Ahead: f.ahead}
	if s.Policy, err = chunk.Parse(f.chunk); err != nil {
		return s, misuse("--%w", err)
	}
	if c.Flags().Changed("round-trip") {
		round, err := harness.ParseTime(f.round)
		if err != nil {
			return s, misuse("--round-trip %w", err)
		}
		s.RoundTrip = float64(round)
	}
	if c.Flags().Changed("bandwidth") {
		rate, err := harness.ParseSize(f.bandwidth)
		if err != nil {
			return s, misuse("--bandwidth %w", err)
		}
		if s.RoundTrip == 0 {
			return s, misuse("--bandwidth applies only to a network; add --round-trip")
		}
		s.Transfer = 1e9 / float64(rate)
	}
	if s.Target, err = parseEfficiency(f.efficiency); err != nil {
		return s, err
	}
	if !(f.spread >= 0 && f.spread <= 10) {
		return s, misuse("--spread %v is not between 0 and 10", f.spread)
	}
	if err := limited(c, limit{"window", f.window, 1, 1 << 20}, limit{"ahead", f.ahead, 0, 1}); err != nil {
		return s, err
	}
	return s, nil
}

// simulate prints the results of the study for a strategy of the samples.
func (p Program) simulate(c *cobra.Command, f imagined, s simulate.Study, info harness.Info, samples []harness.Sample) error {
	m := model.New(samples, analyze.Settings{Waits: p.waits})
	var names []string
	for _, series := range m.Series {
		names = append(names, series.Name())
	}
	i := slices.Index(names, f.strategy)
	if i < 0 {
		for _, l := range m.Lacking {
			if (model.Series{Who: l.Who}).Name() == f.strategy {
				return unresolved("%s has too few cells for %s: %s", f.from, f.strategy, l.Why)
			}
		}
		return misuse("%s: %w", f.from, &harness.UnknownError{Kind: "strategy with a fit", Name: f.strategy, Have: names})
	}
	s.Series = m.Series[i]
	s.Cores = cmp.Or(s.Cores, min(simulate.Reach*s.Validated(), mostSimulated))
	if most := simulate.Reach * s.Validated(); s.Cores > most && !f.force {
		return unresolved("%s was measured on up to %d cores, and a simulation may have at most %d times as many, %d; --force prints marked guesses", f.strategy, s.Validated(), simulate.Reach, most)
	}
	checks := s.Validate()
	if len(checks) < 2 {
		return unresolved("%s has too few cells of %s with fixed chunks to validate a simulation", f.from, f.strategy)
	}
	var policies []simulate.Policed
	if s.Spread > 0 && !s.Steal {
		policies = s.Policies()
	}
	rows := s.Rows(simulate.Half(checks))
	err := report.Simulated(c.OutOrStdout(), s, checks, rows, policies)
	if f.out == "" || err != nil {
		return err
	}
	if err := free(f.out, false, ""); err != nil {
		return err
	}
	names, err = report.Draw(f.out, chart.Simulated(info, s, rows))
	if err == nil {
		_, err = fmt.Fprintf(c.OutOrStdout(), "charts: %s\n", strings.Join(names, ", "))
	}
	return err
}

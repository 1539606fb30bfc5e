package cli

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/suite"
	"github.com/payoff-bench/payoff/workloads"
)

// A search holds the flags of payoff find that describe its question.
type search struct {
	harness.Search
	size                  sizeFlags
	from, to              string
	precision, efficiency string
}

// questionFlags are the flags that a resumed search keeps.
var questionFlags = []string{"strategy", "against", "axis", "workload", "from", "to", "grain", "payload", "memory", "cores", "efficiency", "precision", "seed", "out"}

// Defaults of payoff find.
const (
	findBudget = 2 * time.Minute
	findGrain  = 10_000 // grain in ns, if the search is on another axis
)

func (p Program) findCommand() *cobra.Command {
	var (
		s         search
		ch        choice
		g         goal
		out, from string
		wait      bool
		quiet     time.Duration
	)
	c := &cobra.Command{
		Use:   "find metg|crossover",
		Short: "Find the task size, or another value, from which a strategy pays off",
		Long: `Find measures a boundary. find crossover searches the value of an axis at which two
strategies take the same time: from which task size, payload, chunk, number of workers
or number of tasks on one is faster. find metg searches the smallest task at which a
strategy uses 75 % of the cores (or the share in --efficiency).

A sweep measures all values equally often. Find measures a few values of the range first,
and then mostly where the result is most uncertain, until the interval of the boundary
is within --precision. It prints the boundary with its 95 % interval, the launches and
the time. There are five answers:
  - a crossing
  - one strategy is always faster, so a boundary is outside the range
  - the other is always faster
  - a tie band: between two values both are equally fast, within 2 %
  - several crossings: the faster strategy changes more than once
If the budget ends first, or other processes use the machine, the answer is unresolved.

A strategy may have settings after commas: pool,chunk=64. The axis is set for both
strategies; a setting in --against keeps its value there. --grain, --payload and --memory
describe the rest of the task.

The folder of a search is that of a run: payoff report and compare read it. The first
interrupt keeps the samples, and --resume continues the search.

Exit status: 0 an answer, 1 a failed run, 2 wrong usage, 3 unresolved.`,
		Example: `  payoff find crossover --strategy procs --axis grain --workload spin
  payoff find crossover --strategy pool,chunk=64 --against pool,chunk=1 --axis grain --workload spin
  payoff find crossover --strategy procs --against pool --axis payload --workload sha256
  payoff find metg --strategy pool --workload spin --efficiency 50%
  payoff find --resume results/latest --budget 5m`,
		ValidArgs: []string{harness.FindMETG, harness.FindCrossover},
		RunE: draining(func(c *cobra.Command, args []string) (err error) {
			if err := between("budget", g.budget, time.Second, suite.MaxBudget); err != nil {
				return err
			}
			if c.Flags().Changed("wait-quiet") {
				if err := between("wait-quiet", quiet, time.Second, suite.MaxBudget); err != nil {
					return err
				}
			}
			var m matrix
			if from == "" {
				if err := s.parse(c, args, p); err != nil {
					return misuse("find: %w", err)
				}
				ch.search = &s.Search
				if m, err = p.matrix(c, nil, ch); err != nil {
					return err
				}
			} else {
				for _, name := range questionFlags {
					if c.Flags().Changed(name) || len(args) > 0 {
						return misuse("a resumed search keeps its question; give only --resume and --budget")
					}
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
				return p.resume(c, from, nil, ch, g)
			}
			info := harness.Info{
				Seed: m.seed, Plan: m.plan(0).Digest(), Version: p.Version, Commit: p.Commit,
				Budget: g.budget, Search: &s.Search,
			}
			return p.measure(c, m, info, out)
		}),
	}
	f := c.Flags()
	f.StringVar(&s.A, "strategy", "", "`strategy` to examine, such as procs or pool,chunk=64")
	f.StringVar(&s.B, "against", harness.Direct, "`strategy` to compare it with; direct is the loop")
	f.StringVar(&s.Axis, "axis", "grain", "`axis` to search on: grain, batch, payload, chunk, workers or tasks")
	f.StringVar(&s.Task.Workload, "workload", "", "`name` of the workload; payoff list workloads lists them")
	f.StringVar(&s.from, "from", "", "smallest `value` of the range, such as 100ns, 4k or 8 (default: by axis)")
	f.StringVar(&s.to, "to", "", "largest `value` of the range (default: by axis)")
	f.StringVar(&s.size.grain, "grain", "", "`time` of a task, on axes other than grain (default: 10us)")
	f.StringVar(&s.size.payload, "payload", "", "`bytes` sent with a task (default: 4k, if the workload has a payload)")
	f.StringVar(&s.size.memory, "memory", "", "`bytes` of memory that the tasks use, if the workload uses memory")
	f.IntVar(&s.Cores, "cores", 0, "`number` of cores (default: all that this process may use)")
	f.StringVar(&s.efficiency, "efficiency", "75%", "efficiency, as a `share` of the cores, for find metg")
	f.StringVar(&s.precision, "precision", "10%", "`share` within which the interval of the boundary must be")
	f.DurationVar(&g.budget, "budget", findBudget, "`time` after which the search ends, such as 90s or 5m")
	f.Uint64Var(&ch.seed, "seed", 0, "`number` that determines the tasks and the order of launches (default: random, and recorded)")
	f.StringVarP(&out, "out", "o", "", "`folder` for the run, new or empty (default: results/<time>-find-…)")
	f.StringVar(&from, "resume", "", "`folder` of a search to continue")
	f.BoolVar(&wait, "wait", false, "if another run is measuring this machine, wait until it ends")
	f.DurationVar(&quiet, "wait-quiet", 0, "maximum `time` to wait for other processes to leave the cores idle, such as 5m")
	for _, name := range []string{"strategy", "against", "workload", "from", "to", "grain", "payload", "memory", "cores", "efficiency", "precision", "budget", "seed", "wait-quiet"} {
		c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
	var keys []string
	for _, a := range harness.SearchAxes() {
		keys = append(keys, a.Key)
	}
	c.RegisterFlagCompletionFunc("axis", cobra.FixedCompletions(keys, cobra.ShellCompDirectiveNoFileComp))
	c.MarkFlagDirname("resume")
	return c
}

// parse sets the fields of the search from the flags and the arguments of the command line.
func (s *search) parse(c *cobra.Command, args []string, p Program) (err error) {
	if len(args) != 1 {
		return fmt.Errorf("name the goal: payoff find metg, or payoff find crossover")
	}
	s.Goal = args[0]
	for _, name := range []string{"strategy", "workload"} {
		if !c.Flags().Changed(name) {
			return fmt.Errorf("add --%s; payoff find --help has examples", name)
		}
	}
	for _, name := range []string{"grain", "payload", "memory"} {
		if name == s.Axis && c.Flags().Changed(name) {
			return fmt.Errorf("%s is the axis of the search; give its range by --from and --to in place of --%s", s.Axis, name)
		}
	}
	w, err := s.size.task(c, p, &s.Task)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(harness.SearchAxes(), func(a harness.SearchAxis) bool { return a.Key == s.Axis }); i >= 0 {
		a := harness.SearchAxes()[i]
		s.From, s.To = a.From, a.To
		if s.Axis == "grain" {
			s.From = max(s.From, w.Finest)
		}
		if s.Axis == "payload" {
			s.From = max(s.From, w.Smallest)
		}
		if s.from != "" {
			if s.From, err = axisValue(s.Axis, s.from); err != nil {
				return fmt.Errorf("--from %w", err)
			}
		}
		if s.to != "" {
			if s.To, err = axisValue(s.Axis, s.to); err != nil {
				return fmt.Errorf("--to %w", err)
			}
		}
	}
	if s.Precision, err = parseShare("precision", s.precision); err != nil {
		return err
	}
	if s.Goal == harness.FindMETG {
		if s.Efficiency, err = parseEfficiency(s.efficiency); err != nil {
			return err
		}
	}
	if s.Cores == 0 {
		s.Cores = cores()
	} else if _, err := suite.ParseCores([]string{strconv.Itoa(s.Cores)}, cores()); err != nil {
		return fmt.Errorf("--cores: %w", err)
	}
	return s.Check()
}

// sizeFlags are the flags that describe the tasks of a workload.
type sizeFlags struct{ grain, payload, memory string }

// task completes the task t, of which only the workload is set, from the flags. It returns the
// workload.
func (s sizeFlags) task(c *cobra.Command, p Program, t *harness.Task) (w workloads.Workload, err error) {
	w, err = harness.Find(p.Workloads, "workload", t.Workload, func(w workloads.Workload) string { return w.Name })
	if err != nil {
		return w, err
	}
	*t = suite.Sweep{Workload: w.Name}.Task(w)
	if w.Grains {
		t.Grain = max(findGrain, w.Finest)
	}
	for _, f := range []struct {
		name, text string
		has        bool
		into       *int
	}{{"grain", s.grain, w.Grains, &t.Grain}, {"payload", s.payload, w.Payloads, &t.Payload}, {"memory", s.memory, w.Memories, &t.Memory}} {
		switch {
		case !c.Flags().Changed(f.name):
			continue
		case !f.has:
			return w, fmt.Errorf("workload %s has no %s; remove --%s", w.Name, f.name, f.name)
		}
		if *f.into, err = axisValue(f.name, f.text); err != nil {
			return w, fmt.Errorf("--%s %w", f.name, err)
		}
	}
	return w, nil
}

// axisValue parses a value of an axis: a time, a size or a number.
func axisValue(axis, text string) (int, error) {
	switch axis {
	case "grain":
		d, err := harness.ParseTime(text)
		return int(d), err
	case "payload", "memory":
		return harness.ParseSize(text)
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q: want a whole number from 1 up", text)
	}
	return n, nil
}

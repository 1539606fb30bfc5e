package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/report"
)

// newest is the path of the link to the newest run.
var newest = filepath.Join(resultsDir, "latest")

func (p Program) whyCommand() *cobra.Command {
	var from string
	c := &cobra.Command{
		Use:   "why workload grain A B",
		Short: "Explain why strategy A takes more or less time than strategy B",
		Long: `Why divides the difference in core time per task between two strategies of a run into
parts: CPU outside the task, system calls and page faults, garbage collection, and idle
cores. The largest part comes first. Each part has its interval, paired by round. Parts
whose interval includes 0 are listed as not resolved. The core time per task is the
makespan of a job times the number of cores, divided by the number of tasks.

If a profile of both strategies lies in the folder of the run or in a folder next to it,
why first says on what their processes spend CPU time, and what would have to change.
Otherwise it prints the command that makes this profile.

Grain is a time such as 5us, or a number of ns. Why uses the nearest grain that the run
measured for both strategies. The name of a strategy means its default settings. After a
slash, the name may have a chunk, a number of workers (w) or a setting: pool/64, pool/16w,
procs/shm.

Exit status: 0 an explanation, 2 wrong usage or unknown names, 3 unresolved: too few
rounds, or the interval of the difference in core time includes 0.`,
		Example: "  payoff why spin 10us procs pool\n  payoff why alloc 100us pool procs --from results/reference",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 4 {
				return misuse("why takes a workload, a grain and two strategies: payoff why spin 10us procs pool")
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return p.completeWhy(from, args), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			grain, err := harness.ParseTime(args[1])
			if err != nil {
				return misuse("grain %w", err)
			}
			if args[2] == args[3] {
				return misuse("why compares two different strategies, but both are %s; name another one", args[2])
			}
			dir, info, samples, err := readRun(from)
			if err != nil {
				return err
			}
			doubt(c, from, info)
			a := p.analyze(info, samples)
			one, other, err := a.Pair(args[0], float64(grain), args[2], args[3])
			if err != nil {
				return misuse("%s: %w", from, err)
			}
			of, notes := explanation(dir, a, one, other)
			for _, note := range notes {
				fmt.Fprintln(c.ErrOrStderr(), "payoff:", note)
			}
			d := of.Difference
			if err := report.Why(c.OutOrStdout(), of, float64(grain)); err != nil {
				return err
			}
			if words := profilingCommand(dir, a, one, other); of.Cause == nil && d.Total.Resolved() && words != "" {
				fmt.Fprintf(c.OutOrStdout(), "No profile shows the cause. This command makes one, and payoff why then uses it:\n%s\n", words)
			}
			more := command("run", "--resume", operand(from)) + " measures more"
			switch {
			case analyze.Few(d.Total.N):
				return &statusError{Unresolved, fmt.Errorf("unresolved: %s measured both strategies, and a verdict needs %d; %s", format.Count(d.Total.N, "round"), harness.FewestRounds, more)}
			case !d.Total.Resolved():
				return &statusError{Unresolved, fmt.Errorf("unresolved: %s show no clear difference in core time; %s", format.Count(d.Total.N, "round"), more)}
			}
			return nil
		},
	}
	c.Flags().StringVar(&from, "from", newest, "`folder` of the run")
	c.MarkFlagDirname("from")
	return c
}

// completeWhy completes the next argument of payoff why: with a workload, a grain or a strategy of
// the run in the folder from.
func (p Program) completeWhy(from string, args []string) (names []string) {
	_, info, samples, err := readRun(from)
	if err != nil || len(args) > 3 {
		return nil
	}
	a := p.analyze(info, samples)
	switch len(args) {
	case 0:
		return a.Workloads()
	case 1:
		for _, q := range a.Questions() {
			if q.Task.Workload == args[0] && q.Task.Grain > 0 {
				names = append(names, time.Duration(q.Task.Grain).String())
			}
		}
		slices.Sort(names)
		return slices.Compact(names)
	}
	return slices.DeleteFunc(a.Contenders(args[0]), func(name string) bool { return slices.Contains(args, name) })
}

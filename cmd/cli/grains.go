package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/suite"
	"github.com/payoff-bench/payoff/workloads"
)

// grained lists the grains to measure, in ns. The list sizes has the sizes of memory to measure, in
// bytes, for workloads that work on memory. The first three sizes fit into the first, second and
// third cache of most machines; the last fits into no cache.
var (
	grained = []int{100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000}
	sizes   = []int{16 << 10, 512 << 10, 8 << 20, 64 << 20}
)

func (p Program) grainsCommand() *cobra.Command {
	rounds := 5
	c := &cobra.Command{
		Use:   "grains [workload ...]",
		Short: "Measure how long tasks of each nominal grain take on this machine",
		Long: `Grains runs each compute workload in the direct loop at grains from 100 ns to 10 ms.
It prints the time of a task on this machine (w), the ratio of w to the nominal grain,
and the deviation of this ratio from the median ratio of the workload. A task has
the same steps on every machine, so w may differ from the nominal grain. Every run
measures w and uses it instead of the nominal grain.`,
		Example: `  payoff grains
  payoff grains spin sha256 --rounds 15`,
		ValidArgsFunction: func(*cobra.Command, []string, string) (names []string, _ cobra.ShellCompDirective) {
			for _, w := range p.Workloads {
				names = append(names, w.Name)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: draining(func(c *cobra.Command, names []string) (err error) {
			if err := between("rounds", rounds, 1, suite.MaxRounds); err != nil {
				return err
			}
			for _, name := range names {
				if !computes(p.workload(name)) {
					return misuse("grains cannot measure workload %s, because it does not compute tasks of a chosen grain; payoff list workloads lists those that take a grain", name)
				}
			}
			dir, err := os.MkdirTemp("", "payoff-grains-") // a folder for workloads whose tasks share a file
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
			t := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(t, "workload\tmemory\tgrain\tw\tw/grain\tdeviation")
			for _, w := range p.Workloads {
				if !computes(w) || len(names) > 0 && !slices.Contains(names, w.Name) {
					continue
				}
				memories := []int{0}
				if w.Memories {
					memories = sizes
				}
				for _, m := range memories {
					if err := grainsOf(c.Context(), t, w, workloads.Params{Memory: m, Dir: dir, Seed: 1}, rounds); err != nil {
						return err
					}
				}
			}
			return t.Flush()
		}),
	}
	c.Flags().IntVar(&rounds, "rounds", rounds, "`number` of times to measure each grain")
	c.RegisterFlagCompletionFunc("rounds", cobra.NoFileCompletions)
	return c
}

// computes reports whether the tasks of w compute and have a grain.
func computes(w workloads.Workload) bool { return w.Grains && !w.Waits }

// A graining is a workload at one grain (nominal work of a task in ns), with its results. Both
// results have one value for each round. The field took has the time per task in ns. The field over
// has the ratio of this time to the grain, divided by the median of this ratio over all grains in
// the round.
type graining struct {
	grain, count int // count is the number of tasks in a job
	load         workloads.Load
	took, over   []float64
}

// grainsOf measures w at all of its grains in every round, and prints a line for each grain.
func grainsOf(ctx context.Context, t *tabwriter.Writer, w workloads.Workload, p workloads.Params, rounds int) error {
	var all []*graining
	for _, grain := range grainsFor(w, p.Memory) {
		p.Grain = grain
		l, err := w.New(p)
		if err != nil {
			return err
		}
		defer l.Close()
		g := &graining{grain: grain, count: max(1, int(5*time.Millisecond)/grain), load: l}
		if err := l.Inputs(g.count); err != nil {
			return err
		}
		if err := l.Direct(ctx); err != nil { // warm-up
			return err
		}
		all = append(all, g)
	}
	for range rounds {
		ratios := make([]float64, len(all))
		for i, g := range all {
			began := time.Now()
			if err := g.load.Direct(ctx); err != nil {
				return err
			}
			ns := float64(time.Since(began)) / float64(g.count)
			g.took = append(g.took, ns)
			ratios[i] = ns / float64(g.grain)
		}
		for i, g := range all {
			g.over = append(g.over, ratios[i]/analyze.Median(ratios))
		}
	}
	size := ""
	if p.Memory > 0 {
		size = strconv.Itoa(p.Memory)
	}
	for _, g := range all {
		ns := analyze.Median(g.took)
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%.2f\t%+.1f %%\n", w.Name, size, g.grain, format.Time(ns, 3), ns/float64(g.grain), 100*(analyze.Median(g.over)-1))
	}
	return nil
}

// grainsFor returns the grains at which to measure w, in ns, beginning with the finest grain of w.
// If the tasks use more than the smallest size of memory, it returns a single grain: the time of
// such tasks depends little on the nominal grain.
func grainsFor(w workloads.Workload, memory int) []int {
	if memory > sizes[0] {
		return []int{10_000}
	}
	grains := slices.DeleteFunc(slices.Clone(grained), func(g int) bool { return g <= w.Finest })
	if w.Finest > 1 {
		grains = append([]int{w.Finest}, grains...)
	}
	return grains
}

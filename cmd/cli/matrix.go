package cli

import (
	"cmp"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/run"
	"github.com/payoff-bench/payoff/harness/suite"
)

// A choice is the flags by which people say what is measured.
type choice struct {
	filter string
	cores  []string
	seed   uint64
	seeded bool // the seed is meant, whether or not by the flag
	worker string

	command, inputs string   // of run alone
	program         []string // the command, split, where that is known
}

// flags declares the flags of a choice.
func (ch *choice) flags(c *cobra.Command, p Program) {
	f := c.Flags()
	f.StringVarP(&ch.filter, "filter", "f", "", "only cells that match `key:value ...`; alternatives are key:a,b or key:(a OR b)")
	f.StringSliceVar(&ch.cores, "cores", nil, "core `counts` in place of the suite's: numbers, max, or powers (1, 2, 4, … and max)")
	f.Uint64Var(&ch.seed, "seed", 0, "`number` that the tasks and the order of launches follow from (default: drawn, and recorded)")
	f.StringVar(&ch.worker, "worker", "", "`program` that worker processes run (default: payoff-worker beside payoff, payoff-worker-heavy for heavy workloads)")
	c.RegisterFlagCompletionFunc("filter", p.completeFilter)
	c.RegisterFlagCompletionFunc("cores", cobra.FixedCompletions([]string{suite.CoresMax, suite.CoresPowers}, cobra.ShellCompDirectiveNoFileComp))
	c.RegisterFlagCompletionFunc("seed", cobra.NoFileCompletions)
	c.ValidArgsFunction = p.completeSuites
}

// A matrix is a choice made concrete on this machine.
type matrix struct {
	suites  []suite.Suite
	blocks  []harness.Block
	seed    uint64
	command []string            // a launch
	workers map[string][]string // what a worker process runs, by workload
	servers map[string][]string // of workloads whose tasks ask one
	program []string            // that is the task, if the workload is command
	inputs  string              // of program, an absolute path
	folder  string              // in which program runs
	content string              // digest of program and inputs
}

// defaultSuite is measured where none is named.
const defaultSuite = "quick"

// plan returns what is launched in at most so many rounds.
func (m matrix) plan(rounds int) harness.Plan {
	return harness.Plan{Blocks: m.blocks, Seed: m.seed, Rounds: rounds}
}

// launcher returns how the matrix is launched, in folders in dir.
func (m matrix) launcher(dir string) run.Launcher {
	return run.Launcher{Command: m.command, Workers: m.workers, Servers: m.servers, Program: m.program, Inputs: m.inputs, Dir: dir}
}

// names returns the suites' names, joined.
func (m matrix) names() string {
	var names []string
	for _, s := range m.suites {
		names = append(names, s.Name)
	}
	return strings.Join(names, "+")
}

// matrix makes the choice concrete. Every error is the caller's.
func (p Program) matrix(c *cobra.Command, names []string, ch choice) (m matrix, err error) {
	var counts []int
	if len(ch.cores) > 0 {
		if counts, err = suite.ParseCores(ch.cores, runtime.NumCPU()); err != nil {
			return m, misuse("--cores: %w", err)
		}
	}
	filter, err := suite.ParseFilter(ch.filter)
	if err != nil {
		return m, misuse("--filter: %w", err)
	}
	if ch.command != "" || ch.inputs != "" || ch.program != nil {
		p, err = m.task(p, names, ch)
	} else {
		m.suites, err = load(names)
	}
	if err != nil {
		return m, misuse("%w", err)
	}
	if m.blocks, err = p.blocks(m.suites, counts); err != nil {
		return m, misuse("%w", err)
	}
	if m.blocks, err = filter.Apply(m.blocks); err != nil {
		return m, misuse("--filter: %w", err)
	}
	if m.seed = ch.seed; !ch.seeded && !c.Flags().Changed("seed") {
		m.seed = uint64(rand.Uint32())
	}
	self, err := os.Executable()
	if err != nil {
		return m, err
	}
	m.command = []string{self, launchCommand}
	m.servers = p.servers(self, m.blocks)
	m.workers, err = p.workers(c.Context(), ch.worker, self, m.blocks)
	return m, err
}

// load returns the suites of these names, quick if there are none.
func load(names []string) ([]suite.Suite, error) {
	if len(names) == 0 {
		names = []string{defaultSuite}
	}
	var suites []suite.Suite
	for _, name := range names {
		s, err := suite.Load(name)
		if err != nil {
			return nil, err
		}
		suites = append(suites, s)
	}
	return suites, nil
}

// blocks expands the suites. Counts, if any, replace their core counts.
func (p Program) blocks(suites []suite.Suite, counts []int) ([]harness.Block, error) {
	catalog := suite.Catalog{Strategies: p.Strategies, Workloads: p.Workloads, Cores: runtime.NumCPU()}
	return catalog.Matrix(suites, counts)
}

// rounds returns how many rounds a run of the suites has unless told otherwise.
func (m matrix) rounds() int {
	return slices.MaxFunc(m.suites, func(a, b suite.Suite) int { return a.Rounds - b.Rounds }).Rounds
}

// between returns an error unless n lies in low to high.
func between[T cmp.Ordered](flag string, n, low, high T) error {
	if n < low || n > high {
		return misuse("--%s %v is not between %v and %v", flag, n, low, high)
	}
	return nil
}

package cli

import (
	"cmp"
	"math/rand/v2"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/workloads"
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
	f.StringVar(&ch.worker, "worker", "", "`program` that worker processes run (default: payoff-worker in the folder of payoff; for heavy workloads, and where it is missing, payoff itself)")
	c.RegisterFlagCompletionFunc("filter", p.completeFilter)
	c.RegisterFlagCompletionFunc("cores", cobra.FixedCompletions([]string{harness.CoresMax, harness.CoresPowers}, cobra.ShellCompDirectiveNoFileComp))
	c.RegisterFlagCompletionFunc("seed", cobra.NoFileCompletions)
	c.ValidArgsFunction = p.completeSuites
}

// A matrix is a choice made concrete on this machine.
type matrix struct {
	suites  []string // their names
	rounds  int      // of a run, unless told otherwise
	blocks  []harness.Block
	seed    uint64
	runner  harness.Runner // of which programs are what; the rest is the caller's
	notes   []string       // on the programs
	folder  string         // in which a program that is the task runs
	content string         // digest of that program and its inputs
}

// defaultSuite is measured where none is named.
const defaultSuite = "quick"

// plan returns what is launched in at most so many rounds.
func (m matrix) plan(rounds int) harness.Plan {
	return harness.Plan{Blocks: m.blocks, Seed: m.seed, Rounds: rounds}
}

// matrix makes the choice concrete. Every error is the caller's.
func (p Program) matrix(c *cobra.Command, names []string, ch choice) (m matrix, err error) {
	var counts []int
	if len(ch.cores) > 0 {
		if counts, err = harness.ParseCores(ch.cores, harness.Cores()); err != nil {
			return m, misuse("--cores: %w", err)
		}
	}
	filter, err := harness.ParseFilter(ch.filter)
	if err != nil {
		return m, misuse("--filter: %w", err)
	}
	var suites []harness.Suite
	if ch.command != "" || ch.inputs != "" || ch.program != nil {
		suites, err = m.task(&p, names, ch)
	} else {
		suites, err = load(names)
	}
	if err == nil {
		m.blocks, err = p.blocks(suites, counts)
	}
	if err != nil {
		return m, misuse("%w", err)
	}
	for _, s := range suites {
		m.suites, m.rounds = append(m.suites, s.Name), max(m.rounds, s.Rounds)
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
	m.runner.Command = []string{self, launchCommand}
	workers, note, err := p.workers(c.Context(), ch.worker, self, m.blocks)
	m.runner.Workers, m.runner.Servers = workers, p.servers(self, m.blocks)
	m.notes = slices.DeleteFunc([]string{note, crowded(m)}, func(note string) bool { return note == "" })
	return m, err
}

// load returns the suites of these names, quick if there are none.
func load(names []string) ([]harness.Suite, error) {
	if len(names) == 0 {
		names = []string{defaultSuite}
	}
	var suites []harness.Suite
	for _, name := range names {
		s, err := harness.LoadSuite(name)
		if err != nil {
			return nil, err
		}
		suites = append(suites, s)
	}
	return suites, nil
}

// blocks expands the suites. Counts, if any, replace their core counts.
func (p Program) blocks(suites []harness.Suite, counts []int) ([]harness.Block, error) {
	catalog := harness.Catalog{Strategies: p.Strategies, Cores: harness.Cores()}
	for _, w := range p.Workloads {
		known := harness.Workload{Name: w.Name, Grains: w.Grains, Payloads: w.Payloads, Codecs: w.Codecs, Resumes: w.Kernel.Resumes(), Memories: w.Memories, Finest: w.Finest}
		if w.Grains {
			for _, s := range workloads.Spreads() {
				known.Spreads = append(known.Spreads, s.Name)
			}
		}
		if w.Shapeable() {
			known.Shape = func(name string) (harness.Shaped, error) {
				s, err := w.Shape(name)
				return s.Runs, err
			}
		}
		catalog.Workloads = append(catalog.Workloads, known)
	}
	return catalog.Matrix(suites, counts)
}

// between returns an error unless n lies in low to high.
func between[T cmp.Ordered](flag string, n, low, high T) error {
	if n < low || n > high {
		return misuse("--%s %v is not between %v and %v", flag, n, low, high)
	}
	return nil
}

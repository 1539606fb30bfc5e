package cli

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/probe"
	"github.com/payoff-bench/payoff/harness/run"
	"github.com/payoff-bench/payoff/harness/suite"
	"github.com/payoff-bench/payoff/workloads"
)

// A choice holds the values of the flags that select the cells to measure.
type choice struct {
	filter string
	cores  []string
	seed   uint64
	seeded bool                     // seed is that of a resumed run
	works  map[string]time.Duration // measured time of one input, keyed by workload, for suites made from workloads
	worker string
	python string // path of the interpreter of strategies of Python; "" for python3 in PATH

	workload        string            // only for payoff run: the workload from which to make a suite
	command, inputs string            // only for payoff run
	shell           bool              // whether sh runs the command
	program         []string          // the words of the command of a resumed run; nil for a new one
	function        string            // name of the Python function of --python, as module:function
	resumed         *harness.Function // Python function of a resumed run; nil for a new one
	rules           workloads.Rules

	search *harness.Search // only for payoff find: its question
	advise *harness.Task   // only for payoff advise --workload: the task
}

// flags declares the command-line flags that set the fields of ch.
func (ch *choice) flags(c *cobra.Command, p Program) {
	f := c.Flags()
	f.StringVarP(&ch.filter, "filter", "f", "", "only cells that match `key:value ...`; alternatives are key:a,b or key:(a OR b)")
	f.StringSliceVar(&ch.cores, "cores", nil, "core `counts` that replace those of the suite: numbers, max, or powers (1, 2, 4, … and max)")
	f.Uint64Var(&ch.seed, "seed", 0, "`number` that determines the tasks and the order of launches (default: random, and recorded)")
	f.StringVar(&ch.worker, "worker", "", "`program` that worker processes run (default: payoff-worker if it is installed, otherwise payoff; always payoff for heavy workloads such as http)")
	f.StringVar(&ch.python, "python-bin", "", "`path` of the interpreter that runs strategies of Python (default: python3 in PATH)")
	c.RegisterFlagCompletionFunc("filter", p.completeFilter)
	c.RegisterFlagCompletionFunc("cores", cobra.FixedCompletions([]string{suite.CoresMax, suite.CoresPowers}, cobra.ShellCompDirectiveNoFileComp))
	c.RegisterFlagCompletionFunc("seed", cobra.NoFileCompletions)
	c.ValidArgsFunction = p.completeSuites
}

// A matrix is a choice that [Program.matrix] has expanded for this machine: the blocks, programs and
// seed of a run.
type matrix struct {
	suites   []string      // names of the suites
	rounds   int           // default number of rounds
	budget   time.Duration // default budget; 0 for none
	waits    func(workload string) bool
	blocks   []harness.Block
	seed     uint64
	programs run.Launcher         // commands of launches, workers and servers; the caller sets its folder
	notes    []string             // notes for the report, including left
	left     []string             // notes on cells that this machine cannot run or the suites lack
	folder   string               // working directory of the program of --command, or of the Python function
	content  *run.Guard           // notices changes of that program and its inputs, or of the file of a Python function; nil without --command or --python
	build    *run.Guard           // notices changes of this program and the worker programs
	function *harness.Function    // Python function that is the task; nil without --python
	values   [][]byte             // its inputs as JSON; nil for a resumed run
	search   *harness.Search      // question of payoff find; nil for all other runs
	chooses  []harness.Cell       // cells among which payoff advise --workload chooses; nil for all other runs
	python   *harness.Interpreter // interpreter of strategies of Python; nil if no cell needs it
}

// defaultSuite is the suite to measure if the command line names no suite.
const defaultSuite = "quick"

// plan returns the plan of the run, with at most the given number of rounds; 0 means no limit.
func (m matrix) plan(rounds int) harness.Plan {
	return harness.Plan{Blocks: m.blocks, Seed: m.seed, Rounds: rounds, Waits: m.waits, Search: m.search != nil || m.chooses != nil}
}

// matrix expands the suites and the choice (the flags that select cells) to the blocks and programs
// of a run on this machine. The argument names holds the arguments of the command line.
func (p Program) matrix(c *cobra.Command, names []string, ch choice) (m matrix, err error) {
	var counts []int
	if len(ch.cores) > 0 {
		if counts, err = suite.ParseCores(ch.cores, cores()); err != nil {
			return m, misuse("--cores: %w", ofQuota(err, probe.ReadLimits()))
		}
	}
	filter, err := suite.ParseFilter(ch.filter)
	if err != nil {
		return m, misuse("--filter: %w", err)
	}
	var (
		suites []suite.Suite
		left   []leaving
	)
	if m.search = ch.search; m.search != nil {
		m.suites = []string{m.search.Name()}
		m.blocks, err = p.catalog(ch.python, nil).Search(*m.search)
	} else if ch.advise != nil {
		var of suite.Candidates
		m.suites = []string{"advise-" + ch.advise.Workload}
		of, err = p.catalog(ch.python, nil).Candidates(*ch.advise, ch.works[ch.advise.Workload], cores())
		m.blocks, m.chooses = of.First, of.All
	} else if ch.function != "" || ch.resumed != nil {
		suites, err = m.pythonTask(c.Context(), &p, names, ch)
	} else if ch.command != "" || ch.inputs != "" || ch.program != nil {
		suites, err = m.task(&p, names, ch)
	} else {
		suites, m.notes, err = p.load(names, ch)
	}
	if err == nil && m.search == nil && m.chooses == nil {
		m.blocks, err = p.blocks(suites, counts, ch.python, func(c harness.Cell, reason error) { left = append(left, leaving{c, reason}) })
	}
	if err == nil && len(m.blocks) == 0 {
		err = errors.New(strings.Join(leftOut(left), "; "))
	}
	if err != nil {
		return m, misuse("%w", ofQuota(err, probe.ReadLimits()))
	}
	for _, s := range suites {
		m.suites, m.rounds = append(m.suites, s.Name), max(m.rounds, s.Rounds)
		m.budget += s.Budget
	}
	if slices.ContainsFunc(suites, func(s suite.Suite) bool { return s.Budget == 0 }) {
		m.budget = 0 // no limit, because the sum lacks the time of the suite without a budget
	}
	m.waits = p.waits
	filter, elsewhere, err := p.present(filter, m.suites, m.blocks)
	if err == nil {
		m.blocks, err = filter.Apply(m.blocks)
	}
	if err != nil {
		return m, misuse("--filter: %w", err)
	}
	left = slices.DeleteFunc(left, func(l leaving) bool { return !filter.Selects(l.cell) })
	machine, _ := probe.Machine()
	blocks, large, err := fitting(m.blocks, machine.Memory, probe.ReadLimits())
	if err != nil {
		return m, misuse("%w", err)
	}
	if m.search != nil && len(blocks) < len(m.blocks) {
		return m, misuse("%s; give a smaller --to", strings.Join(leftOut(large), "; "))
	}
	m.blocks, m.left = blocks, append(elsewhere, leftOut(append(left, large...))...)
	if m.seed = ch.seed; !ch.seeded && !c.Flags().Changed("seed") {
		m.seed = uint64(rand.Uint32())
	}
	self, err := os.Executable()
	if err != nil {
		return m, err
	}
	if err := intact("the path of this program", self); err != nil {
		return m, misuse("%w", err)
	}
	m.programs.Command = []string{self, launchCommand}
	if m.python, err = p.interpreter(c.Context(), ch.python, m.blocks); err != nil {
		return m, misuse("%w", err)
	}
	if m.python != nil {
		m.programs.Python = m.python.Path
	}
	workers, note, err := p.workers(c.Context(), ch.worker, self, m.blocks)
	m.programs.Workers, m.programs.Servers = workers, p.servers(self, m.blocks)
	m.notes = slices.DeleteFunc(slices.Concat(m.notes, []string{note, crowded(m)}, m.left), func(note string) bool { return note == "" })
	if err == nil {
		m.build, err = m.guard()
	}
	return m, err
}

// load returns the suites with the given names, or the default suite if there are no names. For each
// suite that payoff makes from a workload, it also returns a note for the report.
func (p Program) load(names []string, ch choice) (suites []suite.Suite, notes []string, err error) {
	if len(names) == 0 {
		names = []string{defaultSuite}
	}
	for _, name := range names {
		var s suite.Suite
		if suite.IsSweep(name) {
			var note string
			s, note, err = p.sweep(name, ch)
			notes = append(notes, note)
		} else {
			s, err = suite.Load(name)
		}
		if err != nil {
			return nil, nil, err
		}
		suites = append(suites, s)
	}
	return suites, notes, nil
}

// blocks expands the suites into blocks. If counts is not empty, it replaces the core counts of the
// suites. For each cell that this system cannot run, it calls lacking with the cell and the reason.
// The argument interpreter is the path of the interpreter that runs strategies of Python.
func (p Program) blocks(suites []suite.Suite, counts []int, interpreter string, lacking func(harness.Cell, error)) ([]harness.Block, error) {
	return p.catalog(interpreter, lacking).Matrix(suites, counts)
}

// catalog returns the things that suites refer to, on this machine. For lacking see
// [suite.Catalog.Lacking].
func (p Program) catalog(interpreter string, lacking func(harness.Cell, error)) suite.Catalog {
	return suite.Catalog{Strategies: p.Strategies, Workloads: p.Workloads, Cores: cores(), Lacking: lacking, Python: interpreter}
}

// between returns an error if n is not from low to high, inclusive. The error names the flag.
func between[T cmp.Ordered](flag string, n, low, high T) error {
	if n < low || n > high {
		return misuse("--%s %v is not between %v and %v", flag, n, low, high)
	}
	return nil
}

// Package cli is the payoff command as a library. [Own] is the main function of a program that adds
// strategies or workloads. [Main] runs the command with exactly the strategies and workloads of a
// [Program]. Each subcommand has a file of its own.
//
// This package is the only one that reads flags, the terminal and the environment, prints, and
// handles signals.
package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/workloads"
)

// Exit statuses that Main returns.
const (
	Good    = 0
	Failed  = 1 // a bad result, such as a failed gate, or a failed run
	Misused = 2 // wrong usage, or missing input

	Unresolved = 3 // the measurements give no clear answer
)

// A Program describes the program that runs the command: its version and its tables.
type Program struct {
	// Version and Commit identify the build. If they are empty, Main uses the version and commit
	// that the Go toolchain recorded in the program.
	Version, Commit string
	Strategies      []catalog.Strategy
	Workloads       []workloads.Workload
	// Kinds are additional lists for payoff list.
	Kinds []Kind
	// Lean is the file name of a small program for worker processes, which starts fast. It serves
	// the kernels of all workloads that are not Heavy. Worker processes of these workloads run it
	// if it is in the folder of this program, or installed from the same version. All other worker
	// processes run this program. "" means that there is no lean program.
	Lean string

	callers []string // command of worker processes that call the Python function of --python
}

// Main runs the command with args, the arguments after the program's name, and returns the exit
// status. It writes results to stdout; errors (as "payoff: …") and progress go to stderr.
//
// On the first SIGINT, SIGTERM or SIGHUP, a run keeps its samples, reports them and ends. A second
// SIGINT or SIGTERM kills the process. If this process is a worker process, Main serves the kernels
// of the workloads and exits.
func Main(args []string, stdout, stderr io.Writer, p Program) int {
	runtime.MemProfileRate = 0 // the runtime samples no allocations, unless a profile of this process starts
	worker.Main(workloads.Kernels(p.Workloads))
	p.stamp()
	if err := p.check(); err != nil {
		fmt.Fprintln(stderr, "payoff:", err)
		return Misused
	}
	root := &cobra.Command{
		Use:   "payoff",
		Short: "which concurrency strategy pays off, for which task size, on this machine",
		Long: `payoff measures which concurrency strategy pays off for a task: from which task
size on, by how much, and why. It runs the same job with each strategy, each time in
a fresh process, and compares the strategies with the loop (direct), which runs the
tasks one after the other without an executor. The strategies use goroutines, worker
processes, or the pools of other libraries. The command "payoff list strategies" lists
them.

Exit status: 0 good, 1 a bad result or failed run, 2 wrong usage or missing input,
3 no clear answer.`,
		Example: `  payoff run quick                           measure the quick suite
  payoff run --filter 'strategy:pool grain:1000'   only some of its cells
  payoff report results/latest               print the answer of a run again
  payoff compare results/latest              compare its strategies in pairs
  payoff compare results/A results/B         compare two runs cell by cell
  payoff check results/latest --gates gates.toml   check that its results keep the gates (limits)
  payoff advise --cpu 5us                    name the strategy for tasks of 5 µs
  payoff find crossover --strategy procs --axis grain --workload spin   find the break-even task size
  payoff predict --cpu 20us --payload 4k     predict the makespan of each strategy
  payoff why spin 10us procs pool            explain why one takes longer than another
  payoff claims results/latest               put common claims about pools to the test
  payoff serve                               show the runs in a browser
  payoff worker --nats nats://host:4222      run tasks for programs on other hosts
  payoff list strategies                     list what can be compared
  payoff doctor                              check what makes timings noisy here`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return misuse("name a command; payoff help lists all commands")
			}
			return misuse("unknown command %q; payoff help lists all commands", args[0])
		},
		RunE:          func(*cobra.Command, []string) error { return nil },
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return misuse("%w; %s --help lists the flags", plain(c, err), c.CommandPath())
	})
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		if c.Name() == "report" || c.Name() == "compare" || c.Name() == "check" || c.Name() == "ab" || c.Name() == "claims" { // they print text from files, which may have control characters
			c.SetOut(&printable{Writer: stdout})
		}
		return noneEmpty(c)
	}
	root.SetHelpCommand(helpCommand(root))
	root.AddCommand(p.runCommand(), p.reportCommand(), p.compareCommand(), p.abCommand(), p.checkCommand(), p.whyCommand(), p.claimsCommand(), p.serveCommand(), p.workerCommand(), p.adviseCommand(), p.findCommand(), p.predictCommand(), p.simulateCommand(), p.profileCommand(), p.doctorCommand(), p.listCommand(), p.grainsCommand(), p.versionCommand(), p.launchCommand(), p.serverCommand(), p.clusterHostCommand(), p.cellsCommand())

	// Usage lines and completion scripts show the file name of this program. Cobra cuts Use at a
	// blank, so Use cannot hold a name with a blank.
	root.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: filepath.Base(self())}
	if !strings.ContainsAny(filepath.Base(self()), " \t\n") {
		root.Use = filepath.Base(self())
	}
	rename(root)

	err := noneTwice(root, args)
	if err == nil {
		err = root.Execute()
	}
	if err == nil {
		return Good
	}
	prefix := "payoff: "
	if len(args) > 0 && args[0] == launchCommand {
		prefix = "" // the run that started this launch adds its own prefix
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintln(stderr, prefix+named(line, self()))
	}
	var status *statusError
	if errors.As(err, &status) {
		return status.status
	}
	return Failed
}

// A statusError is an error together with the exit status that it causes.
type statusError struct {
	status int
	error
}

func (e *statusError) Unwrap() error { return e.error }

// misuse returns an error with the exit status for wrong usage or missing input.
func misuse(format string, args ...any) error {
	return &statusError{Misused, fmt.Errorf(format, args...)}
}

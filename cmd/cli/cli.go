// Package cli is the command payoff as a library. A program with strategies or workloads of
// its own has all of it by one call of [Own]; [Main] is the command over any tables. Each
// subcommand is a file.
//
// Only this package talks to people: it reads flags, the terminal and the environment,
// prints, and handles signals.
package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/workloads"
)

// What Main returns, for the program to exit with.
const (
	Good    = 0
	Failed  = 1 // a run failed, or its results could not be written
	Misused = 2 // wrong usage, or input that is missing
)

// A Program is what a main hands to the command: its tables and what it knows of itself.
type Program struct {
	// Version and Commit say what was built, as the build stamped them; where they are
	// empty, what the Go toolchain recorded is used.
	Version, Commit string
	Strategies      []catalog.Strategy
	Workloads       []workloads.Workload
	// Kinds are what else there is to list.
	Kinds []Kind
	// Lean names a program that serves the kernels of workloads that are not heavy. Where it
	// is in the folder of this program, their worker processes run it; else, and for all other
	// workloads, they run this program again.
	Lean string
}

// Main runs the command with the arguments that follow the program's name. Results go to
// stdout; errors, as "payoff: …", and progress to stderr. It returns the exit status.
//
// The first SIGINT, SIGTERM or SIGHUP lets a run keep what it measured, report it and end;
// a second SIGINT or SIGTERM kills. In a worker process that is this program again Main
// serves the kernels of the workloads and exits.
func Main(args []string, stdout, stderr io.Writer, p Program) int {
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
size on, by how much, and why. It runs the same job by each strategy, each time in
a fresh process, and compares them with a plain loop that is measured next to them.
Strategies are goroutines in several ways, worker processes, and other people's
pools in their own idiom; payoff list strategies names them.

Exit status: 0 good, 1 a run failed, 2 wrong usage or missing input.`,
		Example: `  payoff run quick                           measure the quick suite
  payoff run --filter 'strategy:pool grain:1000'   only some of its cells
  payoff report results/latest               read a run again
  payoff compare results/latest              its strategies, two at a time
  payoff list strategies                     what there is to compare
  payoff doctor                              what makes timings noisy here`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return misuse("which command? payoff help lists them")
			}
			return misuse("unknown command %q; payoff help lists them", args[0])
		},
		RunE:          func(*cobra.Command, []string) error { return nil },
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return misuse("%w; %s --help lists what there is", plain(c, err), c.CommandPath())
	})
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error { return noneEmpty(c) }
	root.SetHelpCommand(helpCommand(root))
	root.AddCommand(p.runCommand(), p.reportCommand(), p.compareCommand(), p.profileCommand(), p.doctorCommand(), p.listCommand(), p.grainsCommand(), p.versionCommand(), p.launchCommand(), p.serveCommand())

	err := root.Execute()
	if err == nil {
		return Good
	}
	prefix := "payoff: "
	if len(args) > 0 && args[0] == launchCommand {
		prefix = "" // the run that started this launch says it, with a prefix of its own
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintln(stderr, prefix+line)
	}
	var status *statusError
	if errors.As(err, &status) {
		return status.status
	}
	return Failed
}

// A statusError is an error that says what the command exits with.
type statusError struct {
	status int
	error
}

func (e *statusError) Unwrap() error { return e.error }

// misuse returns the error of a wrong call of the command, or of input that is missing.
func misuse(format string, args ...any) error {
	return &statusError{Misused, fmt.Errorf(format, args...)}
}

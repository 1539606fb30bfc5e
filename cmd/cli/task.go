package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/run"
	"github.com/payoff-bench/payoff/harness/suite"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/kernels"
	"github.com/spf13/cobra"
)

// taskFlags declares the flags for --command, which measures a program as the task.
func (ch *choice) taskFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&ch.command, "command", "", "`program` to measure as a task instead of suites, such as 'prog {}'")
	f.StringVar(&ch.inputs, "inputs", "", "`file` with one input per line for the command or the Python function, or module:generator for the function")
	f.BoolVar(&ch.shell, "shell", false, "run the command in sh; {} stands for the line as one argument")
	f.BoolVar(&ch.rules.Stdin, "stdin", false, "give the line to the command as its standard input; {} is then optional")
	f.StringArrayVar(&ch.rules.Env, "env", nil, "environment variable of the command, as `NAME=value`; may be repeated")
	f.Var((*exitFlag)(&ch.rules.Exit), "exit-codes", "exit statuses that count as success, such as `0,1`, or any, which excludes 126 and 127 (default 0)")
	f.DurationVar(&ch.rules.Timeout, "timeout", workloads.UsualTimeout, "time `limit` of one run of the command; with --python, of the check of the function and of each job")
	f.BoolVar(&ch.rules.NoDigest, "no-digest", false, "do not compare outputs, for a command whose output differs from run to run")
	f.StringVar(&ch.rules.Prepare, "prepare", "", "shell `command` to run before each launch, outside the timing")
	f.StringVar(&ch.rules.Cleanup, "cleanup", "", "shell `command` to run after each launch, outside the timing")
	c.MarkFlagFilename("inputs")
	for _, name := range taskOptions {
		c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
}

// taskOptions are the flags that need --command.
var taskOptions = []string{"shell", "stdin", "env", "exit-codes", "timeout", "no-digest", "prepare", "cleanup"}

// taskOnly returns an error if one of the flags in taskOptions is set without --command, or if
// --timeout is out of range.
func taskOnly(c *cobra.Command) error {
	for _, name := range taskOptions {
		if name == "timeout" && c.Flags().Changed("python") {
			continue
		}
		if c.Flags().Changed(name) && !c.Flags().Changed("command") {
			return misuse("--%s applies only to a program that is measured as a task; add --command and --inputs, or remove this flag (a resumed run keeps its flags)", name)
		}
	}
	if f := c.Flags().Lookup("timeout"); f.Changed {
		limit, err := c.Flags().GetDuration("timeout")
		if err != nil {
			return err
		}
		return between("timeout", limit, workloads.ShortestTimeout, workloads.LongestTimeout)
	}
	return nil
}

// An exitFlag is the value of --exit-codes.
type exitFlag []int

func (e *exitFlag) String() string { return "" }

func (e *exitFlag) Type() string { return "statuses" }

func (e *exitFlag) Set(text string) (err error) {
	*e, err = workloads.ParseExit(text)
	return err
}

// task prepares m to measure the program of --command as the task, instead of suites. It returns a
// suite for the program, and adds the workload that runs the program to p.
func (m *matrix) task(p *Program, names []string, ch choice) ([]suite.Suite, error) {
	switch {
	case len(names) > 0:
		return nil, fmt.Errorf("--command is measured by itself, not with suite %s; run them separately", names[0])
	case ch.command == "" && ch.program == nil:
		return nil, errors.New("--inputs without --command: name the program that takes the inputs, such as --command 'prog {}', or the Python function by --python module:function")
	case ch.inputs == "":
		return nil, errors.New("--command without --inputs: name a file with one input per line")
	case ch.shell && !ch.rules.Stdin && !strings.Contains(ch.command, "{}") && !strings.Contains(ch.command, "$1"):
		return nil, errors.New("--command has no {}, which stands for a line of the inputs; add {} where the input belongs, or add --stdin")
	}
	program, err := slices.Clone(ch.program), error(nil)
	if program == nil && ch.shell {
		program, err = kernels.Shell(ch.command)
	} else if program == nil {
		program, err = kernels.SplitCommand(ch.command, ch.rules.Stdin)
	}
	if err != nil {
		return nil, fmt.Errorf("--command: %w", err)
	}
	found, err := exec.LookPath(program[0])
	if err == nil {
		found, err = filepath.Abs(found)
	}
	if err != nil {
		return nil, fmt.Errorf("--command: program %s: %w%s", program[0], errors.Unwrap(err), unfound(err))
	}
	program[0] = found
	inputs, err := filepath.Abs(ch.inputs)
	var lines []string
	if err == nil {
		lines, err = kernels.ReadInputs(program, ch.inputs, ch.rules)
	}
	if err != nil {
		return nil, fmt.Errorf("--inputs: %w", err)
	}
	m.programs.Program, m.programs.Inputs, m.programs.Rules = program, inputs, ch.rules
	if m.folder, err = os.Getwd(); err != nil {
		return nil, err
	}
	for _, arg := range slices.Concat(program, ch.rules.Env, []string{ch.rules.Prepare, ch.rules.Cleanup}) {
		if err := intact("--command", arg); err != nil {
			return nil, err
		}
	}
	if err := cmp.Or(intact("--inputs", inputs), intact("the working directory", m.folder)); err != nil {
		return nil, err
	}
	if m.content, err = run.NewGuard(found, inputs); err != nil {
		return nil, err
	}
	if ch.rules.Prepare == "" && ch.rules.Cleanup == "" { // without these commands, which may change files
		var words []string
		for i, arg := range program[1:] {
			if program[i] == "-c" { // the next word is a shell script
				words = append(words, shellWords(arg)...)
			} else if !strings.Contains(arg, "{}") {
				words = append(words, arg)
			}
		}
		names := slices.Concat(mentioned(m.folder, words), kernels.Arguments(program, lines))
		if ch.rules.Stdin {
			names = append(names, lines...)
		}
		m.content.Watch(names)
	}
	p.Workloads = append(slices.Clip(p.Workloads), kernels.Command())
	s, err := suite.Parse("command.toml", commandSuite(cores()))
	return []suite.Suite{s}, err
}

// intact returns an error if text, such as a path, is not valid UTF-8. JSON cannot hold such text
// unchanged, so a path in a launch spec or in run.json would name another file. The error begins
// with the argument what, a description of the text.
func intact(what, text string) error {
	if utf8.ValidString(text) {
		return nil
	}
	return fmt.Errorf("%s contains bytes that are not UTF-8: %q; use a link or a copy with another name", what, text)
}

// guard returns a guard that notices changes of this program and of the worker programs. The
// version and commit of this program do not show every change, such as an uncommitted change or a
// change of a user's own program.
func (m matrix) guard() (*run.Guard, error) {
	g, err := run.NewGuard(m.executed()...)
	if err != nil {
		return nil, fmt.Errorf("programs of the run: %w", err)
	}
	return g, nil
}

// executed returns the paths of the programs that launches execute: this program and the worker
// programs.
func (m matrix) executed() []string {
	self := m.programs.Command[0]
	var others []string
	for _, command := range m.programs.Workers {
		if command[0] != self {
			others = append(others, command[0])
		}
	}
	slices.Sort(others)
	return append([]string{self}, slices.Compact(others)...)
}

// unfound returns a remedy for err, the error of a program that payoff cannot run. It returns "" if
// there is no known remedy.
func unfound(err error) string {
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "; payoff uses no shell: --shell runs the command in sh, and --env sets a variable"
	case errors.Is(err, fs.ErrPermission):
		return "; chmod +x makes the file executable"
	}
	return ""
}

// commandSuite returns a suite that runs a program with several numbers of workers: below, at and
// above the number of cores.
func commandSuite(cores int) []byte {
	counts := []int{1, cores / 2, cores, 2 * cores, 4 * cores}
	slices.Sort(counts)
	counts = slices.DeleteFunc(slices.Compact(counts), func(n int) bool { return n < 1 || n > harness.MaxWorkers })
	return fmt.Appendf(nil, `question = "How many of these programs at a time pay off?"
[[block]]
workload = "command"
[[block.cell]]
strategy = "pool"
workers = %s
`, strings.ReplaceAll(fmt.Sprint(counts), " ", ", "))
}

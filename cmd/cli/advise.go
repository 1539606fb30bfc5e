package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/probe"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/harness/report"
	"github.com/payoff-bench/payoff/harness/suite"
)

// maxRuns is the number of runs that advise reads, beginning with the newest.
const maxRuns = 20

func (p Program) adviseCommand() *cobra.Command {
	var cpu, wait, payload, memory, from string
	var n harness.Need
	c := &cobra.Command{
		Use:   "advise --cpu time | --wait time",
		Short: "Name the strategy to use for a task, from the runs so far",
		Long: `Advise answers from the newest run of this machine that measured such tasks: which
strategy to use, how much faster than a loop it is, how sure that is, and the Go code.
Between two measured sizes advise interpolates; beyond them it gives no answer. If no
run has an answer, advise prints the command that measures such tasks, and how long that
command takes.

The time in --cpu or --wait is the whole time of one task in a plain loop.

With --tasks the time of a job includes the start of the workers, which matters for short
jobs. With --crash advise considers only strategies that survive if a task ends its
process.

Exit status: 0 an answer, 2 wrong usage or no run, 3 no run answers this.`,
		Example: `  payoff advise --cpu 5us
  payoff advise --wait 1ms --tasks 10000
  payoff advise --cpu 20us --crash --from results/reference`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return misuse("advise takes flags only: payoff advise --cpu 5us, not %q", args[0])
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			for _, f := range []struct {
				name, text string
				into       any
			}{{"cpu", cpu, &n.CPU}, {"wait", wait, &n.Wait}, {"payload", payload, &n.Payload}, {"memory", memory, &n.Memory}} {
				if !c.Flags().Changed(f.name) {
					continue
				}
				switch into := f.into.(type) {
				case *time.Duration:
					*into, err = harness.ParseTime(f.text)
				case *int:
					*into, err = harness.ParseSize(f.text)
				}
				if err != nil {
					return misuse("--%s %w", f.name, err)
				}
			}
			if c.Flags().Changed("tasks") {
				if err := between("tasks", n.Tasks, 1, 1<<40); err != nil {
					return err
				}
			}
			if err := n.Check(); err != nil {
				return misuse("advise: %w", err)
			}
			return p.advise(c, n, from)
		},
	}
	f := c.Flags()
	f.StringVar(&cpu, "cpu", "", "`time` of one task that computes, in a plain loop, such as 5us")
	f.StringVar(&wait, "wait", "", "`time` of one task that mostly waits (for a timer, a disk or a service), in a plain loop, such as 1ms")
	f.StringVar(&payload, "payload", "", "`bytes` sent with a task, such as 4k")
	f.StringVar(&memory, "memory", "", "`bytes` that are live on the heap while tasks allocate, such as 64m")
	f.IntVar(&n.Tasks, "tasks", 0, "`number` of tasks in a job (default: so many that the start of the workers takes no noticeable share)")
	f.BoolVar(&n.Crash, "crash", false, "a task may end its process")
	f.StringVar(&from, "from", "", "`folder` of the run to use (default: the newest run with such tasks, preferably from this machine)")
	for _, name := range []string{"cpu", "wait", "payload", "memory", "tasks"} {
		c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
	c.MarkFlagDirname("from")
	return c
}

// A source is a run that advise can use.
type source struct {
	dir  string
	info harness.Info
	own  bool // this machine, or one with the same CPU and cores, made the run
	*analyze.Analysis
}

func (s source) String() string {
	text := fmt.Sprintf("From %s, %s", s.dir, s.info.Started.Format(time.DateOnly))
	if !s.own {
		text += ", ANOTHER MACHINE: " + strings.TrimSpace(s.info.Machine.CPU+" "+format.Count(s.info.Machine.Cores, "core"))
	}
	if s.info.Foreign != "" {
		text += ", DOUBTFUL: " + s.info.Foreign
	}
	return text
}

// advise prints which strategy to use for the tasks that n describes. If from is the folder of a
// run, the answer comes from that run. Otherwise it comes from the newest run with such tasks.
func (p Program) advise(c *cobra.Command, n harness.Need, from string) error {
	command := fmt.Sprintf("%s measures this in at most %s", command("run", n.String()), format.Elapsed(suite.NeedBudget(n)))
	runs, err := p.sources(from)
	if err != nil {
		return err
	}
	if len(runs) == 0 {
		return misuse("the folder %s has no run that could give advice: %s", resultsDir, command)
	}
	var nearest analyze.Counsel
	var near source
	for i, run := range runs {
		counsel, ok := run.Counsel(n)
		switch {
		case !ok:
		case counsel.Outside:
			if near.Analysis == nil {
				nearest, near = counsel, run
			}
		default:
			var code []string
			if counsel.Why == "" {
				code = p.Code(counsel.Use[0].Cell)
			}
			text := run.String() + p.dissent(runs[i+1:], n, counsel)
			if err := report.Counsel(c.OutOrStdout(), counsel, code, text); err != nil {
				return err
			}
			if counsel.Sure == analyze.Uncertain {
				return &statusError{Unresolved, errors.New("this answer is uncertain: " + command)}
			}
			return nil
		}
	}
	if near.Analysis == nil {
		where := ""
		if slices.ContainsFunc(runs, func(s source) bool { return s.Busy() }) {
			where = " on a quiet machine"
		}
		return &statusError{Unresolved, errors.New("no run measured such tasks" + where + ": " + command)}
	}
	if err := report.Counsel(c.OutOrStdout(), nearest, nil, near.String()); err != nil {
		return err
	}
	return &statusError{Unresolved, errors.New("no run measured tasks of this size: " + command)}
}

// dissent compares the given answer with that of another run: the first one with a certain answer
// for n. If the answers differ, dissent returns a phrase that says so, and otherwise "". It also
// returns "" if no other run has a certain answer.
func (p Program) dissent(others []source, n harness.Need, given analyze.Counsel) string {
	for _, run := range others {
		c, ok := run.Counsel(n)
		if !ok || c.Outside || c.Sure == analyze.Uncertain {
			continue
		}
		if analyze.Short(c.Use[0].Cell) != analyze.Short(given.Use[0].Cell) {
			return fmt.Sprintf("; %s says %s", run.dir, analyze.Short(c.Use[0].Cell))
		}
		return ""
	}
	return ""
}

// sources returns the run in the folder from. If from is "", it returns the newest runs in the
// folder results: first those of this machine, then others, each group with the newest first. It
// ignores folders that are not runs, and runs whose files were changed.
func (p Program) sources(from string) (runs []source, err error) {
	machine, _ := probe.Machine()
	read := func(name string) error {
		dir, info, samples, err := readRun(name)
		if err == nil && (info.Foreign == "" || from != "") {
			m := info.Machine
			own := m.CPU == machine.CPU && m.Cores == machine.Cores && m.GOOS == machine.GOOS && m.GOARCH == machine.GOARCH
			runs = append(runs, source{dir, info, own, p.analyze(info, samples)})
		}
		return err
	}
	if from != "" {
		return runs, read(from)
	}
	found, err := filepath.Glob(filepath.Join(resultsDir, "*", record.InfoFile))
	if err != nil {
		return nil, err
	}
	slices.Sort(found) // by time, because the names begin with it
	slices.Reverse(found)
	seen := 0
	for _, file := range found {
		dir := filepath.Dir(file)
		if filepath.Base(dir) == filepath.Base(newest) {
			continue // a link to another folder in found
		}
		if seen++; seen > maxRuns {
			break
		}
		if read(dir) != nil {
			continue // not a run, or a damaged one; payoff report names the damage
		}
	}
	slices.SortStableFunc(runs, func(x, y source) int {
		if x.own != y.own {
			return map[bool]int{true: -1, false: 1}[x.own]
		}
		return y.info.Started.Compare(x.info.Started)
	})
	return runs, nil
}

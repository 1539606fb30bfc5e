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
	"github.com/payoff-bench/payoff/harness/model"
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
	var f consultation
	c := &cobra.Command{
		Use:   "advise [folder] --cpu time | --wait time | --workload name",
		Short: "Name the strategy to use for a task, from the runs so far or from a short measurement",
		Long: `Advise answers from the newest run of this machine that measured such tasks: which
strategy to use, how much faster than a loop it is, how sure that is, and the Go code.
Between two measured sizes advise interpolates, and adds what the cost model of payoff
predict says. If no run measured such tasks, advise uses the cost model between and near
the measured tasks: up to twice their size. Such an answer is marked PREDICTED, and has a
95 % band. Further away advise prints the command that measures such tasks, and how long
that command takes.

The time in --cpu or --wait is the whole time of one task in a plain loop.

With --tasks the time of a job includes the start of the workers, which matters for short
jobs. With --crash advise considers only strategies that survive if a task ends its
process.

With --workload advise measures the tasks of a workload, your own or one of payoff list
workloads, and ends within two minutes:
  1. It measures a few chunks and numbers of workers of each strategy that may be the best.
  2. It fits a cost model to them, which predicts the other chunks and numbers of workers.
  3. It measures the cells with the smallest expected makespans together, round by round.
It prints the strategy, chunk and workers to use, and the expected makespans next to those
of the check. --grain, --payload and --memory describe the task.

Exit status: 0 an answer, 1 a failed run, 2 wrong usage or no run, 3 no run answers this,
or the check leaves open whether another strategy is faster by over 5 %.`,
		Example: `  payoff advise --cpu 5us
  payoff advise --wait 1ms --tasks 10000
  payoff advise --cpu 20us --crash --from results/reference
  payoff advise --workload json --grain 100us`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			if _, err := harness.ParseTime(args[0]); err == nil {
				return misuse("the time of a task is a flag: payoff advise --cpu %s", args[0])
			}
			if len(args) > 1 || c.Flags().Changed("from") {
				return misuse("advise reads one folder; name it once")
			}
			from = args[0]
			return nil
		},
		ValidArgsFunction: completeFolder,
		RunE: draining(func(c *cobra.Command, _ []string) (err error) {
			if c.Flags().Changed("workload") {
				f.size.payload, f.size.memory = payload, memory
				return p.measured(c, f)
			}
			for _, name := range []string{"grain", "budget", "seed", "out", "worker"} {
				if c.Flags().Changed(name) {
					return misuse("--%s applies only to a measurement; add --workload, or remove it", name)
				}
			}
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
		}),
	}
	f.flags(c, p)
	flags := c.Flags()
	flags.StringVar(&cpu, "cpu", "", "`time` of one task that computes, in a plain loop, such as 5us")
	flags.StringVar(&wait, "wait", "", "`time` of one task that mostly waits (for a timer, a disk or a service), in a plain loop, such as 1ms")
	flags.StringVar(&payload, "payload", "", "`bytes` sent with a task, such as 4k")
	flags.StringVar(&memory, "memory", "", "`bytes` that are live on the heap while tasks allocate, such as 64m")
	flags.IntVar(&n.Tasks, "tasks", 0, "`number` of tasks in a job (default: enough that the start of the workers does not matter)")
	flags.BoolVar(&n.Crash, "crash", false, "a task may end its process")
	flags.StringVar(&from, "from", "", "`folder` of the run to use (default: the newest run with such tasks, preferably from this machine)")
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
	own  bool // the run was measured on this machine, or on one with the same CPU and cores
	*analyze.Analysis
	samples []harness.Sample
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
			text, foretold := run.String()+p.dissent(runs[i+1:], n, counsel), ""
			if counsel.Interpolated() && counsel.Why == "" {
				_, all := p.nearby(run, n)
				foretold = report.NearbyText(all, counsel.Use[0].Cell)
			}
			if err := report.Counsel(c.OutOrStdout(), counsel, foretold, code, text); err != nil {
				return err
			}
			if counsel.Sure == analyze.Uncertain {
				return &statusError{Unresolved, errors.New("this answer is uncertain: " + command)}
			}
			return nil
		}
	}
	for _, run := range runs {
		if m, all := p.nearby(run, n); len(all) > 0 {
			return report.Nearby(c.OutOrStdout(), n, all, m, p.Code(all[0].Cell()), run.String())
		}
	}
	if near.Analysis == nil {
		where := ""
		if slices.ContainsFunc(runs, func(s source) bool { return s.Busy() }) {
			where = " on a quiet machine"
		}
		return &statusError{Unresolved, errors.New("no run measured such tasks" + where + ": " + command)}
	}
	if err := report.Counsel(c.OutOrStdout(), nearest, "", nil, near.String()); err != nil {
		return err
	}
	return &statusError{Unresolved, errors.New("no run measured tasks of this size: " + command)}
}

// nearby returns the predictions of the run's cost model for the tasks that n describes, between and
// near the run's tasks. It returns none for tasks that the model does not cover, and for a busy run.
func (p Program) nearby(run source, n harness.Need) (model.Model, []model.Prediction) {
	if n.CPU == 0 || n.Memory > 0 || n.Crash || n.Tasks > 0 || run.Busy() {
		return model.Model{}, nil
	}
	m := model.New(run.samples, analyze.Settings{Waits: p.waits})
	cores := m.MostCores()
	at := model.Point{Work: float64(n.CPU), Payload: n.Payload, Workers: cores, Cores: cores, Tasks: model.Tasks(float64(n.CPU), cores)}
	return m, m.Nearby(at)
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
			runs = append(runs, source{dir, info, own, p.analyze(info, samples), samples})
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
	slices.Sort(found) // sorted by time, because the names begin with the time
	slices.Reverse(found)
	seen := 0
	for _, file := range found {
		dir := filepath.Dir(file)
		if filepath.Base(dir) == filepath.Base(newest) {
			continue // a link to a folder that is in found too
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

package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/model"
	"github.com/payoff-bench/payoff/harness/report"
)

// mostWorkers is the largest number of workers or cores of a prediction.
const mostWorkers = 1 << 16

// longestWork is the longest work of a task of a prediction.
const longestWork = time.Hour

// A forecast holds the flags of payoff predict.
type forecast struct {
	supposed
	workers int
	costs   bool
}

func (p Program) predictCommand() *cobra.Command {
	var f forecast
	c := &cobra.Command{
		Use:   "predict --cpu time",
		Short: "Predict the makespan of each strategy for tasks that no run measured",
		Long: `Predict fits a cost model to the samples of a run, and answers for tasks between those
that the run measured: each strategy's time per task, its speed-up, and the task size from
which it is faster than the loop. The model has costs per task, chunk, byte and job, on
workers and on the dispatcher; --costs prints them.

Each answer has a 95 % band. It follows from the errors on held-out cells: task by task,
predict fits the model without that task and compares its prediction with the measurement.
It prints these errors too. Outside the range of a strategy's cells predict refuses an
answer, unless --force is set; then the answer is marked.

The model is about tasks that compute, have equal work and are all ready at the start. The
time in --cpu is that of one task in a plain loop.

Exit status: 0 a prediction, 2 wrong usage or no run, 3 no strategy has a prediction: too
few cells, or the task is outside the range.`,
		Example: `  payoff predict --cpu 20us
  payoff predict --cpu 20us --payload 16k --from results/reference
  payoff predict --cpu 20us --workers 16 --cores 32 --force
  payoff predict --cpu 5us --costs`,
		Args:              onlyFlags("payoff predict --cpu 20us"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			at, err := f.point(c)
			if err != nil {
				return err
			}
			_, info, samples, err := readRun(f.from)
			if err != nil {
				return err
			}
			doubt(c, f.from, info)
			return p.predict(c, f, at, samples)
		},
	}
	f.flags(c, "`number` of cores (default: the largest of the run)", "`number` of tasks in a job (default: the number that a run would choose)", "answer outside the judged range too, and mark such answers")
	flags := c.Flags()
	flags.IntVar(&f.workers, "workers", 0, "`number` of workers (default: the number of cores)")
	flags.BoolVar(&f.costs, "costs", false, "print the fitted costs of each strategy")
	c.RegisterFlagCompletionFunc("workers", cobra.NoFileCompletions)
	return c
}

// point returns the job that the flags describe. If the flags do not set Workers, Cores or Tasks,
// the field is 0.
func (f forecast) point(c *cobra.Command) (at model.Point, err error) {
	if at.Work, at.Payload, err = f.task(c, mostWorkers, 1<<40); err != nil {
		return at, err
	}
	if err := limited(c, limit{"workers", f.workers, 1, mostWorkers}); err != nil {
		return at, err
	}
	at.Workers, at.Cores, at.Tasks = f.workers, f.cores, f.tasks
	return at, nil
}

// predict prints the predictions for the job at, from the samples of a run.
func (p Program) predict(c *cobra.Command, f forecast, at model.Point, samples []harness.Sample) error {
	m := model.New(samples, analyze.Settings{Waits: p.waits})
	if len(m.Series) == 0 {
		why := fmt.Sprintf("it has %d cells that the model covers", m.Cells)
		if len(m.Lacking) > 0 {
			why = m.Lacking[0].Why
		}
		return unresolved("%s has too few cells for a prediction (%s); %s measures enough", f.from, why, command("run", "quick"))
	}
	at.Cores = cmp.Or(at.Cores, m.MostCores())
	at.Workers = cmp.Or(at.Workers, at.Cores)
	at.Tasks = cmp.Or(at.Tasks, model.Tasks(at.Work, at.Workers))
	all := m.Predict(at)
	var refused []string
	if !f.force {
		all = slices.DeleteFunc(all, func(x model.Prediction) bool {
			if why := x.Refusal(); why != "" {
				refused = append(refused, why)
				return true
			}
			return false
		})
	}
	out := c.OutOrStdout()
	if len(all) == 0 {
		return unresolved("no strategy has a prediction; --force prints marked guesses\n%s", strings.Join(slices.Compact(refused), "\n"))
	}
	err := report.Predicted(out, at, all)
	if len(refused) > 0 {
		_, e := fmt.Fprintf(out, "Refused: %s\n", strings.Join(refused, "\nRefused: "))
		err = errors.Join(err, e)
	}
	if f.costs {
		err = errors.Join(err, report.Costs(out, m))
	}
	return errors.Join(err, report.Judged(out, m))
}

// unresolved returns an error with the exit status for measurements without a clear answer.
func unresolved(format string, args ...any) error {
	return &statusError{Unresolved, fmt.Errorf("unresolved: "+format, args...)}
}

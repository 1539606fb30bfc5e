package launch

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
)

// warmJobs is the number of jobs before stages are recorded.
const warmJobs = 3

// errNoStages is the error of a launch whose jobs have no stages.
var errNoStages = &workloads.UnstagedError{Reason: "the direct loop has no strategy, and so no stages; choose a strategy"}

// stages measures the stages of tasks on the executor ex. A stage is a part of a task's way from
// its submission to its delivery, such as the encoding of its input. A job with stamps reads the
// clock when a stage of a chosen task begins or ends. So that the cost of the stamps shows, stages
// runs jobs with and without stamps alternately, for at least the minimum time. It stores the
// stages, and the median makespans of both kinds of jobs, in the result.
func (m *measurement) stages(ctx context.Context, ex strategies.Executor) error {
	o, order, err := options(m.spec.Cell)
	if err != nil {
		return err
	}
	stamped := &workloads.Stages{Every: m.spec.Stages}
	staged := func(ctx context.Context) error { return m.load.Staged(ctx, ex, o, order, stamped) }
	for range warmJobs {
		if _, err := m.runOnce(ctx, m.job, nil); err != nil {
			return err
		}
	}
	if _, err := m.runOnce(ctx, staged, nil); err != nil {
		return err
	}
	*stamped = workloads.Stages{Every: m.spec.Stages}
	var plain, with []time.Duration
	for began := time.Now(); time.Since(began) < m.spec.MinTime || len(with) < 3; {
		for i, job := range []func(context.Context) error{m.job, staged} {
			took, err := m.runOnce(ctx, job, nil)
			if err != nil {
				return err
			}
			if i == 0 {
				plain = append(plain, took)
			} else {
				with = append(with, stamped.Took)
			}
		}
	}
	if len(stamped.Tasks) == 0 {
		return errors.New("stages: no task was stamped; stamp a larger share of the tasks, or run longer")
	}
	m.Staged = summary(stamped, workloads.Reading())
	m.Staged.Plain, m.Staged.Stamped = median(plain), median(with)
	return nil
}

// marked runs a last job that marks the stages of its tasks in the execution trace of the launch, for
// a timeline. It does nothing if the stages of the cell cannot be recorded.
func (m *measurement) marked(ctx context.Context, ex strategies.Executor) error {
	o, order, err := options(m.spec.Cell)
	if err != nil {
		return err
	}
	none := &workloads.Stages{Every: math.MaxInt} // stamps no task
	_, err = m.runOnce(ctx, func(ctx context.Context) error { return m.load.Staged(ctx, ex, o, order, none) }, nil)
	if unstaged := (*workloads.UnstagedError)(nil); errors.As(err, &unstaged) {
		return nil
	}
	return err
}

// summary returns the mean and the median time of each stage. The argument reading is the time in
// ns that one reading of the clock takes; summary subtracts it from each stage.
func summary(s *workloads.Stages, reading float64) *harness.Staged {
	out := &harness.Staged{Every: s.Every, Tasks: len(s.Tasks), Dropped: s.Dropped, Reading: reading}
	sum := 0.0
	for i, name := range workloads.StageNames() {
		var all []float64
		mean := 0.0
		for _, t := range s.Tasks {
			if t.Has[i] {
				v := float64(t.Stages[i]) - reading
				all, mean = append(all, v), mean+v/float64(len(s.Tasks))
			}
		}
		if len(all) == 0 {
			continue
		}
		slices.Sort(all)
		out.Stages = append(out.Stages, harness.StageTime{Name: name, Mean: mean, Median: all[len(all)/2]})
		sum += mean
	}
	for _, t := range s.Tasks {
		out.Total += float64(t.Total) / float64(len(s.Tasks))
	}
	out.Rest = out.Total - sum
	return out
}

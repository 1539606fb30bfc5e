package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// probe determines the job of each task that has none: the number of tasks in the job, and the
// digest of their outputs. It skips the tasks of questions that are set aside.
func (r *run) probe(ctx context.Context) error {
	r.narrow()
	var tasks []harness.Task
	for _, t := range r.plan.Tasks() {
		if slices.ContainsFunc(r.questions, func(blocks []int) bool { return !r.later[blocks[0]] && r.plan.Blocks[blocks[0]].Task == t }) {
			tasks = append(tasks, t)
		}
	}
	for _, t := range tasks {
		if err := r.affords(t, time.Duration(t.Grain)); err != nil {
			return err
		}
	}
	if err := r.foresee(); err != nil {
		return err
	}
	known := len(r.found)
	for i, t := range tasks {
		if job, known := r.jobs[t]; known {
			r.leaveOut(job)
			continue
		}
		blocks := slices.DeleteFunc(slices.Clone(r.plan.Blocks), func(b harness.Block) bool { return b.Task != t })
		direct, workers := blocks[0].Cells[0], 1
		for _, b := range blocks {
			for _, c := range b.Cells {
				workers = max(workers, c.Workers)
			}
		}
		r.report(Progress{Probing: true, Rounds: r.plan.Rounds, Done: i, Total: len(tasks), Void: r.tally.Void, Next: direct})
		s := harness.Spec{Cell: direct, Workers: workers, Seed: r.plan.Seed, MinTime: blocks[0].MinTime}
		if r.Program != nil {
			s.Fit = r.fit(blocks)
		}
		result, err := r.size(ctx, s)
		if spent(ctx) {
			return budgetErrorf("the budget of %v is too small to size all jobs: it ended while sizing the job of %s (job %d of %d). Choose fewer or shorter tasks, or a larger budget. For %d rounds, %s", r.Budget, t, i+1, len(tasks), harness.FewestRounds, r.fitting(r.forecast()))
		}
		if ctx.Err() != nil {
			return r.interrupted(ctx)
		}
		if changed := r.unchanged(); changed != nil {
			return changed
		}
		if few := (*harness.CoresError)(nil); errors.As(err, &few) {
			return err
		}
		if err != nil {
			r.void(&LaunchError{Cell: direct, Round: -1, Err: err})
			for _, b := range blocks { // direct on other cores is another cell
				r.dead[b.Cells[0]] = true
			}
			continue
		}
		if r.Program == nil { // for a program, the probe has chosen a job that fits
			if err := r.affords(t, time.Duration(result.Work)); err != nil {
				return err
			}
		}
		job := harness.Job{Task: t, Tasks: result.Tasks, Subsample: result.Subsample, Work: result.Work, Digest: result.Digest, Inputs: result.Selection, Once: result.Once}
		if len(result.Fitting) < len(s.Fit.Workers) {
			job.Workers = result.Fitting
		}
		r.jobs[t] = job
		r.found = append(r.found, job)
		r.leaveOut(job)
	}
	r.narrow()
	if len(r.found) > known {
		return r.Sink.Jobs(r.found)
	}
	return nil
}

// fit returns the rule by which the probe of a user's program chooses the size of the job. The rule
// considers the cells of only one block of the task: the first block that is not set aside.
func (r *run) fit(blocks []harness.Block) harness.Fit {
	b := blocks[0]
	for i, o := range r.plan.Blocks {
		if o.Task == b.Task && !r.later[i] {
			b = o
			break
		}
	}
	f := harness.Fit{Cores: b.Cores, Rounds: r.plan.Rounds, MinTime: b.MinTime}
	for _, c := range b.Cells {
		if c.Strategy != harness.Direct && !slices.Contains(f.Workers, c.Workers) {
			f.Workers = append(f.Workers, c.Workers)
		}
	}
	if f.Workers == nil {
		f.Workers = []int{1}
	}
	if r.Budget > 0 {
		f.Left = max(1, r.Budget-time.Since(r.began))
	}
	return f
}

// leaveOut drops the cells of a task whose number of workers is not in job.Workers, because with
// them the rounds would take longer than the budget.
func (r *run) leaveOut(job harness.Job) {
	if job.Workers == nil {
		return
	}
	var left []string
	for _, b := range r.plan.Blocks {
		for _, c := range b.Cells {
			if b.Task == job.Task && c.Strategy != harness.Direct && !slices.Contains(job.Workers, c.Workers) && !r.unfit[c] {
				r.unfit[c], r.dead[c] = true, true
				left = append(left, strconv.Itoa(c.Workers))
			}
		}
	}
	if len(left) > 0 {
		text := fmt.Sprintf("the budget is enough for %d rounds only if the cells with %s workers are left out", harness.FewestRounds, format.List(left, "and"))
		r.tally.note("%s", text)
		if r.Say != nil {
			r.Say(text)
		}
	}
}

// size runs the launch that probes a task. If this launch fails, size runs it once more, unless the
// launch exceeded its time limit.
func (r *run) size(ctx context.Context, s harness.Spec) (harness.Result, error) {
	result, err := r.timed(ctx, s)
	if late := (*timeoutError)(nil); err != nil && ctx.Err() == nil && !errors.As(err, &late) {
		return r.timed(ctx, s)
	}
	return result, err
}

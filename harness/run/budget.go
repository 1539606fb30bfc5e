package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// A run may exceed its budget by at most budget / overrun. It needs this time if a turn (a
// measurement of a block) takes longer than expected.
const overrun = 10

// errSpent is the cause of a context that ended because the budget was used.
var errSpent = errors.New("the budget is used")

// limit returns a copy of ctx with a deadline: the end of the budget, plus budget / [overrun]. If
// the run has no budget, the copy has no deadline.
func (r *run) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if r.Budget == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithDeadlineCause(ctx, r.began.Add(r.Budget+r.Budget/overrun), errSpent)
}

// spent reports whether ctx, a context that [run.limit] returned, ended because the budget was
// used.
func spent(ctx context.Context) bool { return errors.Is(context.Cause(ctx), errSpent) }

// fewestJobs is the smallest number of jobs of a launch: a cold job, a warm-up job and three timed
// jobs.
const fewestJobs = 5

// A BudgetError is the error for a budget that is too small for the plan or for its first launches.
type BudgetError struct{ text string }

func (e *BudgetError) Error() string { return e.text }

func budgetErrorf(form string, args ...any) error { return &BudgetError{fmt.Sprintf(form, args...)} }

// affords returns an error if the budget is too small for a single launch of the direct loop with
// the task t. The argument work is the time that one task takes.
func (r *run) affords(t harness.Task, work time.Duration) error {
	n, _ := harness.JobSize(work, 1)
	switch launch := time.Duration(n) * work * fewestJobs; {
	case r.Budget == 0:
	case work > r.Budget:
		return budgetErrorf("one task of %s takes about %v, more than the budget of %v; choose shorter tasks or a larger budget", t, short(work), r.Budget)
	case launch > r.Budget:
		return budgetErrorf("one task of %s takes about %v; a launch runs at least %d tasks, so it takes longer than the budget of %v; choose shorter tasks or a larger budget", t, short(work), n*fewestJobs, r.Budget)
	}
	return nil
}

// cutShort stores a note which says in which round the budget ended the run. The argument round is
// the round of the current turn. This turn may repeat a turn of an earlier round, so the note names
// the latest round that the run has reached.
func (r *run) cutShort(round int) {
	r.cut = fmt.Sprintf("the budget of %v ended the run in round %d", r.Budget, max(round, r.past.round)+1)
	if r.plan.Rounds > 0 {
		r.cut += fmt.Sprintf(" of %d", r.plan.Rounds)
	}
}

// A forecast estimates, before the first round of a run, how long a round takes and how many blocks
// fit into the budget.
type forecast struct {
	round  time.Duration // time of a round
	least  time.Duration // time of a round of the shortest possible launches
	blocks int           // number of blocks, counted from the first of the plan, for which the budget holds [harness.FewestRounds] rounds
}

// forecast returns the estimates for this run. It does not count dropped cells.
func (r *run) forecast() (f forecast) {
	for i, b := range r.plan.Blocks {
		n := len(r.live(i))
		f.round += r.cost(i, n)
		if r.later[i] {
			continue
		}
		f.least += time.Duration(n) * b.MinTime
		if harness.FewestRounds*f.round <= r.Budget {
			f.blocks = i + 1
		}
	}
	return f
}

// Estimate returns the time that the given number of rounds of a plan is expected to take. The
// argument jobs holds the results of probing the plan's tasks. For a task that has no job there,
// Estimate assumes a job of usual length. The estimate includes neither the probes nor the
// repetition of contaminated launches.
func Estimate(p harness.Plan, jobs []harness.Job, rounds int) (total time.Duration) {
	r := newRun(&Runner{}, p)
	for _, j := range jobs {
		r.jobs[j.Task] = j
	}
	for round := range rounds {
		for _, t := range p.Round(round) {
			total += r.cost(t.Block, len(t.Launches))
		}
	}
	return total
}

// fitting returns a phrase for error messages: how many blocks of the plan fit into the budget
// according to the forecast f, and a remedy.
func (r *run) fitting(f forecast) string {
	if f.blocks == 0 {
		return fmt.Sprintf("not even the first block fits the budget; choose a budget of at least %v", whole(harness.FewestRounds*r.cost(0, len(r.plan.Blocks[0].Cells))))
	}
	limit := "only"
	if len(r.jobs) < len(r.plan.Tasks()) { // jobs that are not sized may take longer
		limit = "at most"
	}
	return fmt.Sprintf("%s %d of %d blocks fit the budget; choose fewer cells with a filter, or a larger budget", limit, f.blocks, len(r.plan.Blocks))
}

// foresee returns an error if the budget is too small for one round, even if each launch takes only
// its minimum time. It does not count questions that are set aside, which are measured only if time
// is left.
func (r *run) foresee() error {
	if r.Budget == 0 || len(r.Samples) > 0 || r.done > 0 {
		return nil
	}
	f, left := r.forecast(), r.Budget-time.Since(r.began)
	if f.least > left+r.Budget/overrun {
		return budgetErrorf("the budget of %v is too small for a single round, which takes at least %v; for %d rounds, %s", r.Budget, whole(f.least), harness.FewestRounds, r.fitting(f))
	}
	return nil
}

// short returns the duration d rounded to about three digits.
func short(d time.Duration) time.Duration {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit)
}

// whole returns the duration d rounded up to whole seconds. If d is over ten minutes, it rounds up
// to whole minutes.
func whole(d time.Duration) time.Duration {
	unit := time.Second
	if d > 10*time.Minute {
		unit = time.Minute
	}
	return (d + unit - 1).Truncate(unit)
}

package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// overrun is the part of a budget by which a run may exceed it, so that a turn which takes
// a little longer than expected is not lost.
const overrun = 10

// errSpent is the cause of a context that the budget ended.
var errSpent = errors.New("the budget is used")

// limit ends ctx when the budget and its overrun are used.
func (r *run) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if r.Budget == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithDeadlineCause(ctx, r.began.Add(r.Budget+r.Budget/overrun), errSpent)
}

// spent reports whether the budget ended ctx.
func spent(ctx context.Context) bool { return errors.Is(context.Cause(ctx), errSpent) }

// fewestJobs is how many jobs a launch runs at least: the cold one, one to warm up and
// three that are timed.
const fewestJobs = 5

// affords returns an error if the budget cannot hold a launch of the direct loop over
// tasks that take work each.
func (r *run) affords(t harness.Task, work time.Duration) error {
	n, _ := harness.JobSize(work, 1)
	switch launch := time.Duration(n) * work * fewestJobs; {
	case r.Budget == 0:
	case work > r.Budget:
		return fmt.Errorf("one task of %s takes about %v, more than the budget of %v; name shorter tasks, or a larger budget", t, short(work), r.Budget)
	case launch > r.Budget:
		return fmt.Errorf("one task of %s takes about %v and a launch runs at least %d, which is more than the budget of %v; name shorter tasks, or a larger budget", t, short(work), n*fewestJobs, r.Budget)
	}
	return nil
}

// cutShort records that the budget ended the run in a round: the latest, also where it was
// measuring a turn of an earlier one again.
func (r *run) cutShort(round int) {
	r.cut = fmt.Sprintf("the budget of %v ended the run in round %d", r.Budget, max(round, r.past.round)+1)
	if r.plan.Rounds > 0 {
		r.cut += fmt.Sprintf(" of %d", r.plan.Rounds)
	}
}

// A forecast is what a run is going to cost, as far as that is known before its first round.
type forecast struct {
	round  time.Duration // all blocks once
	least  time.Duration // the same, were every launch as short as it can be
	blocks int           // how many, from the first, have [harness.FewestRounds] within the budget
}

// forecast adds up blocks that are not dropped.
func (r *run) forecast() (f forecast) {
	for i, b := range r.plan.Blocks {
		n := len(r.live(i))
		f.round += r.cost(i, n)
		f.least += time.Duration(n) * b.MinTime
		if harness.FewestRounds*f.round <= r.Budget {
			f.blocks = i + 1
		}
	}
	return f
}

// fitting says which part of the plan the budget holds, as far as it can be foreseen.
func (r *run) fitting(f forecast) string {
	if f.blocks == 0 {
		return fmt.Sprintf("no block fits so often; name a budget of %v at least", whole(harness.FewestRounds*r.cost(0, len(r.plan.Blocks[0].Cells))))
	}
	which := "the first"
	if len(r.jobs) < len(r.plan.Tasks()) { // jobs that are not sized may take longer
		which = "at most the first"
	}
	if f.blocks > 1 {
		which += fmt.Sprintf(" %d", f.blocks)
	}
	return fmt.Sprintf("%s of %d blocks %s; name fewer cells by a filter, or a larger budget", which, len(r.plan.Blocks), count(f.blocks, "fits", "fit"))
}

// foresee returns an error if the budget cannot hold one round, however short the launches are.
// Before the sizes of jobs are known it takes them to be shorter than they are; once they are
// sized it says whether the budget holds the rounds that verdicts need.
func (r *run) foresee(sized bool) error {
	if r.Budget == 0 || len(r.Samples) > 0 {
		return nil
	}
	f, left := r.forecast(), r.Budget-time.Since(r.began)
	need, rounds := harness.FewestRounds*f.round, r.plan.Rounds
	switch {
	case f.least > left+r.Budget/overrun:
		return fmt.Errorf("the budget of %v cannot hold a single round, which takes %v at least: for %d rounds %s", r.Budget, whole(f.least), harness.FewestRounds, r.fitting(f))
	case sized && need > left && (rounds == 0 || rounds >= harness.FewestRounds) && r.Say != nil:
		r.Say(fmt.Sprintf("the budget of %v is likely to end before the %d rounds that verdicts need, which take about %v: %s", r.Budget, harness.FewestRounds, whole(need), r.fitting(f)))
	}
	return nil
}

// short rounds d to three digits or so.
func short(d time.Duration) time.Duration {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit)
}

// whole rounds d up to seconds, or to minutes if it is more than ten.
func whole(d time.Duration) time.Duration {
	unit := time.Second
	if d > 10*time.Minute {
		unit = time.Minute
	}
	return (d + unit - 1).Truncate(unit)
}

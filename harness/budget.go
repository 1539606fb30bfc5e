package harness

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
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
func (r *run) affords(t Task, work time.Duration) error {
	n, _ := JobSize(work, 1)
	switch launch := time.Duration(n) * work * fewestJobs; {
	case r.Budget == 0:
	case work > r.Budget:
		return fmt.Errorf("one task of %s takes about %v, more than the budget of %v; name shorter tasks, or a larger budget", t, short(work), r.Budget)
	case launch > r.Budget:
		return fmt.Errorf("one task of %s takes about %v and a launch runs at least %d, which is more than the budget of %v; name shorter tasks, or a larger budget", t, short(work), n*fewestJobs, r.Budget)
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

// end records that the budget ended the run in a round.
func (r *run) end(round int) {
	r.cut = fmt.Sprintf("the budget of %v ended the run in round %d", r.Budget, round+1)
	if r.plan.Rounds > 0 {
		r.cut += fmt.Sprintf(" of %d", r.plan.Rounds)
	}
}

// named is how many cells a note names at most.
const named = 6

// sumUp completes the tally with what was not measured.
func (r *run) sumUp() {
	cells := map[Cell]bool{}
	for _, b := range r.plan.Blocks {
		for _, c := range b.Cells {
			if !cells[c] && r.samples[c] == 0 {
				r.tally.Unmeasured = append(r.tally.Unmeasured, c)
			}
			cells[c] = true
		}
	}
	if r.cut != "" && (r.plan.Rounds > 0 || len(r.tally.Unmeasured) > 0) {
		r.tally.Notes = append(r.tally.Notes, fmt.Sprintf("%s, after %d launches", r.cut, r.tally.Launches))
	}
	if missing := r.tally.Unmeasured; len(missing) > 0 {
		var names []string
		for _, c := range missing[:min(named, len(missing))] {
			names = append(names, c.String())
		}
		if more := len(missing) - len(names); more > 0 {
			names = append(names, fmt.Sprintf("and %d more", more))
		}
		r.tally.Notes = append(r.tally.Notes, fmt.Sprintf("%d of %d cells have no sample: %s", len(missing), len(cells), strings.Join(names, "; ")))
	}
}

package harness

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// cutShort records that the budget ended the run in a round: the latest, also where it was
// measuring a turn of an earlier one again.
func (r *run) cutShort(round int) {
	r.cut = fmt.Sprintf("the budget of %v ended the run in round %d", r.Budget, round+1)
	if r.plan.Rounds > 0 {
		r.cut += fmt.Sprintf(" of %d", r.plan.Rounds)
	}
}

// A forecast is what a run is going to cost, as far as that is known before its first round.
type forecast struct {
	round  time.Duration // all blocks once
	least  time.Duration // the same, were every launch as short as it can be
	blocks int           // how many, from the first, have [FewestRounds] within the budget
}

// forecast adds up blocks that are not dropped.
func (r *run) forecast() (f forecast) {
	for i, b := range r.plan.Blocks {
		n := len(r.live(Turn{i, r.plan.all(i)}))
		f.round += r.cost(i, n)
		f.least += time.Duration(n) * b.MinTime
		if FewestRounds*f.round <= r.Budget {
			f.blocks = i + 1
		}
	}
	return f
}

// all returns a launch of each cell of a block.
func (p Plan) all(block int) (launches []Launch) {
	for _, c := range p.Blocks[block].Cells {
		launches = append(launches, Launch{Cell: c})
	}
	return launches
}

// fitting says what of the plan the budget holds, as far as it can be foreseen.
func (r *run) fitting(f forecast) string {
	if f.blocks == 0 {
		return fmt.Sprintf("no block fits so often; name a budget of %v at least", whole(FewestRounds*r.cost(0, len(r.plan.Blocks[0].Cells))))
	}
	which := "the first"
	if tasks, _ := r.plan.Tasks(); len(r.jobs) < len(tasks) { // what is not sized may take longer
		which = "at most the first"
	}
	if f.blocks > 1 {
		which += fmt.Sprintf(" %d", f.blocks)
	}
	return fmt.Sprintf("%s of %d blocks %s; name fewer cells by a filter, or a larger budget", which, len(r.plan.Blocks), map[bool]string{true: "fits", false: "fit"}[f.blocks == 1])
}

// possible returns an error if the budget cannot hold one round, however short the launches
// are. Before the sizes of jobs are known it takes less than they do for possible.
func (r *run) possible() error {
	if r.Budget == 0 || len(r.Samples) > 0 {
		return nil
	}
	left := r.Budget - time.Since(r.began)
	if f := r.forecast(); f.least > left+r.Budget/overrun {
		return fmt.Errorf("the budget of %v cannot hold a single round, which takes %v at least: for %d rounds %s", r.Budget, whole(f.least), FewestRounds, r.fitting(f))
	}
	return nil
}

// foresee says before the first round whether the budget holds the rounds that verdicts
// need. It is an error if it cannot hold one.
func (r *run) foresee() error {
	if err := r.possible(); err != nil || r.Budget == 0 || len(r.Samples) > 0 {
		return err
	}
	f, left := r.forecast(), r.Budget-time.Since(r.began)
	if rounds := r.plan.Rounds; FewestRounds*f.round > left && (rounds == 0 || rounds >= FewestRounds) && r.Say != nil {
		r.Say(fmt.Sprintf("the budget of %v is likely to end before the %d rounds that verdicts need, which take about %v: %s", r.Budget, FewestRounds, whole(FewestRounds*f.round), r.fitting(f)))
	}
	return nil
}

// whole rounds up to seconds, or minutes where it is many.
func whole(d time.Duration) time.Duration {
	unit := time.Second
	if d > 10*time.Minute {
		unit = time.Minute
	}
	return (d + unit - 1).Truncate(unit)
}

// named is how many cells or blocks a note names at most.
const named = 6

// sumUp completes the tally with what was not measured, and what was not enough.
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
	note := func(format string, args ...any) { r.tally.Notes = append(r.tally.Notes, fmt.Sprintf(format, args...)) }
	if r.cut != "" && (r.plan.Rounds > 0 || len(r.tally.Unmeasured) > 0 || r.Judge != nil) {
		note("%s, after %d launches", r.cut, r.tally.Launches)
	}
	if missing := r.tally.Unmeasured; len(missing) > 0 {
		var names []string
		for _, c := range missing {
			names = append(names, c.String())
		}
		note("%d of %d cells have no sample: %s", len(missing), len(cells), list(names))
	}
	for _, b := range r.past.blocks {
		for _, s := range b {
			if s.Contaminated() {
				r.tally.Marked++
			}
		}
	}
	if n := len(r.past.again); n > 0 && r.tally.Launches > 0 {
		note("%d contaminated %s not measured again: no more than a fifth is added", n, were(n, "turn"))
	}
	r.unsettled(note)
}

// unsettled notes the blocks that were not measured enough, and what it takes.
func (r *run) unsettled(note func(string, ...any)) {
	if r.Judge == nil || r.tally.Launches == 0 {
		return
	}
	var open, untold []string
	var more time.Duration
	for i, b := range r.plan.Blocks {
		st := r.Judge(r.past.blocks[i])
		if st.Settled {
			continue
		}
		open = append(open, fmt.Sprintf("%s on %d %s (%s)", b.Task, b.Cores, plural(b.Cores, "core"), st.Open))
		if st.Rounds == 0 {
			untold = append(untold, open[len(open)-1])
			continue
		}
		rounds, turns := r.held(i)
		turns = max(0, st.Rounds-turns)
		r.tally.Wanted = max(r.tally.Wanted, rounds+turns)
		more += time.Duration(turns) * r.cost(i, len(b.Cells))
	}
	if len(open) == 0 {
		return
	}
	text := fmt.Sprintf("%d of %d blocks are unsettled", len(open), len(r.plan.Blocks))
	if n := len(open) - len(untold); n > 0 {
		which := "them"
		if len(untold) > 0 {
			which = fmt.Sprintf("%d of them", n)
		}
		text += fmt.Sprintf("; %d rounds in all may settle %s, about %v more", r.tally.Wanted, which, whole(r.again(more)))
	}
	if len(untold) > 0 && len(untold) < len(open) {
		text += fmt.Sprintf("; of the others, which vary too much, it cannot be told: %s; those that may be settled: %s", list(untold), list(slices.DeleteFunc(open, func(name string) bool { return slices.Contains(untold, name) })))
	} else if len(untold) > 0 {
		text += ", and vary too much to tell how many rounds would settle them: " + list(untold)
	} else {
		text += ": " + list(open)
	}
	note("%s", text)
}

// again adds to what turns take what it takes to measure the contaminated ones again, as far
// as that was needed until now.
func (r *run) again(d time.Duration) time.Duration {
	if r.past.first == 0 {
		return d
	}
	return d + d*time.Duration(r.past.extra)/time.Duration(r.past.first)
}

// were is the noun with its verb.
func were(n int, noun string) string {
	if n == 1 {
		return noun + " was"
	}
	return noun + "s were"
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

// held returns how many rounds hold the block, and how often it was measured in them.
func (r *run) held(block int) (rounds, turns int) {
	in, at := map[int]bool{}, map[[2]int]bool{}
	for _, s := range r.past.blocks[block] {
		in[s.Round], at[[2]int{s.Round, s.Attempt}] = true, true
	}
	return len(in), len(at)
}

// list joins the first of names, and counts the others.
func list(names []string) string {
	if more := len(names) - named; more > 0 {
		names = append(names[:named:named], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, "; ")
}

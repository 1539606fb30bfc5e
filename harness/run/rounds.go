package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// rounds measures the blocks in rounds until the rounds of the plan are done, all questions are
// answered, or the budget is used. If time is left, it measures questions that were set aside.
func (r *run) rounds(ctx context.Context) error {
	if r.plan.Rounds == 0 && r.Budget == 0 && r.Judge == nil && r.Next == nil {
		return errors.New("the run would never end: it has no number of rounds, no budget and no judge; set one of them")
	}
	if at := r.past.cut; at != nil { // first, while it is the last turn on disk; see [replay]
		if over, err := r.attempt(ctx, *at, r.launches(turnAt(r.plan, *at))); over || err != nil {
			return err
		}
	}
	if r.Next != nil {
		return r.seek(ctx)
	}
	for {
		if over, err := r.through(ctx); over || err != nil {
			return err
		}
		if more, err := r.admit(ctx); !more || err != nil {
			return err
		}
	}
}

// through measures round after round. It returns when the rounds of the plan are done, when all
// questions that are not set aside are answered, or when the budget has room for a question that
// was set aside. The result over reports whether the budget ended the run.
func (r *run) through(ctx context.Context) (over bool, err error) {
	for round := r.firstRound(); r.plan.Rounds == 0 || round < r.plan.Rounds; round++ {
		if round < harness.FewestRounds {
			r.narrow()
		} else if _, fits := r.admissible(); fits {
			return false, nil
		}
		measured, settled := false, r.settle(round)
		r.in = 0
		for _, t := range r.plan.Round(round) {
			at := slot{round, t.Block}
			launches := r.launches(t)
			if len(launches) == 0 || r.gone[t.Block] || r.later[t.Block] {
				continue
			}
			measured = true
			if r.past.whole[at] {
				continue
			}
			if over, err := r.attempt(ctx, at, launches); over || err != nil {
				return over, err
			}
		}
		if settled {
			return false, nil
		}
		if !measured && len(r.gone) > 0 { // the cells of the open questions are all dropped
			return false, nil
		} else if !measured {
			return false, errors.New("no cell is left to measure")
		}
		if over, err := r.repeat(ctx); over || err != nil {
			return over, err
		}
		r.tally.Rounds = max(r.tally.Rounds, round+1)
	}
	return false, nil
}

// settle asks the judge which questions are answered. From the given round on, the run no longer
// measures their blocks. settle reports whether all questions are answered, not counting those that
// are set aside.
//
// settle skips a question if a block of the question has already been measured in this round, as in
// a resumed run. So a round measures either all blocks of a question or none.
func (r *run) settle(round int) (all bool) {
	if r.Judge == nil || round < harness.FewestRounds {
		return false
	}
	all = true
	for q, blocks := range r.questions {
		if r.aside(q) {
			continue
		}
		if slices.ContainsFunc(blocks, func(b int) bool { return r.past.attempts[slot{round, b}] > 0 }) {
			all = all && r.gone[blocks[0]]
			continue
		}
		answered := r.Judge(r.past.samples(blocks)).Answered
		for _, b := range blocks {
			if answered {
				r.gone[b] = true
			} else {
				delete(r.gone, b)
			}
		}
		all = all && answered
	}
	r.past.leave(r.gone)
	return all
}

// repeat measures those blocks again whose turns had starved or contaminated launches. It stops
// when repeated turns have reached their limit; see [againMost]. The result over reports whether
// the budget ended the run.
func (r *run) repeat(ctx context.Context) (over bool, err error) {
	for n := len(r.past.again); n > 0 && !over && err == nil; n-- {
		at := r.past.again[0]
		launches := r.launches(turnAt(r.plan, at))
		if !r.past.affords(len(launches)) {
			break
		}
		r.past.again = r.past.again[1:]
		if len(launches) > 0 {
			before := r.done
			over, err = r.attempt(ctx, at, launches)
			r.tally.Again += r.done - before
		}
	}
	return over, err
}

// attempt measures the block of the slot once, unless the measurement does not fit into the budget.
// The result over reports whether the budget ended the run.
func (r *run) attempt(ctx context.Context, at slot, launches []harness.Launch) (over bool, err error) {
	cost := r.cost(at.block, len(launches))
	if !fits(time.Since(r.began), cost, r.Budget) {
		if r.done == 0 && len(r.Samples) == 0 {
			return true, budgetErrorf("the budget of %v would end before the first block is measured, which takes about %v", r.Budget, cost.Round(time.Second/10))
		}
		r.cutShort(at.round)
		return true, nil
	}
	err = r.turn(ctx, at, launches)
	if spent(ctx) && r.tally.Launches > 0 {
		r.cutShort(at.round)
		return true, nil
	}
	return false, err
}

// turn measures the block of the slot once: it runs the given launches in order. If a launch of the
// direct loop fails, turn skips the rest, because the other cells of the block are compared with
// the direct loop.
func (r *run) turn(ctx context.Context, at slot, launches []harness.Launch) error {
	began, done := time.Now(), 0
	direct := harness.Launch{Cell: r.plan.Blocks[at.block].Cells[0]}
	attempt := r.past.begin(at)
	var turn []harness.Sample
	for _, l := range launches {
		if r.dead[l.Cell] {
			continue
		}
		p := r.progress(at.round, l.Cell)
		p.Again = r.past.whole[at]
		r.report(p)
		s, err := r.measure(ctx, l, at, attempt)
		if err != nil {
			r.past.take(at, turn)
			return err
		}
		done++
		r.done++
		if attempt == 0 {
			r.in++
		}
		if s != nil {
			turn = append(turn, *s)
		} else if l == direct {
			break
		}
	}
	r.pace.add(at.block, done, time.Since(began))
	marked := markControls(turn)
	r.past.end(at, turn)
	return r.remark(marked)
}

// remark passes the samples, whose marks have changed, to the method Mark of the sink.
func (r *run) remark(samples []harness.Sample) error {
	for _, s := range samples {
		if err := r.Sink.Mark(s); err != nil {
			return err
		}
	}
	return nil
}

// measure runs one launch and passes its sample to the sink. If the launch fails, measure records
// the failure, and returns neither a sample nor an error. An error that measure returns ends the
// run.
func (r *run) measure(ctx context.Context, l harness.Launch, slot slot, attempt int) (*harness.Sample, error) {
	job := r.jobs[l.Cell.Task]
	at := time.Now()
	result, err := r.punctual(ctx, harness.Spec{
		Cell: l.Cell, Tasks: job.Tasks, Seed: r.plan.Seed, MinTime: r.plan.Blocks[slot.block].MinTime, Once: job.Once, Hung: r.hangs(job),
	})
	if spent(ctx) {
		return nil, budgetErrorf("the budget of %v ended during the launch of %s", r.Budget, l.Cell)
	}
	if ctx.Err() != nil {
		return nil, r.interrupted(ctx)
	}
	if err := r.unchanged(); err != nil {
		return nil, err
	}
	if err == nil && result.Hung != "" {
		err = &hungError{result.Hung}
	}
	if err == nil && result.Digest != job.Digest {
		err = &harness.DigestError{Got: result.Digest, Want: job.Digest, Program: r.Program != nil}
	}
	if err == nil {
		err = check(result, time.Since(at))
	}
	if few := (*harness.CoresError)(nil); errors.As(err, &few) {
		return nil, fmt.Errorf("the machine changed after %d launches: %w; restore the cores and resume the run", r.tally.Launches, err)
	}
	if err != nil {
		r.fail(l.Cell, slot.round, err)
		return nil, nil
	}
	delete(r.strikes, l.Cell)
	s := &harness.Sample{
		Cell: l.Cell, Twin: l.Twin, Round: slot.round, Block: slot.block, Attempt: attempt,
		Reps: result.Reps, Values: result.Values, Inputs: result.Inputs, Subsample: job.Subsample, Marks: result.Marks, At: at,
	}
	if err := r.Sink.Sample(*s); err != nil {
		return nil, err
	}
	r.tally.absent(result.Absent)
	if result.Left {
		r.tally.Left++
	}
	r.tally.apart(l.Cell.Workload, result)
	r.tally.Launches++
	return s, nil
}

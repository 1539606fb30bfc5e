package harness

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// rounds measures until the plan's rounds, what is unsettled, or the budget end.
func (r *run) rounds(ctx context.Context) error {
	if r.plan.Rounds == 0 && r.Budget == 0 && r.Judge == nil {
		return errors.New("neither rounds, a budget nor a judge: the run would never end")
	}
	if err := r.foresee(); err != nil {
		return err
	}
	for round := r.past.round; r.plan.Rounds == 0 || round < r.plan.Rounds; round++ {
		measured, settled := false, r.settle(round)
		r.in = 0
		for _, t := range r.plan.Round(round) {
			at := slot{round, t.Block}
			launches := r.live(t)
			if len(launches) == 0 || r.gone[t.Block] {
				continue
			}
			measured = true
			if r.past.whole[at] {
				continue
			}
			if over, err := r.attempt(ctx, at, launches); over || err != nil {
				return err
			}
		}
		if settled {
			return nil
		}
		if !measured {
			return errors.New("no cell is left to measure")
		}
		if over, err := r.repeat(ctx); over || err != nil {
			return err
		}
		r.tally.Rounds = round + 1
	}
	return nil
}

// settle finds which blocks are measured no more from this round on, and reports whether
// all are. A block that the round holds already was judged before.
func (r *run) settle(round int) (all bool) {
	if r.Judge == nil || round < FewestRounds {
		return false
	}
	all = true
	for b := range r.plan.Blocks {
		if r.past.attempts[slot{round, b}] > 0 {
			all = false
			continue
		}
		r.gone[b] = r.Judge(r.past.blocks[b]).Settled
		all = all && r.gone[b]
	}
	r.past.leave(r.gone)
	return all
}

// repeat measures contaminated turns again, as far as a run may add launches.
func (r *run) repeat(ctx context.Context) (over bool, err error) {
	for n := len(r.past.again); n > 0; n-- {
		at := r.past.again[0]
		i := slices.IndexFunc(r.plan.Round(at.round), func(t Turn) bool { return t.Block == at.block })
		launches := r.live(r.plan.Round(at.round)[i])
		if !r.past.affords(len(launches)) {
			return false, nil
		}
		r.past.next()
		if len(launches) == 0 {
			continue
		}
		before := r.done
		over, err := r.attempt(ctx, at, launches)
		r.tally.Again += r.done - before
		if over || err != nil {
			return over, err
		}
	}
	return false, nil
}

// attempt measures a turn if the budget has room for it. It reports whether the budget ended
// the run.
func (r *run) attempt(ctx context.Context, at slot, launches []Launch) (over bool, err error) {
	cost := r.cost(at.block, len(launches))
	if !fits(time.Since(r.began), cost, r.Budget) {
		if r.done == 0 && len(r.Samples) == 0 {
			return true, fmt.Errorf("the budget of %v ends before the first block, which takes about %v", r.Budget, cost.Round(time.Second/10))
		}
		r.cutShort(max(at.round, r.past.round))
		return true, nil
	}
	err = r.turn(ctx, at, launches)
	if spent(ctx) && r.tally.Launches > 0 {
		r.cutShort(max(at.round, r.past.round))
		return true, nil
	}
	return false, err
}

// turn measures a block once. It ends early if the direct loop fails: the cells after it
// would have nothing to be compared with.
func (r *run) turn(ctx context.Context, at slot, launches []Launch) error {
	began, done := time.Now(), 0
	direct := Launch{Cell: r.plan.Blocks[at.block].Cells[0]}
	attempt := r.past.begin(at)
	var turn []Sample
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
	var out []Sample
	for _, i := range StandOut(turn) {
		if mark(&turn[i], MarkControl) {
			out = append(out, turn[i])
		}
	}
	r.past.end(at, turn)
	return r.remark(out)
}

// remark tells the sink of samples that have more marks now.
func (r *run) remark(samples []Sample) error {
	for _, s := range samples {
		if err := r.Sink.Mark(s); err != nil {
			return err
		}
	}
	return nil
}

// measure runs one launch and hands its sample to the sink. There is none if the launch
// failed; its error ends the run.
func (r *run) measure(ctx context.Context, l Launch, slot slot, attempt int) (*Sample, error) {
	job := r.jobs[l.Cell.Task()]
	at := time.Now()
	result, err := r.punctual(ctx, Spec{
		Cell: l.Cell, Tasks: job.Tasks, Seed: r.plan.Seed, MinTime: r.plan.Blocks[slot.block].MinTime,
	})
	if spent(ctx) {
		return nil, fmt.Errorf("the budget of %v ended during the launch of %s", r.Budget, l.Cell)
	}
	if ctx.Err() != nil {
		return nil, r.interrupted(ctx)
	}
	if err == nil && result.Digest != job.Digest {
		err = &DigestError{Got: result.Digest, Want: job.Digest}
	}
	if err == nil {
		err = result.check(time.Since(at))
	}
	if few := (*CoresError)(nil); errors.As(err, &few) {
		return nil, fmt.Errorf("the machine changed after %d launches: %w; give the cores back and resume the run", r.tally.Launches, err)
	}
	if err != nil {
		r.fail(l.Cell, slot.round, err)
		return nil, nil
	}
	delete(r.strikes, l.Cell)
	s := &Sample{
		Cell: l.Cell, Twin: l.Twin, Round: slot.round, Block: slot.block, Attempt: attempt,
		Reps: result.Reps, Values: result.Values, Subsample: job.Subsample, Marks: result.Marks, At: at,
	}
	if err := r.Sink.Sample(*s); err != nil {
		return nil, err
	}
	r.tally.absent(result.Absent)
	r.samples[l.Cell]++
	r.tally.Launches++
	return s, nil
}

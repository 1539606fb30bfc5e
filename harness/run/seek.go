package run

import (
	"context"
	"errors"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// start probes the tasks of the plan. If the run has a function Next, start probes only the tasks
// that a resumed run has already measured; [run.seek] probes the others when it needs them.
func (r *run) start(ctx context.Context) error {
	if r.Next != nil {
		for q, blocks := range r.questions {
			r.setAside(q, len(r.past.samples(blocks)) == 0 && (r.past.cut == nil || !slices.Contains(blocks, r.past.cut.block)))
		}
	}
	return r.probe(ctx)
}

// seek measures the blocks that Next chooses, one turn at a time, until Next chooses none or the
// budget is used. It probes the task of a block before the block's first turn. Each block has its
// own count of rounds, so the order of launches depends only on the plan and the samples so far.
func (r *run) seek(ctx context.Context) error {
	for {
		r.past.again = nil // Next chooses what to measure again
		block, more := r.Next(r.past.all())
		if !more {
			return nil
		}
		question := slices.IndexFunc(r.questions, func(blocks []int) bool { return slices.Contains(blocks, block) })
		r.setAside(question, false)
		if err := r.probe(ctx); err != nil {
			return err
		}
		at := slot{0, block}
		for r.past.whole[at] {
			at.round++
		}
		launches := r.launches(turnAt(r.plan, at))
		if len(launches) < 2 || len(launches) < len(r.plan.Blocks[block].Cells) {
			return errors.New("the search ends, because launches of a cell that it needs have failed")
		}
		if over, err := r.attempt(ctx, at, launches); over || err != nil {
			return err
		}
		r.tally.Rounds = max(r.tally.Rounds, at.round+1)
	}
}

// all returns all samples so far, by block.
func (l *ledger) all() (samples []harness.Sample) {
	for b := range l.most() {
		samples = append(samples, l.blocks[b]...)
	}
	return samples
}

// most returns 1 plus the largest block number among the measured blocks.
func (l *ledger) most() (n int) {
	for b := range l.blocks {
		n = max(n, b+1)
	}
	return n
}

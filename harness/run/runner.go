// Package run carries out a plan: one launch at a time, each a fresh process on its cores.
//
//  1. [Hold] or [Await] makes this process the only one that measures the machine.
//  2. [Runner.Run] probes the size of each task's job, and measures the plan's blocks in
//     rounds until the plan, the judge or the budget ends the run.
//  3. The [Sink] keeps each sample as it comes; the [Tally] says what the run came to.
//
// A [Launcher] runs single launches, as for a profile.
package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// A Sink takes what a run measures, as it is measured. An error ends the run.
type Sink interface {
	// Jobs takes the results of the probes, before the first sample.
	Jobs([]harness.Job) error
	Sample(harness.Sample) error
	// Mark takes a sample again, with more marks than it was given with: which samples of a
	// turn stand out is known when the turn has ended.
	Mark(harness.Sample) error
}

// A Runner carries out a plan.
type Runner struct {
	Launcher
	Sink Sink

	Budget time.Duration // ends the run, probes included, at the latest 10 % after it; 0: when the plan's rounds are done
	// Judge says whether the samples of a question answer it. The blocks of an answered question
	// leave the run, from FewestRounds on. Nil: every block has all rounds. It must be a function
	// of the samples alone.
	Judge func([]harness.Sample) harness.Standing
	// Jobs and Samples are those of the run that this one continues; none for a new run.
	Jobs    []harness.Job
	Samples []harness.Sample
	// Progress is called between launches, never during one. May be nil.
	Progress func(Progress)
	// Say is called between launches with a message that cannot wait for the end. May be nil.
	Say func(string)
}

// Run carries out the plan: a probe of every task, then rounds until the plan's are done,
// every question is answered, or the budget is used.
//
// The next turn follows from the plan and the samples before it, those of the run
// that this one continues among them. A turn that was cut short is measured again as a
// whole, since launches that are compared must be measured together. So is, at the end of a
// round, a turn with a contaminated launch, as long as no more than a fifth is added in all.
//
// A launch that fails, or whose outputs are not the direct loop's, gives no sample. Its cell
// is dropped when that happens in two rounds in a row. Without its direct loop the rest of
// a block's turn is not measured. The run goes on and ends with a [LaunchError] for each.
// When ctx is done the current launch is killed and Run returns the context's cause; an
// error of the sink ends it likewise. Whatever the error, every sample that the sink took
// stands.
//
// A budget that cannot hold the plan's tasks is an error as soon as that is known; one
// that ends the run after some launches is none, but the tally has a note of it.
func (r *Runner) Run(ctx context.Context, p harness.Plan) (Tally, error) {
	run := newRun(r, p)
	ctx, cancel := run.limit(ctx)
	defer cancel()
	var unmarked []harness.Sample
	run.past, unmarked = replay(p, r.Samples)
	err := run.remark(unmarked)
	if err == nil {
		err = run.probe(ctx)
	}
	if err == nil {
		err = run.rounds(ctx)
	}
	run.tally.Elapsed = time.Since(run.began)
	run.tally.Spent.Wall = run.tally.Elapsed
	run.sumUp()
	return run.tally, errors.Join(append(run.failures, err)...)
}

// A run is the state of one Run.
type run struct {
	*Runner
	plan  harness.Plan
	began time.Time

	questions [][]int // blocks of the plan, by their task and cores
	pace      *pace
	past      *ledger
	jobs      map[harness.Task]harness.Job // the results of the probes
	strikes   map[harness.Cell]strike      // cells that failed when they were launched last
	dead      map[harness.Cell]bool        // cells that are dropped
	gone      map[int]bool                 // blocks of questions that are answered
	failures  []error
	tally     Tally
	done      int    // launches
	in        int    // of them in this round
	cut       string // how far the run was when the budget ended it; "" if it did not
}

func newRun(r *Runner, p harness.Plan) *run {
	return &run{
		Runner: r, plan: p, questions: questions(p), began: time.Now(), pace: newPace(), past: newLedger(), jobs: map[harness.Task]harness.Job{},
		strikes: map[harness.Cell]strike{}, dead: map[harness.Cell]bool{}, gone: map[int]bool{},
	}
}

// questions returns the blocks of each question of the plan, in plan order.
func questions(p harness.Plan) (all [][]int) {
	at := map[harness.Question]int{}
	for i, b := range p.Blocks {
		q := harness.Question{Task: b.Task, Cores: b.Cores}
		if _, met := at[q]; !met {
			at[q] = len(all)
			all = append(all, nil)
		}
		all[at[q]] = append(all[at[q]], i)
	}
	return all
}

func (r *run) interrupted(ctx context.Context) error {
	return fmt.Errorf("interrupted after %d launches: %w", r.tally.Launches, context.Cause(ctx))
}

// Package run carries out a plan: one launch at a time, each in a fresh process on its cores.
//
//  1. [Hold] or [Await] makes this process the only one that measures the machine.
//  2. [Runner.Run] probes the job size of each task, and measures the blocks of the plan in rounds
//     until the plan, the judge or the budget ends the run.
//  3. The [Sink] receives each sample immediately. The [Tally] summarizes the run.
//
// A [Launcher] runs single launches, for example for a profile.
package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// A Sink receives the measurements of a run, for example to store them. If a method of a Sink
// returns an error, the run ends.
type Sink interface {
	// Jobs receives the results of the probes, before the first sample.
	Jobs([]harness.Job) error
	// Sample receives a sample as soon as it is measured.
	Sample(harness.Sample) error
	// Mark receives a sample again after its turn has ended, if a comparison with the other samples of
	// the turn added marks to it.
	Mark(harness.Sample) error
}

// A Runner carries out a [harness.Plan]: it launches the cells of the plan in rounds, and stops
// when the questions are answered or the budget is used.
type Runner struct {
	Launcher
	Sink Sink

	// Budget limits the time of the run, including probes. The run may exceed it by 10 %. If it is 0,
	// the run has no time limit.
	Budget time.Duration
	// Guards hold the files that launches execute and read. If one of these files changes before or
	// during a launch, that launch gives no sample, and the run ends. At its end, the run reads all
	// files again.
	Guards []*Guard
	// Judge reports whether the samples of a question answer it. After FewestRounds rounds, the
	// run no longer measures the blocks of an answered question. Its result must depend only on
	// the samples. If it is nil, every block has all rounds.
	Judge func([]harness.Sample) harness.Standing
	// Next chooses the block to measure next, from the samples so far, or ends the run. Its
	// result must depend only on the samples. If it is nil, the blocks are measured in rounds.
	// If Next is set, the field Search of the plan must be set, too.
	Next func([]harness.Sample) (block int, more bool)
	// Jobs and Samples are those of the run that this run continues. They are empty for a new run.
	Jobs    []harness.Job
	Samples []harness.Sample
	// Progress is called between launches, never during one. It may be nil.
	Progress func(Progress)
	// Say is called between launches with a message that cannot wait for the end of the run. It may
	// be nil.
	Say func(string)
}

// Run carries out the plan p. It first probes each task, to choose the number of tasks in a job.
// Then it measures the blocks in rounds until the rounds of the plan are done, every question is
// answered, or the budget is used. With Next, it instead measures the blocks that Next chooses.
//
// The budget may be too small for the rounds that verdicts on all questions need. Then Run measures
// the first questions of the plan, and the other questions only if time is left. Apart from that,
// the order of measurements depends only on the plan and the samples so far. So a resumed run
// continues as if it had not been interrupted.
//
// Cells that are compared must be measured together, in one turn. So if a turn (a measurement of a
// block) was cut short, Run measures the whole block again. It also repeats a turn, at the end of
// the round, if a launch of the turn was starved or contaminated. Repeated turns add at most a
// fifth of the launches.
//
// A launch that fails, or whose outputs differ from those of the direct loop, gives no sample. The
// run continues, and the error of Run contains a [LaunchError] for each such launch. Run drops a
// cell whose launches fail in two consecutive rounds. If a launch of the direct loop fails, Run
// skips the rest of the turn.
//
// When ctx is done, Run kills the current launch and returns the cause of ctx. An error of the sink
// also ends the run. If Run returns an error, the samples that the sink received before it remain
// valid. If the budget is too small for the tasks of the plan, Run returns an error. If the budget
// ends the run after some launches, Run returns no error, but the tally contains a note.
func (r *Runner) Run(ctx context.Context, p harness.Plan) (Tally, error) {
	run := newRun(r, p)
	ctx, cancel := run.limit(ctx)
	defer cancel()
	var unmarked []harness.Sample
	run.past, unmarked = replay(p, r.Samples)
	err := run.remark(unmarked)
	if err == nil {
		err = run.start(ctx)
	}
	if err == nil {
		err = run.rounds(ctx)
	}
	run.tally.Elapsed = time.Since(run.began)
	run.tally.Spent.Wall = run.tally.Elapsed
	run.sumUp()
	if run.tally.Launches > 0 && !errors.As(err, new(*ChangedError)) {
		err = errors.Join(err, run.unchangedAtLast())
	}
	return run.tally, errors.Join(append(run.failures, err)...)
}

// A run is the state of one call of [Runner.Run].
type run struct {
	*Runner
	plan  harness.Plan
	began time.Time

	questions [][]int // blocks of each question of the plan
	pace      *pace
	past      *ledger
	jobs      map[harness.Task]harness.Job // results of the probes
	found     []harness.Job                // results of the probes, in order
	strikes   map[harness.Cell]strike      // cells whose last launch failed
	dead      map[harness.Cell]bool        // dropped cells
	unfit     map[harness.Cell]bool        // cells that were dropped because the budget is too small for them
	gone      map[int]bool                 // blocks of answered questions
	later     map[int]bool                 // blocks of questions that are set aside
	failures  []error
	tally     Tally
	done      int    // launches done
	in        int    // launches of this round so far, without those of repeated turns
	cut       string // note on where the budget ended the run; "" if it did not
}

func newRun(r *Runner, p harness.Plan) *run {
	made := &run{
		Runner: r, plan: p, questions: questions(p), began: time.Now(), pace: newPace(), past: newLedger(), jobs: map[harness.Task]harness.Job{},
		strikes: map[harness.Cell]strike{}, dead: map[harness.Cell]bool{}, unfit: map[harness.Cell]bool{}, gone: map[int]bool{}, later: map[int]bool{},
		found: slices.Clone(r.Jobs),
	}
	for _, j := range r.Jobs {
		made.jobs[j.Task] = j
	}
	return made
}

// questions returns the questions of the plan, in the order of its blocks. Each question is a list
// of block numbers: the blocks with the same task and the same number of cores.
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

// unchanged checks the files that must stay the same during a run, which the guards list. If one has
// changed, unchanged returns an error, and the run ends.
func (r *run) unchanged() error {
	for _, g := range r.Guards {
		if err := g.Check(); err != nil {
			hint := ""
			if r.Program != nil {
				hint = " (if the tasks themselves write it, --cleanup true permits this)"
			}
			return fmt.Errorf("%w, after %d launches: only the samples of these launches are kept; start a new run%s", err, r.tally.Launches, hint)
		}
	}
	return nil
}

// Changed is the doubt about the samples of a run during which a file changed unnoticed.
const Changed = "a program or an input changed during the run"

// unchangedAtLast is like unchanged, but reads the contents of all files. If a file has changed,
// it is unknown which launches had the earlier contents, so unchangedAtLast also sets the doubt of the
// tally.
func (r *run) unchangedAtLast() error {
	for _, g := range r.Guards {
		if err := g.CheckAll(); err != nil {
			r.tally.Doubt = Changed
			return fmt.Errorf("%w, and no time of a file shows it, so the samples may be those of two programs or inputs; start a new run", err)
		}
	}
	return nil
}

// interrupted returns the error for a run that ends because its context ctx is done.
func (r *run) interrupted(ctx context.Context) error {
	return fmt.Errorf("interrupted after %d launches: %w", r.tally.Launches, context.Cause(ctx))
}

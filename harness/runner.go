package harness

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Sink takes what a run measures, as it is measured. An error ends the run.
type Sink interface {
	// Jobs is told what the probes found, before the first sample.
	Jobs([]Job) error
	Sample(Sample) error
	// Mark is told of a sample again, with more marks than it was given with: what stands
	// out of a turn is known when the turn has ended.
	Mark(Sample) error
}

// A Standing is what the samples of a block say about measuring it further.
type Standing struct {
	Settled bool
	Rounds  int    // that may settle it in all; 0 where it is settled or that cannot be told
	Open    string // what of it is least settled, in words
}

// FewestRounds is how many rounds a block has at least, unless the plan or the budget has
// fewer.
const FewestRounds = 6

// A Runner carries out a plan: one launch at a time, each a fresh process on its cores.
type Runner struct {
	Command []string // the program that is a launch, with its arguments; speaks Spec and Result
	Worker  []string // what worker processes run, with its arguments
	// Workers are what they run instead for some workloads, by workload.
	Workers map[string][]string
	Program []string // what is a task, with its arguments, where that is a program; see Spec
	Inputs  string   // the file with its inputs
	// Servers are the programs that serve the tasks of workloads which ask somebody, by
	// workload: each launch has one of its own.
	Servers map[string][]string
	Dir     string // an existing folder on a real disk; each launch gets a folder in it while it runs
	Sink    Sink

	Budget  time.Duration // ends the run, probes included, at the latest 10 % after it; 0: when the plan's rounds are done
	Timeout time.Duration // of one launch; 0: DefaultTimeout, or as long as its jobs explain
	// Judge says from the samples of a block whether it has been measured enough. A block
	// that has leaves the run, from FewestRounds on. Nil: every block has all rounds. It must
	// be a function of the samples alone.
	Judge func([]Sample) Standing
	// Jobs and Samples are those of the run that this one continues; none for a new run.
	Jobs    []Job
	Samples []Sample
	// Progress is called between launches, never during one. May be nil.
	Progress func(Progress)
	// Say is told, between launches, what cannot wait for the end. May be nil.
	Say func(string)
}

// DefaultTimeout is how long a launch may take before it is killed and counts as failed.
const DefaultTimeout = 2 * time.Minute

// Progress is how far a run is.
type Progress struct {
	Probing bool          // finding the size of jobs, before the first round
	Round   int           // the current one, from 0
	Rounds  int           // planned; 0 for as many as the budget holds
	Done    int           // launches done, or probes
	Total   int           // launches planned, or probes; an estimate where the budget ends the run
	Void    int           // launches that failed
	Next    Cell          // what is launched next; zero when nothing is
	Left    time.Duration // 0 while probing, when nothing is known yet
	Settled int           // blocks that were measured enough
	Again   bool          // this turn was contaminated and is measured again
}

// A Tally is what a run came to.
type Tally struct {
	Launches int // that gave a sample
	Void     int // that failed or gave wrong outputs
	Rounds   int // complete, with those of the run that this one continued
	Again    int // launches that measured a contaminated turn again
	Marked   int // launches that are contaminated
	Wanted   int // rounds in all that may settle what is unsettled, as far as that can be told; else 0
	Elapsed  time.Duration
	Spent    Spent

	Unmeasured []Cell            // of the plan, without any sample
	Notes      []string          // what the run did not measure and why, to be kept with it
	Absent     map[string]string // why a unit has no value in some samples, by unit
}

// absent keeps the first reason why a unit has no value.
func (t *Tally) absent(why map[string]string) {
	for unit, reason := range why {
		if t.Absent == nil {
			t.Absent = map[string]string{}
		}
		if _, known := t.Absent[unit]; !known {
			t.Absent[unit] = reason
		}
	}
}

// Run carries out the plan: a probe of every task, then rounds until the plan's are done,
// every block is settled, or the budget is used.
//
// What is measured next follows from the plan and the samples before it, those of the run
// that this one continues among them. A turn that was cut short is measured again as a
// whole, since what is compared must be measured together. So is, at the end of a round, a
// turn with a contaminated launch, as long as no more than a fifth is added in all.
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
func (r *Runner) Run(ctx context.Context, p Plan) (Tally, error) {
	run := &run{
		Runner: r, plan: p, began: time.Now(), pace: newPace(), jobs: map[Task]Job{},
		strikes: map[Cell]strike{}, dead: map[Cell]bool{}, gone: map[int]bool{},
	}
	ctx, cancel := run.limit(ctx)
	defer cancel()
	var unmarked []Sample
	run.past, unmarked = replay(p, r.Samples)
	run.samples = run.past.counts()
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
	plan     Plan
	began    time.Time
	pace     *pace
	past     *ledger
	jobs     map[Task]Job    // what the probes found
	strikes  map[Cell]strike // cells that failed when they were launched last
	dead     map[Cell]bool   // cells that are dropped
	gone     map[int]bool    // blocks that are settled
	samples  map[Cell]int    // how many each has, twins too
	failures []error
	tally    Tally
	done     int
	in       int    // of them in this round
	cut      string // how far it was when the budget ended it; "" if it did not
}

func (r *run) interrupted(ctx context.Context) error {
	return fmt.Errorf("interrupted after %d launches: %w", r.tally.Launches, context.Cause(ctx))
}

// cost estimates a turn of a block. Before any was measured a launch is guessed to run
// six jobs, the longest of them the direct loop's.
func (r *run) cost(block, launches int) time.Duration {
	b := r.plan.Blocks[block]
	job := r.jobs[b.Task]
	guess := 6*time.Duration(job.Work*float64(job.Tasks)) + b.MinTime
	return r.pace.cost(block, launches, guess)
}

// progress says how far the run is, with launches and time as they are expected to go on.
func (r *run) progress(round int, next Cell) Progress {
	p := Progress{Round: round, Rounds: r.plan.Rounds, Done: r.done, Void: r.tally.Void, Next: next}
	launches, cost := 0, time.Duration(0) // of a round
	for i, b := range r.plan.Blocks {
		if r.gone[i] {
			p.Settled++
			continue
		}
		launches += len(b.Cells)
		cost += r.cost(i, len(b.Cells))
	}
	each := cost / time.Duration(max(1, launches))
	launches++ // the twin
	if r.plan.Rounds > 0 {
		p.Total = r.done + launches*(r.plan.Rounds-round) - r.in
	}
	p.Left = each * time.Duration(max(0, p.Total-r.done))
	if budget := max(0, r.Budget-time.Since(r.began)); r.Budget > 0 && (p.Total == 0 || p.Left > budget) {
		p.Left = budget
		p.Total = r.done + int(budget/max(1, each))
	}
	return p
}

func (r *run) report(p Progress) {
	if r.Progress != nil {
		r.Progress(p)
	}
}

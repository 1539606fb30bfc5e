package harness

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Sink takes samples as they are measured. An error ends the run.
type Sink interface {
	Sample(Sample) error
}

// A Runner carries out a plan: one launch at a time, each a fresh process on its cores.
type Runner struct {
	Command []string // the program that is a launch, with its arguments; speaks Spec and Result
	Worker  []string // what worker processes run, with its arguments
	Program []string // what is a task, with its arguments, where that is a program; see Spec
	Inputs  string   // the file with its inputs
	Dir     string   // an existing folder on a real disk; each launch gets a folder in it while it runs
	Sink    Sink

	Budget  time.Duration // ends the run, probes included, at the latest 10 % after it; 0: when the plan's rounds are done
	Timeout time.Duration // of one launch; 0: DefaultTimeout
	// Progress is called between launches, never during one. May be nil.
	Progress func(Progress)
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
}

// A Tally is what a run came to.
type Tally struct {
	Launches int // that gave a sample
	Void     int // that failed or gave wrong outputs
	Rounds   int // complete
	Elapsed  time.Duration

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

// Run carries out the plan: a probe of every task, then rounds until the plan's are done
// or the budget is used.
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
		Runner: r, plan: p, began: time.Now(), pace: newPace(), jobs: map[Task]Result{},
		strikes: map[Cell]strike{}, dead: map[Cell]bool{}, samples: map[Cell]int{}, controls: controls{},
	}
	ctx, cancel := run.limit(ctx)
	defer cancel()
	err := run.probe(ctx)
	if err == nil {
		err = run.rounds(ctx)
	}
	run.tally.Elapsed = time.Since(run.began)
	run.sumUp()
	return run.tally, errors.Join(append(run.failures, err)...)
}

// A run is the state of one Run.
type run struct {
	*Runner
	plan     Plan
	began    time.Time
	pace     *pace
	jobs     map[Task]Result // what the probes found
	strikes  map[Cell]strike // cells that failed when they were launched last
	dead     map[Cell]bool   // cells that are dropped
	samples  map[Cell]int    // how many each has, twins too
	controls controls
	failures []error
	tally    Tally
	done     int
	cut      string // how far it was when the budget ended it; "" if it did not
}

// probe finds the size and the expected digest of every task's job.
func (r *run) probe(ctx context.Context) error {
	tasks, blocks := r.plan.Tasks()
	for _, t := range tasks {
		if err := r.affords(t, time.Duration(t.Grain)); err != nil {
			return err
		}
	}
	for i, t := range tasks {
		first := r.plan.Blocks[blocks[t][0]]
		direct := first.Cells[0]
		workers := 1
		for _, b := range blocks[t] {
			for _, c := range r.plan.Blocks[b].Cells {
				workers = max(workers, c.Workers)
			}
		}
		r.report(Progress{Probing: true, Rounds: r.plan.Rounds, Done: i, Total: len(tasks), Void: r.tally.Void, Next: direct})
		result, err := r.size(ctx, Spec{Cell: direct, Workers: workers, Seed: r.plan.Seed, MinTime: first.MinTime})
		if spent(ctx) {
			return fmt.Errorf("the budget of %v ends before the sizes of all jobs are known: it ended with that of %s; name fewer or shorter tasks, or a larger budget", r.Budget, t)
		}
		if ctx.Err() != nil {
			return r.interrupted(ctx)
		}
		if err != nil {
			r.void(&LaunchError{Cell: direct, Round: -1, Err: err})
			for _, b := range blocks[t] { // one on other cores is another cell
				r.dead[r.plan.Blocks[b].Cells[0]] = true
			}
			continue
		}
		if err := r.affords(t, time.Duration(result.Work)); err != nil {
			return err
		}
		r.jobs[t] = result
	}
	return nil
}

// size runs a probe, and once more if it fails without having taken too long.
func (r *run) size(ctx context.Context, s Spec) (Result, error) {
	result, err := r.Launch(ctx, s)
	if late := (*timeoutError)(nil); err != nil && ctx.Err() == nil && !errors.As(err, &late) {
		return r.Launch(ctx, s)
	}
	return result, err
}

// rounds measures until the plan's rounds or the budget end.
func (r *run) rounds(ctx context.Context) error {
	for round := 0; r.plan.Rounds == 0 || round < r.plan.Rounds; round++ {
		if r.plan.Rounds == 0 && r.Budget == 0 {
			return errors.New("neither rounds nor a budget: the run would never end")
		}
		measured := false
		for _, turn := range r.plan.Round(round) {
			live := r.live(turn)
			if len(live) == 0 {
				continue
			}
			cost := r.cost(turn.Block, len(live))
			if !fits(time.Since(r.began), cost, r.Budget) {
				if r.done == 0 {
					return fmt.Errorf("the budget of %v ends before the first block, which takes about %v", r.Budget, cost.Round(time.Second/10))
				}
				r.end(round)
				return nil
			}
			if err := r.turn(ctx, turn.Block, live, round); spent(ctx) && r.tally.Launches > 0 {
				r.end(round)
				return nil
			} else if err != nil {
				return err
			}
			measured = true
		}
		if !measured {
			return errors.New("no cell is left to measure")
		}
		r.tally.Rounds++
	}
	return nil
}

// turn measures a block once. It ends early if the direct loop fails: the cells after it
// would have nothing to be compared with.
func (r *run) turn(ctx context.Context, block int, launches []Launch, round int) error {
	began, done := time.Now(), 0
	direct := Launch{Cell: r.plan.Blocks[block].Cells[0]}
	for _, l := range launches {
		if r.dead[l.Cell] {
			continue
		}
		r.report(r.progress(round, l.Cell))
		good, err := r.measure(ctx, l, block, round)
		if err != nil {
			return err
		}
		done++
		r.done++
		if !good && l == direct {
			break
		}
	}
	r.pace.add(block, done, time.Since(began))
	return nil
}

// measure runs one launch and hands its sample to the sink. It reports whether there was
// one; its error ends the run.
func (r *run) measure(ctx context.Context, l Launch, block, round int) (good bool, err error) {
	job := r.jobs[l.Cell.Task()]
	at := time.Now()
	result, err := r.Launch(ctx, Spec{
		Cell: l.Cell, Tasks: job.Tasks, Seed: r.plan.Seed, MinTime: r.plan.Blocks[block].MinTime,
	})
	if spent(ctx) {
		return false, fmt.Errorf("the budget of %v ended during the launch of %s", r.Budget, l.Cell)
	}
	if ctx.Err() != nil {
		return false, r.interrupted(ctx)
	}
	if err == nil && result.Digest != job.Digest {
		err = &DigestError{Got: result.Digest, Want: job.Digest}
	}
	if err != nil {
		r.fail(l.Cell, round, err)
		return false, nil
	}
	delete(r.strikes, l.Cell)
	if v, ok := result.Values[UnitControl]; ok && r.controls.standsOut(l.Cell.Cores, v) {
		result.Marks = append(result.Marks, MarkControl)
	}
	s := Sample{
		Cell: l.Cell, Twin: l.Twin, Round: round, Block: block,
		Reps: result.Reps, Values: result.Values, Subsample: job.Subsample, Marks: result.Marks, At: at,
	}
	if err := r.Sink.Sample(s); err != nil {
		return false, err
	}
	r.tally.absent(result.Absent)
	r.samples[l.Cell]++
	r.tally.Launches++
	return true, nil
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
		launches += len(b.Cells)
		cost += r.cost(i, len(b.Cells))
	}
	each := cost / time.Duration(launches)
	launches++ // the twin
	p.Total = r.plan.Rounds * launches
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

package work

import "context"

// An Executor runs jobs until Close or Stop. All methods may be called by many goroutines
// at once.
type Executor interface {
	// Start begins work on job and returns at once. Tasks in this process see ctx. It
	// returns ErrClosed after Close or Stop, an OptionError for terms that the executor
	// cannot keep, and ErrNested for a job that its own task could only wait for in vain.
	Start(ctx context.Context, job Job) (Lease, error)
	// Submit is Start for a job of one task. An executor with a queue for such tasks keeps
	// the task there and returns a nil lease; any other returns the result of Start.
	Submit(ctx context.Context, task Single) (Lease, error)
	// Core returns the part that all executors have in common.
	Core() *Core
	// Counts returns the number of tasks by state since the executor was made.
	Counts() Counts
	// Close refuses new jobs, finishes the accepted ones and frees everything. It is
	// idempotent.
	Close() error
	// Stop refuses new jobs, cancels tasks that have not started, and ends workers as fast
	// as the strategy can, processes by force once ctx is done. Unfinished tasks fail with
	// ErrClosed. It is idempotent.
	Stop(ctx context.Context) error
}

// A Lease is an executor at work on one job.
type Lease interface {
	// Wake tells the executor that tasks became claimable after a Take that returned Later.
	// It never blocks, and is cheap when no worker sleeps.
	Wake()
	// Help lets the executor use the goroutine of a caller that is about to wait for the
	// job, and reports whether to call it again before waiting. If ctx is that of a running
	// task of the same executor, Help runs some of the job's tasks in the slot of that task,
	// so that the number of runners never exceeds the number of workers; without this, a
	// pool whose tasks all wait would deadlock. For any other caller it may do, for at most
	// 200 µs, the work that another goroutine would have to be woken for.
	Help(ctx context.Context) (again bool)
	// Stop is called after the job was cancelled, by the goroutine that waits for it. The
	// executor gives up the tasks that it took and that have not started, at once, even if
	// workers sleep or are busy with other jobs.
	Stop()
	// Wait returns when the executor holds no task of the job any more: each task that was
	// taken has its outcome.
	Wait()
}

// Refused returns an executor without workers that answers every job with err.
// Constructors without an error result use it: the first job reports a bad argument.
func Refused(name string, err error) Executor {
	return &refused{core: Core{Name: name}, err: err}
}

type refused struct {
	core Core
	err  error
}

func (r *refused) Start(context.Context, Job) (Lease, error)     { return nil, r.err }
func (r *refused) Submit(context.Context, Single) (Lease, error) { return nil, r.err }
func (r *refused) Core() *Core                                   { return &r.core }
func (r *refused) Counts() Counts                                { return r.core.Counts(0) }
func (r *refused) Close() error                                  { return nil }
func (r *refused) Stop(context.Context) error                    { return nil }

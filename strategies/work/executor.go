package work

import "context"

// An Executor runs jobs until Close or Stop. All methods are safe for concurrent use.
type Executor interface {
	// Start begins work on job and returns at once. Tasks in this process receive ctx. Start
	// returns ErrClosed after Close or Stop, and an OptionError for terms that the executor does
	// not support. It returns ErrNested if a task of the executor itself starts the job and the job
	// would deadlock.
	Start(ctx context.Context, job Job) (Lease, error)
	// Submit is Start for a job of one task. An executor with a queue for such tasks queues the
	// task and returns a nil lease. An executor without such a queue returns the result of Start.
	Submit(ctx context.Context, task Single) (Lease, error)
	// Core returns the fields that all executors have in common.
	Core() *Core
	// Counts returns the number of tasks in each state since the executor was created.
	Counts() Counts
	// Close refuses new jobs, finishes the accepted jobs and frees all resources. It is
	// idempotent.
	Close() error
	// Stop refuses new jobs, cancels tasks that have not started, and ends the workers as fast as
	// the strategy can. When ctx is done, it kills worker processes. Unfinished tasks fail with
	// ErrClosed. Stop is idempotent. It returns an OptionError for a nil ctx.
	Stop(ctx context.Context) error
}

// A Lease is the use of an executor for one job.
type Lease interface {
	// Wake tells the executor that tasks can be taken again after a Take that returned Later. It
	// never blocks, and is cheap when no worker sleeps.
	Wake()
	// Help lets the executor run work on the goroutine of the caller, which is about to wait for
	// the job. It reports whether the caller should call Help again before it waits. If ctx belongs
	// to a running task of the same executor, Help runs tasks of the job as the worker of that
	// task. Thus no more tasks run at once than there are workers, and a pool whose tasks all wait
	// does not deadlock. For any other caller, Help may work for at most 200 µs, which avoids
	// waking another goroutine.
	Help(ctx context.Context) (again bool)
	// Stop is called by the goroutine that waits for the job, after the job was cancelled. Tasks
	// that the executor took but has not started then fail at once, even if workers sleep or are
	// busy with other jobs.
	Stop()
	// Wait returns when each task of the job that the executor took has its outcome.
	Wait()
}

// Refused returns an executor that has no workers and returns err for every job. A constructor
// without an error result returns such an executor for an invalid argument.
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
func (r *refused) Stop(ctx context.Context) error                { return CheckContext(ctx) }

package work

import "context"

// An Executor runs jobs until Close or Stop. All methods are safe for concurrent use.
type Executor interface {
	// Start begins work on job and returns at once. Tasks in this process receive ctx. Start
	// returns ErrClosed after Close or Stop, an OptionError for terms that the executor does
	// not support, and ErrNested for a job of one of its own tasks that would deadlock.
	Start(ctx context.Context, job Job) (Lease, error)
	// Submit is Start for a job of one task. An executor with a queue for such tasks queues
	// the task and returns a nil lease; any other returns the result of Start.
	Submit(ctx context.Context, task Single) (Lease, error)
	// Core returns the part that all executors have in common.
	Core() *Core
	// Counts returns the number of tasks in each state since the executor was created.
	Counts() Counts
	// Close refuses new jobs, finishes the accepted jobs and frees all resources. It is
	// idempotent.
	Close() error
	// Stop refuses new jobs, cancels tasks that have not started, and ends the workers as fast
	// as the strategy can; it kills worker processes once ctx is done. Unfinished tasks fail
	// with ErrClosed. Stop is idempotent. It refuses a nil ctx with an OptionError.
	Stop(ctx context.Context) error
}

// A Lease is the work of an executor on one job.
type Lease interface {
	// Wake tells the executor that tasks became claimable after a Take that returned Later.
	// It never blocks, and is cheap when no worker sleeps.
	Wake()
	// Help lets the executor use the goroutine of a caller that is about to wait for the job,
	// and reports whether the caller should call it again before it waits. If ctx belongs to a
	// running task of the same executor, Help runs tasks of the job as the worker of that task,
	// so that no more tasks run at once than there are workers; a pool whose tasks all wait
	// would deadlock otherwise. For any other caller it may do work for at most 200 µs, which
	// saves waking another goroutine.
	Help(ctx context.Context) (again bool)
	// Stop gives up, at once, the tasks that the executor took and has not started, even if
	// workers sleep or are busy with other jobs. The goroutine that waits for the job calls it
	// after the job was cancelled.
	Stop()
	// Wait returns when the executor holds no task of the job any more: each task that it took
	// has its outcome.
	Wait()
}

// Refused returns an executor without workers that returns err for every job. Constructors
// without an error result use it to report a bad argument with the first job.
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

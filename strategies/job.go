package strategies

import "context"

// A Span is the slots Lo up to, not including, Hi.
//
// A slot is where a task lives in its job: in a map the task's own number, in a
// stream a place in its window that is used again by a later task. An executor
// only ever sees slots; the job knows which task is in one.
type Span struct{ Lo, Hi int }

// Len returns the number of slots in s.
func (s Span) Len() int { return s.Hi - s.Lo }

// A State says what [Job.Take] found.
type State uint8

const (
	Ready State = iota // the span holds tasks that nobody else has
	Later              // nothing to claim now; the job calls [Lease.Wake] when there is
	Over               // nothing to claim, now or ever
)

// A Job is a sequence of independent tasks and the place for their outcomes, as
// an [Executor] sees it. The job owns claims, order, windows, back-pressure and
// outcomes; the executor owns who runs what, where.
//
// A task is handed out once, by Take. Whoever took it must bring about one
// outcome for it: by Drain, or by SetOutputs or Fail followed by Finish. All
// methods may be called by many goroutines at once, except where w is passed:
// calls with one w never overlap. Workers count from 0; -1 is the goroutine that
// waits for the job, which runs nothing but may skip what was cancelled.
//
// An executor in this process uses Take and Drain alone and so never encodes; one
// whose workers are processes uses AppendInputs, SetOutputs, Fail and Finish.
type Job interface {
	// Kernel returns the name by which a worker process finds the function.
	Kernel() string
	// Options returns what the caller asked of the job, validated.
	Options() *Options
	// Key returns the key of the task in slot i by the kernel's key function, which may
	// panic or end the goroutine; ok is false if the kernel has none.
	Key(i int) (key uint64, ok bool)
	// Resumes reports whether the kernel has a resumable form.
	Resumes() bool
	// Begin starts the task in slot i by that form and returns; ev learns the outcome,
	// which is published on the loop's goroutine. A panic of the form goes through.
	Begin(ctx context.Context, i int, ev *Events)
	// Take claims up to limit tasks. It never blocks. The span is not empty
	// exactly when the state is Ready.
	Take(limit int) (Span, State)
	// Drain claims tasks from r and runs them here as worker w until r is empty,
	// and returns how many it ran. It recovers from panics. If a task calls
	// [runtime.Goexit] its outcome is recorded and the goroutine ends.
	Drain(ctx context.Context, r *Range, w int) int
	// AppendInputs appends the encoded inputs of the tasks of s to dst, each behind its
	// length (four bytes, little endian), until dst has limit bytes or more. It moves dst
	// and s.Lo on, also where a codec ends the goroutine; upon an error s.Lo is the task
	// that could not be encoded, with nothing of it in dst. It may be called again for the
	// same tasks, since a task may be sent again.
	//
	// The last task may end with bytes that are not in dst but returned as rest, at least
	// [LentFrom]. They are the caller's of the job: who has them reads them, and not any more
	// once that task has its outcome.
	AppendInputs(dst *[]byte, s *Span, limit int) (rest []byte, err error)
	// SetOutputs decodes what comes first in src as the outputs of the tasks of s, in the
	// form of AppendInputs, until either has no more. It moves src and s.Lo on, also where
	// a codec ends the goroutine; upon an error s.Lo is the task whose output could not be
	// decoded, and src is behind that. This task has no outcome yet: the caller passes the
	// error to Fail. The lengths in src have been checked. It is not kept,
	// unless give, which may be nil, is called before and reports that it is the job's now.
	SetOutputs(src *[]byte, s *Span, give func() bool) error
	// Fail records err as the outcome of the task in slot i.
	Fail(i int, err error)
	// Finish publishes the outcomes of s, recorded before by SetOutputs or Fail, as
	// the work of worker w. From then on the slots may hold other tasks.
	Finish(s Span, w int)
	// Cancel makes every task that has not started fail with cause instead of
	// running. The first cause stays. An executor cancels the jobs it has when it is
	// stopped; spans that it took and has not started it then passes to Drain, or
	// fails one by one with Cancelled.
	Cancel(cause error)
	// Cancelled returns why tasks that have not started must not start, nil while
	// they may. Drain asks it by itself.
	Cancelled() error
}

// A Lease is an executor at work on one job.
type Lease interface {
	// Wake says that tasks became claimable after a Take that returned Later. It
	// never blocks and is cheap when nobody waits.
	Wake()
	// Help runs some of the job's tasks in the caller's stead and reports whether
	// it ran any. It is for a task that waits for a job of its own executor, which
	// would deadlock when all workers do so.
	// The context must be that of a running task of the same executor, whose slot
	// it uses, so that there is never a runner above the worker limit; with any
	// other context it does nothing.
	Help(ctx context.Context) bool
	// Stop is called after the job was cancelled, by the goroutine that waits for it:
	// the executor lets go of tasks that it took and that have not started, at once
	// even if workers are asleep or busy with other jobs.
	Stop()
	// Wait returns when the executor holds no task of the job any more: every task
	// that was taken has its outcome.
	Wait()
}

// An Attendant is a lease that gains by a caller who has nothing else to do than to wait for
// the job, since it can do on the caller's goroutine what another would be woken for. A codec
// that calls [runtime.Goexit] there ends the caller, after its task has its outcome: nobody
// could go on in its stead.
type Attendant interface {
	// Attend is called by a goroutine that is about to wait for the job. It does nothing
	// or returns soon, within 200 µs, whether the job is done or not.
	Attend()
}

// An Awaited is a job for which the goroutine that starts it has nothing to do but to wait, so
// that what an [Attendant] does, Start may do already.
type Awaited interface{ Awaited() }

// attend is called before a wait for the job of l.
func attend(l Lease) {
	if a, ok := l.(Attendant); ok {
		a.Attend()
	}
}

// An Executor runs jobs. It is made by a [Strategy] and lives until Close or Stop.
// Its methods may be called by many goroutines at once.
type Executor interface {
	// Start begins work on job and returns at once. The context is the one that
	// tasks see. It returns ErrClosed after Close or Stop, and an OptionError when
	// it cannot keep one of the job's options.
	Start(ctx context.Context, job Job) (Lease, error)
	// Close refuses new jobs, finishes those that were accepted and frees
	// everything. It is idempotent.
	Close() error
	// Stop refuses new jobs, cancels what has not started, and ends workers as
	// fast as the strategy can, for processes by force once ctx is done. Every
	// unfinished task fails with ErrClosed. It is idempotent.
	Stop(ctx context.Context) error
}

// Workers is how many workers an executor has, for those who ask.
type Workers interface{ Workers() int }

// An Attributor is an executor whose workers are processes that come and go.
type Attributor interface {
	// Attribute returns the process on which worker w ran the task in slot i, and how
	// often it had been lost with its worker before. It may be called from the job's
	// Finish of that slot by w alone.
	Attribute(w, i int) (process *Worker, lost int)
}

func workersOf(ex Executor) int {
	if w, ok := ex.(Workers); ok {
		return w.Workers()
	}
	return 1
}

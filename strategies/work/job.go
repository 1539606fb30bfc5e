package work

import (
	"context"
	"math"
	"time"

	"github.com/payoff-bench/payoff/strategies/chunk"
)

// MaxTasks is the largest number of tasks of a map: a claim is one atomic word with two
// 32-bit slots in it, and a slot, also one that is claimed too late, is an int.
const MaxTasks = min(math.MaxUint32, math.MaxInt/2)

// LentFrom is the size in bytes from which on the bytes of an encoded value are not copied.
const LentFrom = 32 << 10

// Outside is the worker number of the goroutine that waits for a job. It runs no task, but
// may skip tasks of a cancelled job.
const Outside = -1

// A Span is the slots Lo up to, not including, Hi.
//
// A slot is the place of a task in its job: in a map the number of the task, in a stream a
// place in the window that a later task uses again. An executor sees slots only; the job
// knows the task in each.
type Span struct{ Lo, Hi int }

// Len returns the number of slots in s.
func (s Span) Len() int { return s.Hi - s.Lo }

// A State is the result of [Job.Take].
type State uint8

const (
	Ready State = iota // the span holds tasks that no other taker has
	Later              // nothing to claim now; the job calls [Lease.Wake] when there is
	Over               // nothing to claim, now or ever
)

// Terms are what a job asks of its executor. They do not change while the job runs.
type Terms struct {
	Kernel  string        // name by which a worker process finds the function
	Chunk   chunk.Policy  // tasks handed over at a time; never nil
	Limit   time.Duration // longest run of one task; 0 means no limit
	Retries int           // times that a task lost with its worker is run again
	Stream  bool          // outcomes are wanted as they come, not all at the end
	Keyed   bool          // the kernel has a key function: see [Job.Key]
	Resumes bool          // the kernel has a resumable form: see [Job.Begin]
	Awaited bool          // the goroutine that calls Start does nothing but wait for the job
}

// Least returns the smallest number of tasks worth handing over.
func (t *Terms) Least() int {
	if f, ok := t.Chunk.(chunk.Fixed); ok {
		return int(f)
	}
	return 1
}

// Sizer returns a sizer for chunks of the job, of which total tasks are there, with the
// target time for one process.
func (t *Terms) Sizer(total, workers int) chunk.Sizer {
	return chunk.NewSizer(t.Chunk, total, workers, chunk.Target)
}

// Refuse returns an OptionError for terms that a strategy without limits, or without
// retries, cannot keep, else nil.
func (t *Terms) Refuse(strategy string, limits, retries bool) error {
	switch {
	case t.Limit > 0 && !limits:
		return &OptionError{Strategy: strategy, Option: "limit", Value: t.Limit, Reason: "cannot be enforced by this strategy"}
	case t.Retries > 0 && !retries:
		return &OptionError{Strategy: strategy, Option: "retries", Value: t.Retries, Reason: "not kept by this strategy, whose workers are not lost"}
	}
	return nil
}

// By names the worker that ran a task.
type By struct {
	Worker  int     // from 0, or Outside
	Process *Worker // nil for a worker in this process
	Attempt int     // from 1, more if the task was lost with its worker before; 0 counts as 1
}

// A Job is a sequence of independent tasks and the place for their outcomes, as an
// [Executor] sees it.
//
// Take hands out each task once. The taker brings about one outcome for it: by Drain, or by
// SetOutputs or Fail followed by Finish. All methods may be called by many goroutines at
// once, but calls with one worker number never overlap.
//
// An executor in this process uses Take and Drain alone and so never encodes; one whose
// workers are processes uses AppendInputs, SetOutputs, Fail and Finish.
type Job interface {
	Terms() *Terms
	// Key returns the key of the task in slot i by the kernel's key function, which may
	// panic or end the goroutine. It is called only if the job is keyed.
	Key(i int) uint64
	// Begin starts the task in slot i by the kernel's resumable form and returns. When the
	// task has its outcome, on any goroutine, the job calls settle; the first call counts.
	// The loop then calls record on its own goroutine, which publishes the outcome. A panic
	// of the form is not recovered.
	Begin(ctx context.Context, i int, ev Events, settle func(record func()))
	// Take claims up to limit tasks. It never blocks. The span is not empty exactly when the
	// state is Ready.
	Take(limit int) (Span, State)
	// Drain claims tasks from r and runs them here as worker w until r is empty. It recovers
	// from panics. If a task calls [runtime.Goexit], Drain records its outcome and the
	// goroutine ends.
	//
	// If a task of a job with a limit is still running at its limit, Drain returns early
	// with a channel that is closed when the task returns; r may not be empty. The worker
	// must run nothing until then, so that there are never more runners than workers.
	Drain(ctx context.Context, r *Range, w int) (stray <-chan struct{})
	// AppendInputs appends the encoded inputs of the tasks of s to dst, each behind its
	// length (four bytes, little endian), until dst has limit bytes or more. It moves dst
	// and s.Lo on, also where a codec ends the goroutine; upon an error s.Lo is the task
	// that could not be encoded, with nothing of it in dst. It may be called again for the
	// same tasks, since a task may be sent again.
	//
	// The last task may end with bytes that are not in dst but returned as rest, at least
	// LentFrom. The caller reads them, and not any more once that task has its outcome.
	AppendInputs(dst *[]byte, s *Span, limit int) (rest []byte, err error)
	// SetOutputs decodes the front of src as the outputs of the tasks of s, in the form of
	// AppendInputs, until either has no more. It moves src and s.Lo on, also where a codec
	// ends the goroutine; upon an error s.Lo is the task whose output could not be decoded,
	// and src is behind that. This task has no outcome yet: the caller passes the error to
	// Fail. The lengths in src have been checked. The job keeps nothing of src, unless give,
	// which may be nil, is called before and reports that the bytes are the job's now.
	SetOutputs(src *[]byte, s *Span, give func() bool) error
	// Fail records err as the outcome of the task in slot i.
	Fail(i int, by By, err error)
	// Finish publishes the outcomes of s, recorded before by SetOutputs or Fail. From then on
	// the slots may hold other tasks.
	Finish(s Span, by By)
	// Cancel makes every task that has not started fail with cause. The first cause stays.
	// An executor that is stopped cancels its jobs; it passes spans that it took and has not
	// started to Drain, or fails them one by one with Cancelled.
	Cancel(cause error)
	// Cancelled returns the cause of Cancel, nil while tasks may start.
	Cancelled() error
}

// A Single is a job of one task, in slot 0, that an executor can keep in a queue without a
// lease.
type Single interface {
	Job
	// Run runs the task as worker w, unless it has started or was cancelled. If the task
	// calls Goexit the goroutine ends, with the outcome recorded.
	Run(w int)
}

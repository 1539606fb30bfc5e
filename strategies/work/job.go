package work

import (
	"context"
	"math"
	"time"

	"github.com/payoff-bench/payoff/strategies/chunk"
)

// MaxTasks is the largest number of tasks of a map. A [Range] packs two 32-bit slot numbers into
// one atomic word, and a slot number must fit into an int even when [Range.Add] overshoots.
const MaxTasks = min(math.MaxUint32, math.MaxInt/2)

// LentFrom is the smallest size, in bytes, of an encoded value that is passed on without a copy.
const LentFrom = 32 << 10

// Outside is the worker number of a goroutine that is not a worker, such as the one that waits for
// a job. It runs no task, but may skip tasks of a cancelled job.
const Outside = -1

// A Span is the half-open interval of slots from Lo up to Hi.
//
// A slot is the place of a task in its job. In a map it is the number of the task; in a stream it
// is a place in the window that later tasks reuse. An executor sees only slots; the job knows which
// task is in each slot.
type Span struct{ Lo, Hi int }

// Len returns the number of slots in s.
func (s Span) Len() int { return s.Hi - s.Lo }

// A State is the result of [Job.Take].
type State uint8

const (
	Ready State = iota // the span holds tasks, which no other taker receives
	Later              // there are no tasks now; the job calls [Lease.Wake] when there are new tasks
	Over               // there are no tasks and there will be no more
)

// Terms holds what a job requires from its executor, such as a time limit. The fields do not change
// while the job runs.
type Terms struct {
	Kernel  string        // name by which a worker process finds the function
	Chunk   chunk.Policy  // decides the number of tasks handed over at a time; never nil
	Limit   time.Duration // longest time that one task may run; 0 means no limit
	Retries int           // how often the executor reruns a task whose worker was lost
	Stream  bool          // the caller wants each outcome at once, not all outcomes at the end
	Keyed   bool          // the kernel has a key function: see [Job.Key]
	Resumes bool          // the kernel has a resumable form: see [Job.Begin]
	Awaited bool          // after Start, the goroutine that called it does nothing but wait for the job
	Stamps  Stamps        // records stages of tasks; nil for none
}

// Least returns the chunk size if it is fixed, else 1. The executor should not hand over fewer
// tasks at a time, unless fewer are left.
func (t *Terms) Least() int {
	if f, ok := t.Chunk.(chunk.Fixed); ok {
		return int(f)
	}
	return 1
}

// Sizer returns a [chunk.Sizer] for total tasks of the job. Automatic chunks take about
// [chunk.Target], the duration for chunks that stay in one process.
func (t *Terms) Sizer(total, workers int) chunk.Sizer {
	return chunk.NewSizer(t.Chunk, total, workers, chunk.Target)
}

// Refuse returns an OptionError if t has a time limit or retries and the strategy does not support
// them. Otherwise it returns nil. The parameters limits and retries say whether the strategy
// supports each of the two options.
func (t *Terms) Refuse(strategy string, limits, retries bool) error {
	switch {
	case t.Limit > 0 && !limits:
		return &OptionError{Strategy: strategy, Option: "limit", Value: t.Limit, Reason: "this strategy cannot enforce a time limit"}
	case t.Retries > 0 && !retries:
		return &OptionError{Strategy: strategy, Option: "retries", Value: t.Retries, Reason: "this strategy never loses a worker, so it has no retries"}
	}
	return nil
}

// By identifies the worker that ran a task, its process if it has one, and the attempt.
type By struct {
	Worker  int     // from 0, or Outside
	Process *Worker // nil for a worker in this process
	Attempt int     // number of the attempt, from 1; above 1 if the worker of an earlier attempt was lost; 0 counts as 1
}

// A Job is a sequence of independent tasks and their outcomes, as an [Executor] sees it.
//
// Take hands out each task once. The caller of Take then gives the task one outcome, in one of two
// ways. Either it calls Drain, which runs the task, or it calls SetOutputs or Fail, followed by
// Finish. All methods are safe for concurrent use, but calls with the same worker number must not
// overlap.
//
// An executor whose workers are goroutines uses only Take and Drain, so it never encodes values. An
// executor whose workers are processes uses AppendInputs, SetOutputs, Fail and Finish.
type Job interface {
	Terms() *Terms
	// Key returns the key of the task in slot i. It calls the kernel's key function, which may
	// panic or call Goexit. An executor may call Key only if the job is keyed.
	Key(i int) uint64
	// Begin starts the task in slot i with the resumable form of the kernel and returns. When the
	// task has its outcome, the job calls settle, on any goroutine; only the first call counts. The
	// event loop then calls record, on its own goroutine, and record publishes the outcome. Begin
	// does not recover from a panic.
	Begin(ctx context.Context, i int, ev Events, settle func(record func()))
	// Take removes up to limit tasks from the job and returns their slots. It never blocks. The
	// span is empty unless the state is Ready.
	Take(limit int) (Span, State)
	// Drain claims tasks from r and runs them on this goroutine as worker w until r is empty. It
	// recovers from panics. If a task calls [runtime.Goexit], Drain runs the deferred calls that
	// record its outcome, and the goroutine ends.
	//
	// If a task exceeds the time limit of its job, Drain returns early and may leave tasks in r.
	// stray is then a channel that is closed when the task returns. The worker must run no other
	// task until then, so that no more tasks run at once than there are workers.
	Drain(ctx context.Context, r *Range, w int) (stray <-chan struct{})
	// AppendInputs appends the encoded inputs of the tasks of s to dst until dst has at least limit
	// bytes. The length of each input precedes it, in four bytes, little endian. AppendInputs
	// advances dst and s.Lo, even if a codec calls Goexit. After an error s.Lo is the task that
	// could not be encoded, and dst has no part of that task. AppendInputs may be called again for
	// the same tasks, since the executor may send a task again.
	//
	// If the input of the last task is large, AppendInputs may return its last bytes, at least
	// LentFrom of them, as rest instead of appending them. The caller may read rest until the task
	// has its outcome.
	AppendInputs(dst *[]byte, s *Span, limit int) (rest []byte, err error)
	// SetOutputs decodes the outputs of the tasks of s from the front of src, in the format of
	// AppendInputs, until src or s is empty. The caller has checked the lengths in src.
	// SetOutputs advances src and s.Lo, even if a codec ends the goroutine. After an error s.Lo
	// is the task whose output could not be decoded, src starts after that output, and the
	// caller must pass the error to Fail. The job keeps no part of src, unless it calls give and
	// give returns true: src then belongs to the job. give may be nil.
	SetOutputs(src *[]byte, s *Span, give func() bool) error
	// Fail records err as the outcome of the task in slot i, which worker by ran.
	Fail(i int, by By, err error)
	// Finish publishes the outcomes of the tasks of s, which SetOutputs or Fail recorded. From then
	// on the slots may hold other tasks.
	Finish(s Span, by By)
	// Cancel makes every task that has not started fail with cause. Only the first cause counts.
	// When an executor is stopped, it cancels its jobs. It then handles each span that it took and
	// has not started: it passes the span to Drain, or fails the tasks of the span one by one with
	// the error that Cancelled returns.
	Cancel(cause error)
	// Cancelled returns the cause passed to Cancel, or nil while tasks may start.
	Cancelled() error
}

// A Single is a job of one task, which has slot 0. An executor can queue a Single without creating
// a [Lease].
type Single interface {
	Job
	// Run runs the task as worker w, unless the task has started or was cancelled. If the task
	// calls Goexit, Run records its outcome and the goroutine ends.
	Run(w int)
	// Waiting reports whether the task has neither started nor been cancelled.
	Waiting() bool
}

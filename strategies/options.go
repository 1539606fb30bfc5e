package strategies

import (
	"context"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// Options configure one job. The zero value means the defaults. A function with an Options argument
// returns an [OptionError] if the function or the executor does not support an option.
type Options struct {
	// Chunk is the policy that decides how many tasks a worker receives at a time. Nil means the
	// default: [chunk.Auto] for a map on Pool, Steal or Serial that has neither limit nor hooks,
	// else Fixed(1), one task at a time. With Auto, a task waits while its worker runs an earlier
	// task of the same chunk; tasks that wait for each other therefore need Fixed(1). Fixed(0)
	// means Fixed(1). In a stream a chunk is never larger than the window: a
	// larger Fixed is lowered to the window, and other policies divide only the tasks that are
	// ready. Go has no chunks. If a policy panics or calls [runtime.Goexit], the job is cancelled
	// with a [CallbackError].
	Chunk chunk.Policy
	// Order is the order in which a stream delivers outcomes. Drain always uses CompletionOrder;
	// Map and Go have no order.
	Order Order
	// Window is the largest number of tasks of a stream that are pulled and not yet delivered. 0
	// means DefaultWindow, or twice the size of a fixed chunk if that is more. Map and Go have no
	// window.
	Window int
	// FailFast makes the first failure cancel the job, so that no further task starts.
	FailFast bool
	// Limit is the longest time that one task may run, from its own start; 0 means no limit. A task
	// that is still running at the limit fails at once with a [TimeoutError], and its context ends.
	// A goroutine cannot be ended by force: the worker of this task runs no other task until the
	// task returns. [Counts] reports such a worker as lost, and Close and Stop return a
	// [StrayError] while the task runs. To bound the whole job or the wait of a caller, use a
	// context.
	Limit time.Duration
	// Retries is how many times a task is rerun after its worker process was lost. Executors whose
	// workers are goroutines lose no workers and refuse this option. A task whose kernel returns an
	// error or panics is never rerun.
	Retries int
	// Hooks are called with the outcomes of tasks; nil means no hooks.
	Hooks *Hooks
	// Stamps records when tasks are sent to worker processes and when their outputs arrive, for a
	// harness; nil means no records.
	Stamps work.Stamps
}

// DefaultWindow is the window of a stream whose options set none. MaxWindow is the largest window.
const (
	DefaultWindow = 1024
	MaxWindow     = 1 << 24
)

// An Order is the order in which a stream delivers results.
type Order uint8

const (
	InputOrder      Order = iota // order of the inputs: each outcome as soon as it and all earlier outcomes exist
	CompletionOrder              // each outcome as soon as it exists
)

func (o Order) String() string {
	switch o {
	case InputOrder:
		return "input"
	case CompletionOrder:
		return "completion"
	}
	return fmt.Sprintf("order %d", uint8(o))
}

// plain reports whether every option in o that affects a single task has its default. It ignores
// FailFast, which has no effect on a single task, and Stamps, which has none on a task in a queue.
func (o *Options) plain() bool {
	return o.Chunk == nil && o.Order == 0 && o.Window == 0 && o.Limit == 0 && o.Retries == 0 && o.Hooks == nil
}

// A call names a kind of job in error messages: a map, a stream or a future.
type call string

const (
	aMap    call = "a map"
	aStream call = "a stream"
	aFuture call = "a future"
)

// terms validates the options of a job and fills in their defaults in o. It returns the terms that
// the executor needs. c names the kind of job in errors.
func terms[In, Out any](ctx context.Context, ex Executor, k *Kernel[In, Out], o *Options, c call) (work.Terms, error) {
	refuse := func(option string, value any, reason string) (work.Terms, error) {
		return work.Terms{}, &OptionError{Option: option, Value: value, Reason: reason}
	}
	fixed, isFixed := o.Chunk.(chunk.Fixed)
	stream := c == aStream
	switch {
	case isFixed && (fixed < 0 || fixed > work.MaxTasks):
		return refuse("chunk", int(fixed), fmt.Sprintf("must be 1 to %d (0 means 1)", uint64(work.MaxTasks)))
	case o.Window < 0 || o.Window > MaxWindow:
		return refuse("window", o.Window, fmt.Sprintf("must be 1 to %d (0 means %d)", MaxWindow, DefaultWindow))
	case o.Order > CompletionOrder:
		return refuse("order", o.Order, "must be input or completion")
	case o.Limit < 0:
		return refuse("limit", o.Limit, "must not be negative (0 means no limit)")
	case o.Retries < 0:
		return refuse("retries", o.Retries, "must not be negative")
	case o.Window > 0 && !stream:
		return refuse("window", o.Window, string(c)+" has no window; use a stream")
	case o.Order != InputOrder && !stream:
		return refuse("order", o.Order, string(c)+" has no completion order; use a stream")
	case o.Chunk != nil && c == aFuture:
		return refuse("chunk", o.Chunk, "a future has only one task")
	}
	if err := k.needed(ctx, ex); err != nil {
		return work.Terms{}, err
	}
	switch {
	case o.Chunk == nil && c == aMap && ex.Core().Adapts && o.Limit == 0 && o.Hooks == nil:
		o.Chunk = chunk.Auto{}
	case o.Chunk == nil || isFixed && fixed == 0:
		o.Chunk = chunk.Fixed(1)
	}
	if stream {
		if o.Window == 0 {
			o.Window = max(DefaultWindow, min(2*int(fixed), MaxWindow))
		}
		if int(fixed) > o.Window {
			o.Chunk = chunk.Fixed(o.Window)
		}
	}
	return work.Terms{
		Kernel: k.Name, Chunk: o.Chunk, Limit: o.Limit, Retries: o.Retries,
		Stream: stream, Keyed: k.Key != nil, Resumes: k.Begin != nil, Awaited: c == aMap, Stamps: o.Stamps,
	}, nil
}

package strategies

import (
	"context"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// Options configure one job. The zero value means the defaults. A call returns an [OptionError] for
// an option that it or the executor does not support.
type Options struct {
	// Chunk is the policy that decides the number of tasks handed over at a time. Nil and
	// Fixed(0) mean Fixed(1), unchunked. In a stream a chunk is never larger than the window:
	// Fixed is lowered to it, and other policies share out only the tasks that are ready, which are
	// at most the window. Go has no chunks. If a policy panics or calls [runtime.Goexit], it cancels
	// the job with a [CallbackError].
	Chunk chunk.Policy
	// Order is the order in which a stream delivers. Drain always uses CompletionOrder; Map and
	// Go have no order.
	Order Order
	// Window is the largest number of tasks of a stream that are pulled and not delivered. 0
	// means DefaultWindow, or twice a fixed chunk if that is more. Map and Go have no window.
	Window int
	// FailFast makes the first failure cancel the job, so that no further task starts.
	FailFast bool
	// Limit is the longest run of one task, from its own start; 0 means no limit. A task that is
	// still running then fails at once with a [TimeoutError], and its context ends. A goroutine
	// cannot be ended by force: its worker runs no other task until the task returns. [Counts]
	// reports such a worker as lost, and Close and Stop return a [StrayError] while the task
	// runs. To bound the whole job or the wait of a caller, use a context.
	Limit time.Duration
	// Retries is the number of times that a task is rerun after its worker process was lost.
	// Executors whose workers are goroutines refuse it, since they lose no workers. A task that
	// fails is never rerun.
	Retries int
	// Hooks are called with the outcomes of tasks; nil means no hooks.
	Hooks *Hooks
}

// DefaultWindow is the window of a stream that sets none; MaxWindow is the largest window.
const (
	DefaultWindow = 1024
	MaxWindow     = 1 << 24
)

// An Order is the order in which a stream delivers results.
type Order uint8

const (
	InputOrder      Order = iota // order of the inputs: each result as soon as it and all earlier ones are there
	CompletionOrder              // each result as soon as it is there
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

// plain reports whether o sets no option, apart from FailFast, which has no effect on one task.
func (o *Options) plain() bool {
	return o.Chunk == nil && o.Order == 0 && o.Window == 0 && o.Limit == 0 && o.Retries == 0 && o.Hooks == nil
}

// A call is a kind of entry point that validates options.
type call string

const (
	aMap    call = "a map"
	aStream call = "a stream"
	aFuture call = "a future"
)

// terms validates the options of every entry point. It fills in the defaults in o, and returns the
// terms for the executor.
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
	if o.Chunk == nil || isFixed && fixed == 0 {
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
		Stream: stream, Keyed: k.Key != nil, Resumes: k.Begin != nil, Awaited: c == aMap,
	}, nil
}

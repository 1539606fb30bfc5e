package strategies

import (
	"context"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// Options are what a caller asks of one job. The zero value is a sound default. A call refuses
// by an [OptionError] each option that it, or its executor, cannot honour.
type Options struct {
	// Chunk is the number of tasks handed over at a time: a policy of package chunk. Nil and
	// Fixed(0) mean Fixed(1), unchunked. In a stream a chunk is never larger than the window.
	// Go has no chunks.
	Chunk chunk.Policy
	// Order is the order in which a stream delivers. Other calls refuse CompletionOrder,
	// except Drain, which always uses it.
	Order Order
	// Window is the largest number of tasks of a stream that are pulled and not delivered;
	// 0 means DefaultWindow, or twice a fixed chunk if that is more. Map and Go have none.
	Window int
	// FailFast makes the first failure cancel the siblings: no queued task starts.
	FailFast bool
	// Limit is the longest run of one task, from its own start; 0 means no limit. A task
	// that is still running then fails with a [TimeoutError] at once, and its context ends.
	// A goroutine cannot be ended by force: its worker runs nothing else until the task
	// returns, [Counts] shows it as lost, and Close and Stop return a [StrayError] if it does
	// not return. Contexts, not this limit, bound the time of the whole job and of a caller.
	Limit time.Duration
	// Retries is the number of times that a task which was lost with its worker process is
	// run again. Executors whose workers are goroutines refuse it: they lose no workers, and
	// a task that fails is never repeated.
	Retries int
	// Hooks are called with the outcomes of tasks; nil means none.
	Hooks *Hooks
}

// DefaultWindow is the window of a stream that names none; MaxWindow is the largest.
const (
	DefaultWindow = 1024
	MaxWindow     = 1 << 24
)

// An Order is the order in which a stream delivers results.
type Order uint8

const (
	InputOrder      Order = iota // in the order of the inputs, each as soon as it and all before it are done
	CompletionOrder              // each as soon as it is done
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

// plain reports whether o asks nothing of a single task.
func (o *Options) plain() bool {
	return o.Chunk == nil && o.Order == 0 && o.Window == 0 && o.Limit == 0 && o.Retries == 0 && o.Hooks == nil
}

// A call is the entry point that options are validated for.
type call string

const (
	aMap    call = "a map"
	aStream call = "a stream"
	aFuture call = "a future"
)

// terms is the one validation of options. It returns them with the defaults filled in, and the
// terms for the executor. A nil error means that the job may start.
func terms[In, Out any](ctx context.Context, ex Executor, k *Kernel[In, Out], o *Options, c call) (work.Terms, error) {
	refuse := func(option string, value any, reason string) (work.Terms, error) {
		return work.Terms{}, &OptionError{Option: option, Value: value, Reason: reason}
	}
	fixed, isFixed := o.Chunk.(chunk.Fixed)
	stream := c == aStream
	switch {
	case isFixed && (fixed < 0 || fixed > work.MaxTasks):
		return refuse("chunk", int(fixed), fmt.Sprintf("must be 1 to %d (0 means 1)", uint64(work.MaxTasks)))
	case o.Window < 0:
		return refuse("window", o.Window, fmt.Sprintf("must be at least 1 (0 means %d)", DefaultWindow))
	case o.Window > MaxWindow:
		return refuse("window", o.Window, fmt.Sprintf("must be at most %d", MaxWindow))
	case o.Order > CompletionOrder:
		return refuse("order", o.Order, "must be input or completion")
	case o.Limit < 0:
		return refuse("limit", o.Limit, "must not be negative (0 means none)")
	case o.Retries < 0:
		return refuse("retries", o.Retries, "must not be negative")
	case o.Window > 0 && !stream:
		return refuse("window", o.Window, string(c)+" has no window; a stream has")
	case o.Order != InputOrder && !stream:
		return refuse("order", o.Order, string(c)+" delivers in no order; a stream does")
	case o.Chunk != nil && c == aFuture:
		return refuse("chunk", o.Chunk, "a future is one task")
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

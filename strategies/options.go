package strategies

import (
	"context"
	"fmt"
	"time"
)

// Options is what a caller asks of one job. The zero value is a sound default.
type Options struct {
	// Chunk is how many tasks are handed over at a time; nil and Fixed(0) mean Fixed(1),
	// unchunked.
	Chunk Chunk
	// Order is how a stream delivers; a map ignores it.
	Order Order
	// Window is how many tasks of a stream may be pulled and not yet delivered;
	// 0 means DefaultWindow, or twice the chunk if that is more. A map has none.
	Window int
	// FailFast makes the first failure cancel the siblings: nothing queued starts.
	FailFast bool
	// Limit is how long one task may run, from its own start; 0 means no limit. A task
	// that is still running then fails with a [TimeoutError] at once, and its context has
	// ended. Where workers are goroutines nobody can end it: its worker runs nothing
	// else until it returns, which [Counts] shows as lost, and Close and Stop
	// return a [StrayError] if it does not. It has nothing to do with how long the job
	// may take, nor with how long a caller waits: that is up to contexts.
	Limit time.Duration
	// Retries is how often a task that was lost with its worker is run again. Strategies
	// whose workers are goroutines refuse it: their workers are not lost, and a
	// task that fails, fails.
	Retries int
	// Hooks are told what becomes of the tasks; nil means nobody is.
	Hooks *Hooks
}

// DefaultWindow is the window of a stream that names none.
const DefaultWindow = 1024

// MaxTasks is how many tasks one map may have, and MaxWindow how wide a window may
// be: a claim is one atomic word with two 32-bit slots in it.
const (
	MaxTasks  = 1<<32 - 1
	MaxWindow = 1 << 24
)

// An Order is how results are delivered.
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

// validate is the one validation of options: it refuses what makes no sense and
// fills in the defaults.
func (o Options) validate() (Options, error) {
	fixed, isFixed := o.Chunk.(Fixed)
	switch {
	case isFixed && (fixed < 0 || fixed > MaxTasks):
		return o, &OptionError{Option: "chunk", Value: int(fixed), Reason: fmt.Sprintf("must be 1 to %d (0 means 1)", uint64(MaxTasks))}
	case o.Window < 0:
		return o, &OptionError{Option: "window", Value: o.Window, Reason: fmt.Sprintf("must be at least 1 (0 means %d)", DefaultWindow)}
	case o.Window > MaxWindow:
		return o, &OptionError{Option: "window", Value: o.Window, Reason: fmt.Sprintf("must be at most %d", MaxWindow)}
	case o.Order > CompletionOrder:
		return o, &OptionError{Option: "order", Value: o.Order, Reason: "must be input or completion"}
	case o.Limit < 0:
		return o, &OptionError{Option: "limit", Value: o.Limit, Reason: "must not be negative (0 means none)"}
	case o.Retries < 0:
		return o, &OptionError{Option: "retries", Value: o.Retries, Reason: "must not be negative"}
	}
	if o.Chunk == nil || isFixed && fixed == 0 {
		o.Chunk = Fixed(1)
	}
	return o, nil
}

// needed refuses a job without what every job needs.
func needed[In, Out any](ctx context.Context, ex Executor, k Kernel[In, Out]) error {
	switch {
	case ctx == nil:
		return errNoContext()
	case ex == nil:
		return &OptionError{Option: "executor", Value: nil, Reason: "must not be nil"}
	case k.Func == nil:
		return &OptionError{Option: "kernel", Value: k.Name, Reason: "has no function"}
	}
	return nil
}

func errNoContext() error {
	return &OptionError{Option: "ctx", Value: nil, Reason: "must not be nil; context.TODO() if there is none yet"}
}

// validateStream validates options with a window.
func (o Options) validateStream() (Options, error) {
	o, err := o.validate()
	if err != nil {
		return o, err
	}
	fixed, _ := o.Chunk.(Fixed)
	if o.Window == 0 {
		o.Window = max(DefaultWindow, min(2*int(fixed), MaxWindow))
	}
	if int(fixed) > o.Window {
		return o, &OptionError{Option: "chunk", Value: int(fixed), Reason: fmt.Sprintf("must not be larger than the window (%d)", o.Window)}
	}
	return o, nil
}

// least returns the fewest tasks that are worth handing over.
func (o *Options) least() int {
	if f, ok := o.Chunk.(Fixed); ok {
		return int(f)
	}
	return 1
}

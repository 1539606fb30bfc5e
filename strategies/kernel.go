package strategies

import (
	"context"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A Kernel is the function that a job applies to each task, with the facts that some
// executors need besides: a name and codecs for worker processes, a key for [Actor], a
// resumable form for [Loop]. [NewKernel] makes one with its types inferred; a struct literal
// works too. In one process Func is enough.
type Kernel[In, Out any] struct {
	Name string // by which a worker process finds the function; it may be empty in one process
	Func func(context.Context, In) (Out, error)
	In   Codec[In]
	Out  Codec[Out]
	// Key returns the key of a task: [Actor] runs tasks with equal keys on one worker, one at
	// a time and in the order of the input. It is called once a task, must be quick, and must
	// not use the executor. If it is nil, tasks go to workers by turns.
	Key func(In) uint64
	// Begin is the resumable form, for [Loop]: it starts the task and returns, and goes on
	// when the events that it asked of ev come. It calls done once, on any goroutine; only
	// the first call counts. Func is needed all the same.
	Begin func(ctx context.Context, in In, ev Events, done func(Out, error))
	// Errors are errors that survive the way from a worker process: if errors.Is finds some of
	// them in an error that a task returns there, it finds the first of these in the [TaskError]
	// here. Both sides must declare the same errors in the same order.
	Errors []error
}

// NewKernel returns a kernel of that name and function.
func NewKernel[In, Out any](name string, f func(context.Context, In) (Out, error)) Kernel[In, Out] {
	return Kernel[In, Out]{Name: name, Func: f}
}

// Events are the things that a task of [Loop] can wait for.
type Events = work.Events

// needed returns an error for a job without a context, an executor or a function.
func (k *Kernel[In, Out]) needed(ctx context.Context, ex Executor) error {
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

// KernelName implements [work.Callable].
func (k Kernel[In, Out]) KernelName() string { return k.Name }

// Resumes implements [work.Callable].
func (k Kernel[In, Out]) Resumes() bool { return k.Begin != nil }

// Declared implements [work.Callable].
func (k Kernel[In, Out]) Declared() []error { return k.Errors }

// Call implements [work.Callable].
func (k Kernel[In, Out]) Call(ctx context.Context, dst, src []byte) (b []byte, err error) {
	var step work.Step
	defer func() {
		if step == work.Applying {
			return
		}
		if p := recover(); p != nil {
			b, err = dst, &CodecError{Kernel: k.Name, Step: step.String(), Err: work.Caught(p)}
		}
	}()
	b, rest, err := k.Bind(&step)(ctx, dst, src)
	return append(b, rest...), err
}

// Bind implements [work.Callable].
func (k Kernel[In, Out]) Bind(step *work.Step) work.Bound {
	decode, apply, output := k.In.Decode, k.Func, k.Out
	refused := func(dst []byte, err error) ([]byte, []byte, error) {
		e := &CodecError{Kernel: k.Name, Step: step.String(), Err: err}
		*step = work.Applying
		return dst, nil, e
	}
	return func(ctx context.Context, dst, src []byte) (head, rest []byte, err error) {
		*step = work.DecodingInput
		in, err := decode(src)
		if err != nil {
			return refused(dst, err)
		}
		*step = work.Applying
		out, err := apply(ctx, in)
		if err != nil {
			return dst, nil, err
		}
		*step = work.EncodingOutput
		if output.Lend != nil {
			head, rest = output.lend(dst, out)
		} else if head, err = output.Append(dst, out); err != nil {
			return refused(dst, err)
		}
		*step = work.Applying
		return head, rest, nil
	}
}

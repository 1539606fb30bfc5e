package strategies

import (
	"cmp"
	"context"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A Kernel is the function that a job applies to each task. Some executors need more than Func: a
// name and codecs for worker processes, a key for [Actor], a resumable form for [Loop]. [NewKernel]
// creates a kernel with inferred types; a struct literal works too.
type Kernel[In, Out any] struct {
	Name string // name by which a worker process finds the function; optional in one process
	// Func runs with the profiler labels of the context of its job. Labels that it sets by
	// pprof.SetGoroutineLabels stay for later tasks on the worker; use pprof.Do, which resets them.
	Func func(context.Context, In) (Out, error)
	// In and Out encode for worker processes. Without them, each task in a worker process fails with
	// a CodecError.
	In  Codec[In]
	Out Codec[Out]
	// Key returns the key of a task. [Actor] runs tasks with equal keys on one worker, one at a
	// time and in the order of the input. Executors call Key once per task; it must be fast and
	// must not use the executor. If Key is nil, Actor gives tasks to its workers in turn.
	Key func(In) uint64
	// Begin starts the task and returns, for [Loop]; the functions that it passes to ev continue
	// the task later. One of these functions calls done, on any goroutine; only the first call of
	// done counts. If one of these functions panics or calls [runtime.Goexit], the task
	// fails with a [CallbackError]. Func must be set too.
	Begin func(ctx context.Context, in In, ev Events, done func(Out, error))
	// Errors lists errors that a task in a worker process can return to the parent process. If the
	// error of a task matches one of them by errors.Is, the [TaskError] in the parent wraps the
	// first error that matches. Both processes must list the same errors in the same order. A
	// panic is a [PanicError] with its value as text, even if its value is a listed error.
	Errors []error
}

// NewKernel returns a kernel with the given name and function.
func NewKernel[In, Out any](name string, f func(context.Context, In) (Out, error)) Kernel[In, Out] {
	return Kernel[In, Out]{Name: name, Func: f}
}

// Events lets a task of [Loop] wait for timers, descriptors and other goroutines without blocking
// the loop.
type Events = work.Events

// needed returns an OptionError if the context, the executor or the function of k is nil.
func (k *Kernel[In, Out]) needed(ctx context.Context, ex Executor) error {
	switch {
	case ctx == nil:
		return work.CheckContext(ctx)
	case ex == nil:
		return &OptionError{Option: "executor", Value: nil, Reason: "must not be nil"}
	case k.Func == nil:
		return &OptionError{Option: "kernel", Value: cmp.Or(k.Name, "without a name"), Reason: "has no function"}
	}
	return nil
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

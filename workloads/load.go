package workloads

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads/fault"
)

// A Load is a workload prepared at its parameters: typed inside, uniform outside. It is
// used by one goroutine.
type Load interface {
	// Inputs makes the tasks 0 to n-1 and the place for their outcomes. They replace
	// those made before; the first of n tasks do not depend on n, unless they are spread.
	Inputs(n int) error
	// Direct applies the kernel to every task in a plain loop. Its error is a
	// [strategies.TaskError], or a [strategies.PanicError].
	Direct(ctx context.Context) error
	// Map runs the tasks as one map.
	Map(ctx context.Context, ex strategies.Executor, o strategies.Options) error
	// Stream runs the tasks as one stream and stores each outcome as it is delivered.
	// It ends at the first that is an error.
	Stream(ctx context.Context, ex strategies.Executor, o strategies.Options) error
	// Stamped is Stream with the clock read at each outcome, when it is done and when it is
	// delivered: for jobs that are not timed. Values then has [HeldUnit] and on.
	Stamped(ctx context.Context, ex strategies.Executor, o strategies.Options) error
	// Open runs a job that is digested like any, and then lets its tasks arrive one by one,
	// as a stream whose input is arrive: arrival k is task k mod n, at the moment at which
	// it is yielded. It calls done for each outcome, on one goroutine at a time. Its error is
	// that of the first task that failed, or had another outcome than in the job before.
	Open(ctx context.Context, ex strategies.Executor, arrive iter.Seq[int], done func(arrival, worker int)) error
	// Single submits task after task, each when the one before has come back.
	Single(ctx context.Context, ex strategies.Executor) error
	// Digest returns the sum over the outcomes of the last job, which does not depend
	// on their order: jobs of the same tasks have the same digest. An outcome that is
	// missing, twice there or in a place where the job's order does not put it is an
	// [OutcomeError]; so is every outcome of a job that failed.
	//
	// It clears the outcomes, so that the next job cannot pass with those of the last:
	// call it after every job that counts. Calling it again repeats its answer.
	Digest() (uint64, error)
	// Values returns what the outcomes of the job that was digested last show beside their
	// digest, by unit, as [ServiceUnit] and, of a stream, [FirstUnit]; nil if nothing.
	Values() map[string]float64
	// Most returns how many tasks one job may have, where handing them over takes so much
	// longer than their work that a job for the plain loop would be too long; 0 for any
	// number.
	Most() int
	// Preparation returns what each worker process is to run before its first task.
	Preparation() strategies.Preparation
	// Close frees what New prepared.
	Close() error
}

// A Typed is what a [Load] runs: a kernel and its tasks, with their types.
type Typed[In, Out any] struct {
	// Kernel runs in place of the workload's own: the same with another codec. Zero for
	// the workload's own.
	Kernel strategies.Kernel[In, Out]
	// Input makes the input of task i, which is so many ns of work, the same whenever it is
	// asked; it is asked in order from 0. Kernels do not change what inputs point to.
	Input func(i, grain int) In
	// Number takes an outcome apart: the number of its task, which the kernel carried
	// over from the input, and a value that only the whole work of the task yields.
	Number func(Out) (index int, value uint64)
	// Look looks at the outcomes of a job, which are all there, each once, and says what
	// they show in addition to their digest, by unit; an error says what is wrong with the
	// job. It may be nil, and keeps nothing.
	Look func([]Out) (map[string]float64, error)
	// Tasks is how many a job may have at most; 0 for any number.
	Tasks int
	// Prepare is what each worker process runs before its first task.
	Prepare strategies.Preparation
	// Free frees what Input and the kernel need; nil if there is nothing.
	Free func() error
}

// A load is the one Load there is.
type load[In, Out any] struct {
	Typed[In, Out]
	params Params
	shape  fault.Shape

	tasks   int
	in      []In  // nil where inputs are made inside the clock
	grains  []int // of tasks whose inputs are made inside the clock
	faults  fault.Job
	planned []fault.Input[In] // in, with what is to happen to each task; nil without a shape
	process *fault.Process
	last    result[Out]
}

var (
	errNoInputs = errors.New("load has no inputs")
	errNoJob    = errors.New("load has run no job")
)

// Inputs implements [Load].
func (l *load[In, Out]) Inputs(n int) error {
	if n < 1 || uint64(n) > strategies.MaxTasks {
		return fmt.Errorf("load of %d tasks: must be 1 to %d", n, uint64(strategies.MaxTasks))
	}
	l.tasks, l.in, l.grains = n, nil, l.params.grains(n)
	l.faults, l.planned = l.shape.Over(l.params.Seed, n), nil
	l.last = result[Out]{out: make([]Out, n), err: errNoJob}
	if l.process == nil {
		l.process = &fault.Process{}
	}
	if l.shape.Inputs != fault.Before {
		return nil
	}
	in := make([]In, n)
	for i := range in {
		in[i] = l.input(i)
	}
	l.in, l.grains = in, nil
	if l.shape.Name != "" {
		l.planned = l.plan()
	}
	return nil
}

// input returns the input of task i, which is made now if inputs are made inside the clock.
func (l *load[In, Out]) input(i int) In {
	if l.in == nil {
		return l.Input(i, l.grains[i])
	}
	return l.in[i]
}

// job runs one job and keeps what Digest needs to know of it: placed says that outcome i is
// in place i.
func (l *load[In, Out]) job(placed bool, run func() error) error {
	if l.tasks == 0 {
		return errNoInputs
	}
	l.last.first, l.last.stamps = 0, nil
	err := run()
	l.last.placed, l.last.ran, l.last.err = placed, true, err
	return err
}

// Direct implements [Load].
func (l *load[In, Out]) Direct(ctx context.Context) error {
	return l.job(true, func() (err error) {
		defer recovered(&err)
		const stride = 64 // tasks between looks at the context, which cost a few ns
		for lo := 0; lo < l.tasks; lo += stride {
			if err := ctx.Err(); err != nil {
				return &strategies.TaskError{Task: lo, Err: err}
			}
			for i := lo; i < min(lo+stride, l.tasks); i++ {
				out, err := l.Kernel.Func(ctx, l.input(i))
				if err != nil {
					return &strategies.TaskError{Task: i, Err: err}
				}
				l.last.out[i] = out
			}
		}
		return nil
	})
}

// recovered makes a panic of the direct loop an error, as executors do. It is outside the
// loop, which would run slower if it had to keep for it which task it is at.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = &strategies.PanicError{Value: p, Stack: debug.Stack()}
	}
}

// Map implements [Load].
func (l *load[In, Out]) Map(ctx context.Context, ex strategies.Executor, o strategies.Options) error {
	return l.job(true, func() error {
		if l.shape.Name != "" {
			return l.mapFaulty(ctx, ex, o)
		}
		if native, ok := ex.(*strategies.Native); ok {
			return native.RunMap(ctx, o, len(l.in), func(i int) (err error) {
				l.last.out[i], err = l.Kernel.Func(ctx, l.in[i])
				return err
			})
		}
		return strategies.MapInto(ctx, ex, l.Kernel, l.in, l.last.out, o)
	})
}

// Single implements [Load].
func (l *load[In, Out]) Single(ctx context.Context, ex strategies.Executor) error {
	return l.job(true, func() error {
		for i := range l.in {
			out, err := strategies.Go(ctx, ex, l.Kernel, l.in[i]).Wait(ctx)
			if err != nil {
				return &strategies.TaskError{Task: i, Err: err}
			}
			l.last.out[i] = out
		}
		return nil
	})
}

// Most implements [Load].
func (l *load[In, Out]) Most() int { return l.Tasks }

// Preparation implements [Load].
func (l *load[In, Out]) Preparation() strategies.Preparation { return l.Prepare }

// Close implements [Load].
func (l *load[In, Out]) Close() error {
	free := l.Free
	*l = load[In, Out]{}
	if free == nil {
		return nil
	}
	return free()
}

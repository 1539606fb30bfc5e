package workloads

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"runtime/debug"
	"slices"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/work"
	"github.com/payoff-bench/payoff/workloads/fault"
)

// A Load is a workload prepared for its parameters. It hides the types of the kernel. It is not
// safe for concurrent use.
type Load interface {
	// Inputs makes the tasks 0 to n-1 and the memory for their outcomes. They replace the tasks
	// made before. A task depends on n only if the load has a spread.
	Inputs(n int) error
	// Direct applies the kernel to every task in a plain loop. Its error is a
	// [strategies.TaskError], or a [strategies.PanicError].
	Direct(ctx context.Context) error
	// Map runs the tasks as one map.
	Map(ctx context.Context, ex strategies.Executor, o strategies.Options) error
	// Stream runs the tasks as one stream and stores each outcome as it is delivered.
	// It ends at the first error.
	Stream(ctx context.Context, ex strategies.Executor, o strategies.Options) error
	// Stamped is Stream that also reads the clock when each outcome is done and when it is
	// delivered, for jobs that are not timed. Values then includes [HeldUnit] and the units
	// declared after it.
	Stamped(ctx context.Context, ex strategies.Executor, o strategies.Options) error
	// Open runs a map and checks its outcomes. It then runs a stream whose tasks arrive one by
	// one: task k mod n arrives when arrive yields k. Open calls done for each outcome, on one
	// goroutine at a time. It returns an error for the first task of the stream that fails or
	// has another outcome than in the map.
	Open(ctx context.Context, ex strategies.Executor, arrive iter.Seq[int], done func(arrival, worker int)) error
	// Single submits the tasks one by one, each after the outcome of the task before it.
	Single(ctx context.Context, ex strategies.Executor) error
	// Digest returns a sum over the outcomes of the last job. The sum does not depend on their
	// order, so all jobs of the same tasks have the same digest. If an outcome is missing,
	// delivered twice or in the wrong place, the error is an [OutcomeError]. If the job failed,
	// the error is that of the job.
	//
	// Digest clears the outcomes, so that the next job cannot pass with the outcomes of this
	// one. Call it after every job that counts. A second call returns the same.
	Digest() (uint64, error)
	// Values returns further values of the last job with a digest, by unit, such as
	// [ServiceUnit] and, for a stream, [FirstUnit]. It returns nil if there are none.
	Values() map[string]float64
	// Most returns the largest number of tasks of one job, or 0 for no limit. There is a limit
	// if handing tasks over takes much longer than their work: a job that is long enough in the
	// direct loop would take too long in other strategies.
	Most() int
	// Preparation returns the kernel that each worker process runs before its first task.
	Preparation() catalog.Preparation
	// Close frees the resources that New acquired.
	Close() error
}

// A Typed holds the kernel and the tasks of a [Load], with their types.
type Typed[In, Out any] struct {
	// Kernel is the workload's kernel with another codec. Zero means the kernel of the workload.
	Kernel strategies.Kernel[In, Out]
	// Input makes the input of task i, whose work is grain ns. A load calls it in order from 0.
	// A second call for i must return the same. Kernels must not change data that inputs share.
	Input func(i, grain int) In
	// Number returns the task of an output, which the kernel copies from the input, and a value
	// that depends on all of the task's work.
	Number func(Out) (index int, value uint64)
	// Look computes further values of a job from its outputs, by unit. It returns an error if
	// the job is wrong as a whole. It gets each output once and keeps none. Look may be nil.
	Look func([]Out) (map[string]float64, error)
	// Tasks is the largest number of tasks of a job; 0 means no limit.
	Tasks int
	// Prepare is the kernel that each worker process runs before its first task.
	Prepare catalog.Preparation
	// Free frees the resources of Input and the kernel. It is nil if there are none.
	Free func() error
}

// A load implements Load.
type load[In, Out any] struct {
	Typed[In, Out]
	params Params
	shape  fault.Shape
	folder string // made for this load; "" if it needs none

	tasks   int
	in      []In  // nil if the job makes its inputs
	grains  []int // work of each task, if the job makes its inputs; else nil
	faults  fault.Job
	planned []fault.Input[In] // in, with the plan of each task; nil without a shape
	process *fault.Process
	last    result[Out]
}

var (
	errNoInputs = errors.New("load has no inputs")
	errNoJob    = errors.New("load has run no job")
)

// prepare makes the folder of the load, if w needs one, and calls prepare.
func (l *load[In, Out]) prepare(w Workload, k strategies.Kernel[In, Out], prepare func(Params) (Typed[In, Out], error)) (err error) {
	if w.inFolder() {
		if l.folder, err = os.MkdirTemp(l.params.Dir, w.Name+"-"); err != nil {
			return err
		}
		l.params.Dir = l.folder
	}
	l.Typed, err = prepare(l.params)
	if l.Kernel.Func == nil {
		l.Kernel = k
	}
	return err
}

// Inputs implements [Load].
func (l *load[In, Out]) Inputs(n int) error {
	if n < 1 || uint64(n) > work.MaxTasks {
		return fmt.Errorf("load of %d tasks: must be 1 to %d", n, uint64(work.MaxTasks))
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
		l.planned = slices.Collect(l.plan())
	}
	return nil
}

// input returns the input of task i. It makes the input now if the job makes its inputs.
func (l *load[In, Out]) input(i int) In {
	if l.in == nil {
		return l.Input(i, l.grains[i])
	}
	return l.in[i]
}

// job runs one job and keeps its result for Digest. Placed means that place i has the outcome
// of task i.
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
		const stride = 64 // tasks between checks of the context; each check takes a few ns
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

// recovered turns a panic of the direct loop into an error, as executors do. The error lacks the
// number of the task: recording it would slow the loop down.
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
		if native, ok := ex.(*catalog.Native); ok {
			return native.RunMap(ctx, o, len(l.in), func(i int) (err error) {
				l.last.out[i], err = l.Kernel.Func(ctx, l.in[i])
				return err
			})
		}
		return l.Kernel.MapInto(ctx, ex, l.in, l.last.out, o)
	})
}

// Single implements [Load].
func (l *load[In, Out]) Single(ctx context.Context, ex strategies.Executor) error {
	return l.job(true, func() error {
		for i := range l.in {
			out, err := l.Kernel.Go(ctx, ex, l.in[i], strategies.Options{}).Wait(ctx)
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
func (l *load[In, Out]) Preparation() catalog.Preparation { return l.Prepare }

// Close implements [Load].
func (l *load[In, Out]) Close() error {
	free, folder := l.Free, l.folder
	*l = load[In, Out]{}
	var err error
	if free != nil {
		err = free()
	}
	return errors.Join(err, os.RemoveAll(folder)) // without a folder RemoveAll does nothing
}

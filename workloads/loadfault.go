package workloads

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads/fault"
)

// faults runs jobs with injected faults for one load. A load of a workload without faults has no
// faults value. Then the compiler generates no code of faults for the types of this workload.
type faults[In, Out any] interface {
	// inputs adds the fault plan of each task to the inputs of the load. If the load has no inputs
	// yet, because a job makes them, it only discards the inputs of the last job.
	inputs()
	// mapping runs the tasks as a map. It returns nil if exactly the planned tasks fail, in the
	// planned way.
	mapping(ctx context.Context, ex strategies.Executor, o strategies.Options) error
	// encoded returns the encoded inputs of all tasks with their fault plans, and the name of the
	// kernel that takes them.
	encoded() (kernel string, inputs [][]byte, err error)
	// stream returns the stream of outcomes of kernel k. A planned failure is an error of the
	// stream.
	stream(ctx context.Context, ex strategies.Executor, k strategies.Kernel[In, Out], o strategies.Options) iter.Seq2[Out, error]
}

// An injector implements [faults] for the load l.
type injector[In, Out any] struct {
	l       *load[In, Out]
	planned []fault.Input[In] // inputs with the fault plans of their tasks; nil if a job makes them
}

func inject[In, Out any](l *load[In, Out]) faults[In, Out] { return &injector[In, Out]{l: l} }

func (j *injector[In, Out]) inputs() {
	j.planned = nil
	if j.l.in != nil {
		j.planned = slices.Collect(j.plan())
	}
}

// plan yields the input of each task together with the fault plan of the task. It makes each input
// only when the consumer pulls it.
func (j *injector[In, Out]) plan() iter.Seq[fault.Input[In]] {
	return func(yield func(fault.Input[In]) bool) {
		for i := range j.l.tasks {
			if !yield(fault.Plan(j.l.faults, i, j.l.input(i))) {
				return
			}
		}
	}
}

// all returns the inputs of all tasks with their fault plans. If the shape says that inputs are
// made when the job starts (eager), it makes them.
func (j *injector[In, Out]) all() []fault.Input[In] {
	if j.l.shape.Inputs == fault.Eager {
		return slices.Collect(j.plan())
	}
	return j.planned
}

func (j *injector[In, Out]) mapping(ctx context.Context, ex strategies.Executor, o strategies.Options) error {
	l := j.l
	return l.faults.Within(func() error {
		if l.shape.Inputs == fault.Lazy {
			return fmt.Errorf("shape %s needs a stream, because a map takes all inputs at once; set order to input or completion", l.shape.Name)
		}
		k := fault.Kernel(l.Kernel, l.process, false)
		return l.faults.AcceptMap(k.MapInto(ctx, ex, j.all(), l.last.out, l.faults.Options(o)))
	})
}

func (j *injector[In, Out]) encoded() (kernel string, inputs [][]byte, err error) {
	k := fault.Kernel(j.l.Kernel, j.l.process, false)
	inputs = make([][]byte, len(j.planned))
	for i, in := range j.planned {
		if inputs[i], err = k.In.Append(nil, in); err != nil {
			return "", nil, &strategies.TaskError{Task: i, Err: err}
		}
	}
	return k.Name, inputs, nil
}

func (j *injector[In, Out]) stream(ctx context.Context, ex strategies.Executor, k strategies.Kernel[In, Out], o strategies.Options) iter.Seq2[Out, error] {
	in := j.plan()
	if j.l.shape.Inputs != fault.Lazy {
		in = slices.Values(j.all())
	}
	return fault.Kernel(k, j.l.process, false).Stream(ctx, ex, in, j.l.faults.Options(o))
}

package workloads

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"runtime/debug"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/work"
	"github.com/payoff-bench/payoff/workloads/fault"
)

// A Load is a workload that is prepared with its parameters and can run jobs. Its methods do not
// depend on the types of the kernel's input and output. Only one goroutine at a time may use a
// Load.
type Load interface {
	// Inputs makes the tasks 0 to n-1 and the memory for their outcomes, which replace all
	// earlier ones. Task i is the same for every n, unless the load has a spread (a
	// distribution of task sizes), which may depend on n.
	Inputs(n int) error
	// Place moves the data of the tasks to memory that ex shares with its workers, if the codec is
	// [Reference]. Otherwise it does nothing.
	Place(ctx context.Context, ex strategies.Executor) error
	// Direct applies the kernel to every task in a plain loop, without an executor. Its error is a
	// [strategies.TaskError] or a [strategies.PanicError].
	Direct(ctx context.Context) error
	// Map runs the tasks as one map.
	Map(ctx context.Context, ex strategies.Executor, o strategies.Options) error
	// Stream runs the tasks as one stream, and stores each outcome when the stream delivers it. It
	// returns at the first error.
	Stream(ctx context.Context, ex strategies.Executor, o strategies.Options) error
	// Stamped works like Stream, but also records when each outcome is done and when it is
	// delivered. Reading the clock takes time, so call Stamped only for jobs that are not timed.
	// Values then includes [HeldUnit] and the units declared after it.
	Stamped(ctx context.Context, ex strategies.Executor, o strategies.Options) error
	// Staged works like Map, Stream or Single, as order says, and records in s the stages of some
	// tasks; see [Stages]. It returns an [UnstagedError] if the stages of the load or of ex cannot
	// be recorded.
	Staged(ctx context.Context, ex strategies.Executor, o strategies.Options, order JobKind, s *Stages) error
	// Open runs an open loop, in which tasks arrive whether or not earlier tasks have ended. It
	// first runs a map of the tasks and checks its outcomes. It then runs a stream of arrivals:
	// when arrive yields k, task k mod n arrives, where n is the number of tasks. For each
	// outcome, Open calls done with the number of the arrival, counted from 0, and the number
	// of the worker. It calls done on one goroutine at a time.
	//
	// Open returns an error for the first task of the stream that fails, or whose outcome differs
	// from its outcome in the map.
	Open(ctx context.Context, ex strategies.Executor, arrive iter.Seq[int], done func(arrival, worker int)) error
	// Single submits the tasks one by one: it submits a task only after the previous task has its
	// outcome.
	Single(ctx context.Context, ex strategies.Executor) error
	// Digest returns a sum over the outcomes of the last job. The sum does not depend on the order
	// of the outcomes, so all jobs with the same tasks have the same digest. If an outcome is
	// missing, is delivered twice or is in the wrong place, the error is an [OutcomeError]. If the
	// job failed, Digest returns the error of the job.
	//
	// Digest clears the outcomes, so that the next job cannot pass with the outcomes of this job.
	// Call it after every job whose result counts. A second call returns the same result.
	Digest() (uint64, error)
	// Values returns further measurements of the last job whose digest was computed. The keys are
	// units, such as [ServiceUnit] and, for a stream, [FirstUnit]. Values returns nil if there are
	// none.
	Values() map[string]float64
	// Selection returns the lines of a file that are the inputs of the tasks. If the inputs are not
	// lines of a file, it returns the zero Selection.
	Selection() Selection
	// Times returns the running time of each task of the last job whose digest was computed. It
	// returns nil if the workload does not measure this time.
	Times() []time.Duration
	// Most returns the largest number of tasks of one job, or 0 for no limit. A load has a
	// limit if passing its data to workers takes much longer than the work of the tasks.
	// Without the limit, a job whose length suits the direct loop would take too long with
	// other strategies.
	Most() int
	// Took returns the makespan of the last job as another program measured it, or 0 if the job ran
	// in this program. One thread of that program runs jobs. The result others is the CPU time that
	// all its other threads used since the job before.
	Took() (makespan, others time.Duration)
	// Preparation returns the task that each worker process runs before its first task of a job.
	Preparation() catalog.Preparation
	// Close frees the resources of the load. The load cannot run jobs afterwards.
	Close() error
}

// A Typed holds the kernel of a [Load] and the functions that make its inputs and check its
// outputs. In and Out are the types of an input and an output.
type Typed[In, Out any] struct {
	// Kernel replaces the kernel of the workload unless it is zero. It must do the same as that
	// kernel, with another codec.
	Kernel strategies.Kernel[In, Out]
	// Input makes the input of task i, whose work takes grain ns. A load calls it first for task 0,
	// and then in order. A second call for task i must return the same input. Kernels must not
	// change data that several inputs share.
	Input func(i, grain int) In
	// Move returns a copy of the input in whose data is the result of the function to for this
	// data. The result has the same bytes in other memory. It is nil if the workload lacks the
	// codec [Reference].
	Move func(in In, to func([]byte) []byte) In
	// Number returns the index of the task to which an output belongs, and a value that depends on
	// all work of the task. The kernel copies the index from its input.
	Number func(Out) (index int, value uint64)
	// Value replaces Number for outputs that do not contain the index of their task. Outputs must
	// then be in the order of the tasks.
	Value func(Out) uint64
	// Look computes further measurements of a job from all its outputs, keyed by unit. It returns
	// an error if the outputs as a whole are wrong. Look must not keep the outputs. It may be nil.
	Look func([]Out) (map[string]float64, error)
	// Select returns the lines of a file that are the inputs of a job with the given number of
	// tasks. It is nil if the inputs are not lines of a file.
	Select func(tasks int) Selection
	// Time returns the running time of the task of an output. It is nil if outputs have no time.
	Time func(Out) time.Duration
	// Tasks is the largest number of tasks of a job; 0 means no limit.
	Tasks int
	// Prepare is the task that each worker process runs before its first task of a job.
	Prepare catalog.Preparation
	// Caller is work that the caller of a job with the given number of tasks does itself. The job ends
	// when both parts have ended. It is nil if the caller only waits.
	Caller func(ctx context.Context, tasks int) error
	// Overlaps reports whether Caller runs at the same time as the tasks. Otherwise, and always in
	// the direct loop, Caller runs after them.
	Overlaps bool
	// Free frees the resources of Input and Kernel. It is nil if there is nothing to free.
	Free func() error
}

// A load implements [Load] for a kernel with inputs In and outputs Out.
type load[In, Out any] struct {
	Typed[In, Out]
	params Params
	shape  fault.Shape
	folder string // folder made for this load; "" if it needs none

	tasks   int
	in      []In            // inputs; nil if they are made during the job
	grains  []int           // work of each task in ns, if inputs are made during the job; else nil
	faults  fault.Job       // planned faults of the tasks
	faulty  faults[In, Out] // runs jobs with faults; nil if the workload cannot have faults
	process *fault.Process
	placed  placed
	checked checked
	handed  *catalog.Remote // pool in another program to which the inputs were handed over; nil if there is none
	last    result[Out]
}

// ErrElsewhere is the error of [Load].Direct for a kernel that only another program has.
var ErrElsewhere = errors.New("the kernel runs only in another program")

var (
	errNoInputs = errors.New("the load has no inputs: call Inputs before running a job")
	errNoJob    = errors.New("the load has run no job: run one before calling Digest")
)

// prepare calls the function prepare and stores its result in l. If the tasks of w need a folder,
// it first makes the folder.
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
		return fmt.Errorf("a load cannot have %d tasks: the number of tasks must be from 1 to %d", n, uint64(work.MaxTasks))
	}
	l.tasks, l.in, l.grains = n, nil, l.params.grains(n)
	l.faults = l.shape.Over(l.params.Seed, n)
	l.handed = nil
	l.last = result[Out]{out: make([]Out, n), err: errNoJob}
	if l.process == nil {
		l.process = &fault.Process{}
	}
	if l.shape.Inputs == fault.Before {
		in := make([]In, n)
		for i := range in {
			in[i] = l.input(i)
		}
		l.in, l.grains = in, nil
	}
	if l.shape.Name != "" {
		l.faulty.inputs()
	}
	l.seal()
	return nil
}

// input returns the input of task i. If the shape requires that inputs are made during the job,
// input makes it now.
func (l *load[In, Out]) input(i int) In {
	if l.in == nil {
		return l.Input(i, l.grains[i])
	}
	return l.in[i]
}

// job calls the function run, which runs one job and stores its outcomes in l.last.out. It returns
// the error of run, and keeps it for Digest. If placed is true, run stores the outcome of task i at
// index i. Otherwise it may store the outcomes in any order.
func (l *load[In, Out]) job(placed bool, run func() error) error {
	if l.tasks == 0 {
		return errNoInputs
	}
	l.last.first, l.last.stamps, l.last.took, l.last.others = 0, nil, 0, 0
	err := run()
	l.last.placed, l.last.ran, l.last.err = placed, true, err
	return err
}

// Direct implements [Load].
func (l *load[In, Out]) Direct(ctx context.Context) error {
	return l.job(true, l.withCaller(ctx, false, func() (err error) {
		defer recovered(&err)
		const stride = 64 // number of tasks between two checks of the context; a check takes a few ns
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
	}))
}

// withCaller returns a function that calls run, which runs a job, and then does the work of the
// job's caller. If overlaps is true, it does this work at the same time as the job. If the caller
// has no work (see [Typed].Caller), withCaller returns run.
func (l *load[In, Out]) withCaller(ctx context.Context, overlaps bool, run func() error) func() error {
	switch {
	case l.Caller == nil:
		return run
	case overlaps:
		return func() error {
			ran := make(chan error, 1)
			go func() { ran <- run() }()
			err := l.Caller(ctx, l.tasks)
			return errors.Join(<-ran, err)
		}
	}
	return func() error { return errors.Join(run(), l.Caller(ctx, l.tasks)) }
}

// recovered turns a panic of the direct loop into an error, as executors do. The error contains no
// task number, because recording the number would make the loop slower.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = &strategies.PanicError{Value: p, Stack: debug.Stack()}
	}
}

// Map implements [Load].
func (l *load[In, Out]) Map(ctx context.Context, ex strategies.Executor, o strategies.Options) error {
	if r, ok := ex.(*catalog.Remote); ok {
		return l.remote(ctx, r, o)
	}
	return l.job(true, l.withCaller(ctx, l.Overlaps, func() error {
		if l.shape.Name != "" {
			return l.faulty.mapping(ctx, ex, o)
		}
		if native, ok := ex.(*catalog.Native); ok {
			return native.RunMap(ctx, o, len(l.in), func(i int) (err error) {
				l.last.out[i], err = l.Kernel.Func(ctx, l.in[i])
				return err
			})
		}
		return l.Kernel.MapInto(ctx, ex, l.in, l.last.out, o)
	}))
}

// Single implements [Load].
func (l *load[In, Out]) Single(ctx context.Context, ex strategies.Executor) error {
	if r, ok := ex.(*catalog.Remote); ok {
		return l.remote(ctx, r, strategies.Options{})
	}
	return l.job(true, l.withCaller(ctx, l.Overlaps, func() error {
		for i := range l.in {
			out, err := l.Kernel.Go(ctx, ex, l.in[i], strategies.Options{}).Wait(ctx)
			if err != nil {
				return &strategies.TaskError{Task: i, Err: err}
			}
			l.last.out[i] = out
		}
		return nil
	}))
}

// Selection implements [Load].
func (l *load[In, Out]) Selection() Selection {
	if l.Select == nil {
		return Selection{}
	}
	return l.Select(l.tasks)
}

// Times implements [Load].
func (l *load[In, Out]) Times() []time.Duration { return l.last.times }

// Most implements [Load].
func (l *load[In, Out]) Most() int { return l.Tasks }

// Preparation implements [Load].
func (l *load[In, Out]) Preparation() catalog.Preparation { return l.Prepare }

// Close implements [Load].
func (l *load[In, Out]) Close() error {
	free, folder := l.Free, l.folder
	err := l.placed.free()
	*l = load[In, Out]{}
	if free != nil {
		err = errors.Join(err, free())
	}
	return errors.Join(err, os.RemoveAll(folder)) // RemoveAll("") does nothing
}

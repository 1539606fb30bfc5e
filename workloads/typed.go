package workloads

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/work"
)

// Typed is a [Load] over a kernel. Its exported fields say what it runs and are not
// changed once Inputs was called.
type Typed[In, Out any] struct {
	Kernel strategies.Kernel[In, Out]
	// Params are those that New was given: their grain and spread say how much work each
	// task is. May be zero where tasks have no grain.
	Params Params
	// Input makes the input of task i, which is so many ns of work, the same whenever it is
	// asked; it is asked in order from 0. Kernels do not change what inputs point to.
	Input func(i, grain int) In
	// Number takes an outcome apart: the number of its task, which the kernel carried
	// over from the input, and a value that only the whole work of the task yields.
	Number func(Out) (index int, value uint64)
	// Look looks at the outcomes of a job, which are all there, each once, and says what
	// they show beside their digest, by unit; an error says what is wrong with the job. It
	// may be nil, and keeps nothing.
	Look func([]Out) (map[string]float64, error)
	// Tasks is how many a job may have at most; 0 for any number.
	Tasks int
	// Prepare is what each worker process runs before its first task.
	Prepare catalog.Preparation
	// Free frees what Input and the kernel need; nil if there is nothing.
	Free func() error
	// Held is what the program that asks for the work keeps meanwhile; nil if nothing.
	Held any

	in      []In // none where inputs are made inside the clock
	out     []Out
	tasks   int
	grains  []int // of tasks whose inputs are made inside the clock
	shape   Shape
	host    *host
	fates   int // tasks that are planned to fail
	dressed []shaped[In]
	placed  bool          // the last job put outcome i in place i
	ran     bool          // a job has run whose outcomes are not digested yet
	first   time.Duration // until the consumer of the last job, a stream, had an outcome; 0 for other jobs
	stamps  *stamps       // of the last job; nil if it was not stamped
	order   strategies.Order
	digest  uint64 // of the last job, once digested
	err     error  // what was wrong with the last job
	values  map[string]float64
}

// An OutcomeError is an outcome that cannot be right.
type OutcomeError struct {
	Task     int // that the outcome says it belongs to
	Position int // where it was found
	Reason   string
}

func (e *OutcomeError) Error() string {
	return fmt.Sprintf("outcome of task %d at position %d: %s", e.Task, e.Position, e.Reason)
}

var (
	errNoInputs = errors.New("load has no inputs")
	errNoJob    = errors.New("load has run no job")
)

// Inputs implements [Load].
func (t *Typed[In, Out]) Inputs(n int) error {
	if n < 1 || uint64(n) > work.MaxTasks {
		return fmt.Errorf("load of %d tasks: must be 1 to %d", n, uint64(work.MaxTasks))
	}
	shape, err := Workload{Name: t.Kernel.Name, Grains: true, Payloads: true}.Shape(t.Params.Shape)
	if err != nil {
		return err
	}
	t.shape, t.tasks, t.fates, t.dressed = shape, n, 0, nil
	t.in, t.out, t.grains = nil, make([]Out, n), t.Params.grains(n)
	if shape.Large == Small {
		t.in = make([]In, n)
		for i := range n {
			t.in[i] = t.Input(i, t.grains[i])
		}
		t.grains = nil
	}
	for i := range n {
		if t.fated(i) {
			t.fates++
		}
	}
	if t.host == nil {
		t.host = &host{}
	}
	if shape.Name != "" && shape.Large == Small {
		t.dressed = slices.Collect(t.shaped())
	}
	t.ran, t.digest, t.err = false, 0, errNoJob
	return nil
}

// Direct implements [Load].
func (t *Typed[In, Out]) Direct(ctx context.Context) error {
	return t.job(true, func() (err error) {
		defer recovered(&err)
		const stride = 64 // tasks between looks at the context, which cost a few ns
		for lo := 0; lo < t.tasks; lo += stride {
			if err := ctx.Err(); err != nil {
				return &strategies.TaskError{Task: lo, Err: err}
			}
			for i := lo; i < min(lo+stride, t.tasks); i++ {
				out, err := t.Kernel.Func(ctx, t.input(i))
				if err != nil {
					return &strategies.TaskError{Task: i, Err: err}
				}
				t.out[i] = out
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

// input returns the input of task i, which is made now if inputs are made inside the clock.
func (t *Typed[In, Out]) input(i int) In {
	if t.in == nil {
		return t.Input(i, t.grains[i])
	}
	return t.in[i]
}

// Map implements [Load].
func (t *Typed[In, Out]) Map(ctx context.Context, ex strategies.Executor, o strategies.Options) error {
	return t.job(true, func() error {
		if t.shape.Name != "" {
			return t.mapShaped(ctx, ex, o)
		}
		if native, ok := ex.(*catalog.Native); ok {
			return native.RunMap(ctx, o, len(t.in), func(i int) (err error) {
				t.out[i], err = t.Kernel.Func(ctx, t.in[i])
				return err
			})
		}
		return t.Kernel.MapInto(ctx, ex, t.in, t.out, o)
	})
}

// Single implements [Load].
func (t *Typed[In, Out]) Single(ctx context.Context, ex strategies.Executor) error {
	return t.job(true, func() error {
		for i := range t.in {
			out, err := t.Kernel.Go(ctx, ex, t.in[i], strategies.Options{}).Wait(ctx)
			if err != nil {
				return &strategies.TaskError{Task: i, Err: err}
			}
			t.out[i] = out
		}
		return nil
	})
}

// all returns an error unless a stream delivered so many outcomes.
func (t *Typed[In, Out]) all(n int) error {
	if n != len(t.out) {
		return fmt.Errorf("stream of %d tasks delivered %d outcomes", len(t.out), n)
	}
	return nil
}

// job runs one job and keeps what Digest needs to know of it.
func (t *Typed[In, Out]) job(placed bool, run func() error) error {
	if t.tasks == 0 {
		return errNoInputs
	}
	t.first, t.stamps = 0, nil
	err := run()
	t.placed, t.ran, t.err = placed, true, err
	return err
}

// Digest implements [Load].
func (t *Typed[In, Out]) Digest() (uint64, error) {
	if t.tasks == 0 {
		return 0, errNoInputs
	}
	if t.ran {
		t.host.hung.Lock() // so that the next job begins with all workers
		//lint:ignore SA2001 it waits for those who hold it
		t.host.hung.Unlock()
		t.digest, t.values = 0, nil
		if t.err == nil {
			t.digest, t.err = t.sum()
		}
		if t.err == nil && t.Look != nil {
			t.values, t.err = t.Look(t.out)
		}
		if t.err == nil {
			t.values = t.withOrder(t.values)
		}
		clear(t.out)
		t.ran = false
	}
	return t.digest, t.err
}

// Values implements [Load].
func (t *Typed[In, Out]) Values() map[string]float64 { return t.values }

func (t *Typed[In, Out]) sum() (uint64, error) {
	var sum uint64
	seen := make([]bool, len(t.out))
	for at, out := range t.out {
		if t.placed && t.fated(at) || !t.placed && at >= t.tasks-t.fates {
			continue // it has none
		}
		i, value := t.Number(out)
		switch {
		case i >= 0 && i < len(t.out) && t.fated(i):
			return 0, &OutcomeError{i, at, "one that was planned to fail"}
		case i < 0 || i >= len(t.out):
			return 0, &OutcomeError{i, at, fmt.Sprintf("the job has %d tasks", len(t.out))}
		case t.placed && i != at:
			return 0, &OutcomeError{i, at, "out of place"}
		case seen[i]:
			return 0, &OutcomeError{i, at, "a second one"}
		}
		seen[i] = true
		sum += mix(mix(uint64(i)+odd) ^ value)
	}
	return sum, nil
}

// Most implements [Load].
func (t *Typed[In, Out]) Most() int { return t.Tasks }

// Preparation implements [Load].
func (t *Typed[In, Out]) Preparation() catalog.Preparation { return t.Prepare }

// Close implements [Load].
func (t *Typed[In, Out]) Close() error {
	t.in, t.out, t.dressed, t.tasks, t.host, t.Held = nil, nil, nil, 0, nil, nil
	if free := t.Free; free != nil {
		t.Free = nil
		return free()
	}
	return nil
}

package workloads

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/strategies"
)

// A FaultError is a task whose end was not the planned one.
type FaultError struct {
	Task   int
	Reason string
	Err    error // what it came to; nil if it succeeded
}

func (e *FaultError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("task %d: %s", e.Task, e.Reason)
	}
	return fmt.Sprintf("task %d: %s: %v", e.Task, e.Reason, e.Err)
}

func (e *FaultError) Unwrap() error { return e.Err }

// within runs a job beside the memory limit of its shape.
func (s Shape) within(run func() error) error {
	if s.Large != Small {
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(int64(s.Cap)))
	}
	return run()
}

// options are those of a job with the shape.
func (s Shape) options(o strategies.Options) strategies.Options {
	if s.Fault == Hangs {
		o.Limit = limit
	}
	return o
}

// shaped returns the inputs with what befalls each, as they are asked for.
func (t *Typed[In, Out]) shaped() iter.Seq[shaped[In]] {
	s := t.shape
	return func(yield func(shaped[In]) bool) {
		for i := range t.tasks {
			f := fate{setup: s.Setup, leak: uint32(s.Leak)}
			if t.fated(i) {
				f.fault = s.Fault
			}
			if !yield(shaped[In]{f, t.input(i)}) {
				return
			}
		}
	}
}

// mapShaped is Map for a load with a shape.
func (t *Typed[In, Out]) mapShaped(ctx context.Context, ex strategies.Executor, o strategies.Options) error {
	return t.shape.within(func() error {
		if t.shape.Large == Lazy {
			return fmt.Errorf("shape %s: a map has all of its inputs at once", t.shape.Name)
		}
		in := t.dressed
		if t.shape.Large == Eager {
			in = slices.Collect(t.shaped())
		}
		err := shape(t.Kernel, t.host).MapInto(ctx, ex, in, t.out, t.shape.options(o))
		var job *strategies.JobError
		if err != nil && (!errors.As(err, &job) || job.Cause != nil || job.Hook != nil) {
			return err
		}
		failed := 0
		if job != nil {
			for e := range job.Failures() {
				if err := t.planned(e.Task, e); err != nil {
					return err
				}
				failed++
			}
		}
		return t.allFailed(failed)
	})
}

// streamShaped is Stream for a load with a shape. Outcomes of a stream in completion order
// are stored one behind the other, without gaps.
func (t *Typed[In, Out]) streamShaped(ctx context.Context, ex strategies.Executor, o strategies.Options, began time.Time) error {
	return t.shape.within(func() error {
		in := slices.Values(t.dressed)
		switch t.shape.Large {
		case Lazy:
			in = t.shaped()
		case Eager:
			in = slices.Values(slices.Collect(t.shaped()))
		}
		n, failed := 0, 0
		for out, err := range outcomes(ctx, ex, shape(t.Kernel, t.host), in, t.shape.options(o), t.Number, t.stamps) {
			if t.first == 0 {
				t.first = time.Since(began)
			}
			var task *strategies.TaskError
			switch {
			case err != nil && !errors.As(err, &task):
				return err
			case err != nil:
				if err := t.planned(task.Task, err); err != nil {
					return err
				}
				failed++
			}
			if err == nil || o.Order == strategies.InputOrder {
				if n < len(t.out) && err == nil {
					t.out[n] = out
				}
				n++
			}
		}
		if o.Order == strategies.CompletionOrder {
			n += failed
		}
		if err := t.all(n); err != nil {
			return err
		}
		return t.allFailed(failed)
	})
}

// planned returns an error unless the task was planned to end like that.
func (t *Typed[In, Out]) planned(task int, err error) error {
	switch {
	case !t.fated(task):
		return &FaultError{task, "was to succeed", err}
	case !t.shape.Fault.is(err):
		return &FaultError{task, "failed otherwise than planned", err}
	}
	return nil
}

// allFailed returns an error unless so many tasks were planned to fail.
func (t *Typed[In, Out]) allFailed(failed int) error {
	if failed != t.fates {
		return fmt.Errorf("%d tasks of %d failed, and %d were planned to", failed, t.tasks, t.fates)
	}
	return nil
}

func (t *Typed[In, Out]) fated(i int) bool { return t.shape.fated(t.Params.Seed, i, t.tasks) }

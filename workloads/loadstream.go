package workloads

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

// This file runs jobs as streams.

// Stream implements [Load].
func (l *load[In, Out]) Stream(ctx context.Context, ex strategies.Executor, o strategies.Options) error {
	if r, ok := ex.(*catalog.Remote); ok {
		return l.remote(ctx, r, o)
	}
	return l.stream(ctx, ex, o, nil)
}

// Stamped implements [Load].
func (l *load[In, Out]) Stamped(ctx context.Context, ex strategies.Executor, o strategies.Options) error {
	return l.stream(ctx, ex, o, &stamps{done: make([]int64, l.tasks), delivered: make([]int64, l.tasks)})
}

// stream runs a job as a stream. If s is not nil, stream records in s when outcomes are done and
// delivered. In completion order, it stores the outcomes one after another, so tasks that fail as
// planned leave no gaps.
func (l *load[In, Out]) stream(ctx context.Context, ex strategies.Executor, o strategies.Options, s *stamps) error {
	placed := o.Order == strategies.InputOrder
	return l.job(placed, l.withCaller(ctx, l.Overlaps, func() error {
		began := time.Now()
		if s != nil {
			s.began, s.order = began, o.Order
		}
		l.last.stamps = s
		return l.faults.Within(func() error {
			n, failed := 0, 0
			for out, err := range l.outcomes(ctx, ex, o, s) {
				if n == 0 {
					l.last.first = time.Since(began)
				}
				at := n
				if !placed {
					at -= failed
				}
				n++
				if err != nil {
					if err := l.faults.Accept(err); err != nil {
						return err
					}
					failed++
					continue
				}
				if s != nil {
					task, _ := l.Number(out)
					s.put(s.delivered, task)
				}
				if at < l.tasks {
					l.last.out[at] = out
				}
			}
			if n != l.tasks {
				return fmt.Errorf("stream of %d tasks delivered %d outcomes, must deliver one per task", l.tasks, n)
			}
			return l.faults.AcceptCount(failed)
		})
	}))
}

// outcomes returns the stream of outcomes. If s is not nil, the stream records in s when each
// outcome is done.
func (l *load[In, Out]) outcomes(ctx context.Context, ex strategies.Executor, o strategies.Options, s *stamps) iter.Seq2[Out, error] {
	k := l.Kernel
	if s != nil {
		k = stamping(k, l.Number, s)
	}
	if l.shape.Name != "" {
		return l.faulty.stream(ctx, ex, k, o)
	}
	if native, ok := ex.(*catalog.Native); ok {
		return natively(ctx, native, k, l.in, o)
	}
	return k.Stream(ctx, ex, slices.Values(l.in), o)
}

// natively returns the stream of outcomes of the kernel k for the inputs in. A third-party library
// runs the tasks; the argument native is the adapter for this library.
func natively[In, Out any](ctx context.Context, native *catalog.Native, k strategies.Kernel[In, Out], in []In, o strategies.Options) iter.Seq2[Out, error] {
	return func(yield func(Out, error) bool) {
		going := true
		err := native.RunStream(ctx, o, len(in), func(i int) func() {
			out, err := k.Func(ctx, in[i])
			if err != nil {
				err = &strategies.TaskError{Task: i, Err: err}
			}
			return func() { going = going && yield(out, err) }
		})
		if err != nil && going {
			yield(*new(Out), err)
		}
	}
}

// OpenWindow is the window of an open loop. It is also the largest number of arrivals in one open
// loop, so that the window never delays an arrival.
const OpenWindow = 1 << 17

// Open implements [Load].
func (l *load[In, Out]) Open(ctx context.Context, ex strategies.Executor, arrive iter.Seq[int], done func(arrival, worker int)) error {
	switch ex.(type) {
	case *catalog.Native, *catalog.Remote:
		return errors.New("an open loop needs an executor, but this strategy runs only whole jobs; choose another strategy")
	}
	if err := l.Map(ctx, ex, strategies.Options{}); err != nil {
		return err
	}
	values := make([]uint64, l.tasks) // value of the outcome of each task
	for i, out := range l.last.out {
		_, values[i] = l.Number(out)
	}
	if _, err := l.Digest(); err != nil {
		return err
	}
	inputs := func(yield func(In) bool) {
		for arrival := range arrive {
			if !yield(l.in[arrival%l.tasks]) {
				return
			}
		}
	}
	o := strategies.Options{
		Order:  strategies.CompletionOrder,
		Window: OpenWindow,
		Hooks:  &strategies.Hooks{Result: func(e strategies.Event) { done(e.Task, e.Worker) }},
	}
	for out, err := range l.Kernel.Stream(ctx, ex, inputs, o) {
		if err != nil {
			return err
		}
		if i, value := l.Number(out); i < 0 || i >= l.tasks || values[i] != value {
			return fmt.Errorf("task %d has one outcome in the open loop and a different one in a map; outcomes must depend only on inputs", i)
		}
	}
	return nil
}

package workloads

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads/fault"
)

// How a load runs tasks that go wrong on purpose.

// plan returns the inputs with what is to happen to each task.
func (l *load[In, Out]) plan() []fault.Input[In] { return slices.Collect(l.planning()) }

// planning makes the inputs, with what is to happen to each task, as they are asked for.
func (l *load[In, Out]) planning() iter.Seq[fault.Input[In]] {
	return func(yield func(fault.Input[In]) bool) {
		for i := range l.tasks {
			if !yield(fault.Plan(l.faults, i, l.input(i))) {
				return
			}
		}
	}
}

// mapFaulty is Map for a load with a shape.
func (l *load[In, Out]) mapFaulty(ctx context.Context, ex strategies.Executor, o strategies.Options) error {
	return l.faults.Within(func() error {
		in := l.planned
		switch l.shape.Inputs {
		case fault.Lazy:
			return fmt.Errorf("shape %s: a map has all of its inputs at once", l.shape.Name)
		case fault.Eager:
			in = l.plan()
		}
		return l.faults.AcceptMap(strategies.MapInto(ctx, ex, fault.Kernel(l.Kernel, l.process, false), in, l.last.out, l.faults.Options(o)))
	})
}

// streamFaulty is a stream of k for a load with a shape.
func (l *load[In, Out]) streamFaulty(ctx context.Context, ex strategies.Executor, k strategies.Kernel[In, Out], o strategies.Options) iter.Seq2[Out, error] {
	in := slices.Values(l.planned)
	switch l.shape.Inputs {
	case fault.Lazy:
		in = l.planning()
	case fault.Eager:
		in = slices.Values(l.plan())
	}
	return strategies.Stream(ctx, ex, fault.Kernel(k, l.process, false), in, l.faults.Options(o))
}

package workloads

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads/fault"
)

// This file runs tasks with injected faults.

// plan yields the input of each task together with its fault plan. It makes each input only when
// the consumer pulls it.
func (l *load[In, Out]) plan() iter.Seq[fault.Input[In]] {
	return func(yield func(fault.Input[In]) bool) {
		for i := range l.tasks {
			if !yield(fault.Plan(l.faults, i, l.input(i))) {
				return
			}
		}
	}
}

// allPlanned returns the inputs of all tasks with their fault plans. If the shape requires that a
// job makes its inputs at its start, allPlanned makes them now.
func (l *load[In, Out]) allPlanned() []fault.Input[In] {
	if l.shape.Inputs == fault.Eager {
		return slices.Collect(l.plan())
	}
	return l.planned
}

// mapFaulty runs a map whose tasks have their planned faults. Its error is nil if the tasks fail
// exactly as planned.
func (l *load[In, Out]) mapFaulty(ctx context.Context, ex strategies.Executor, o strategies.Options) error {
	return l.faults.Within(func() error {
		if l.shape.Inputs == fault.Lazy {
			return fmt.Errorf("shape %s needs a stream, because a map takes all inputs at once; set order to input or completion", l.shape.Name)
		}
		k := fault.Kernel(l.Kernel, l.process, false)
		return l.faults.AcceptMap(k.MapInto(ctx, ex, l.allPlanned(), l.last.out, l.faults.Options(o)))
	})
}

// streamFaulty returns a stream of kernel k whose tasks have their planned faults.
func (l *load[In, Out]) streamFaulty(ctx context.Context, ex strategies.Executor, k strategies.Kernel[In, Out], o strategies.Options) iter.Seq2[Out, error] {
	in := l.plan()
	if l.shape.Inputs != fault.Lazy {
		in = slices.Values(l.allPlanned())
	}
	return fault.Kernel(k, l.process, false).Stream(ctx, ex, in, l.faults.Options(o))
}

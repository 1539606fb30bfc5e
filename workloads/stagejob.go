package workloads

import (
	"context"
	"fmt"
	"iter"
	"math/bits"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/work"
)

// An UnstagedError says why the stages of a job cannot be recorded.
type UnstagedError struct{ Reason string }

func (e *UnstagedError) Error() string { return "stages: " + e.Reason }

// Staged implements [Load].
func (l *load[In, Out]) Staged(ctx context.Context, ex strategies.Executor, o strategies.Options, order JobKind, out *Stages) error {
	_, remote := ex.(*catalog.Remote)
	switch {
	case remote:
		return &UnstagedError{"the job runs in another program, which does not record stages"}
	case l.shape.Name != "":
		return &UnstagedError{"tasks with injected faults may run more than once; choose a cell without a shape"}
	case l.params.Codec != "":
		return &UnstagedError{"worker processes record stages only with the kernel's own codec; choose codec own"}
	case out.Every < 1:
		return &UnstagedError{fmt.Sprintf("cannot record one task in %d; choose 1 or more", out.Every)}
	case uint64(l.tasks) > uint64(chosen):
		return &UnstagedError{fmt.Sprintf("the job has %d tasks; choose at most %d", l.tasks, uint64(chosen))}
	}
	s := &staging{clock: newClock(), order: order, every: out.Every}
	s.choose(l.tasks)
	native, _ := ex.(*catalog.Native)
	if native == nil {
		o.Stamps = s
	}
	k := l.marking(s)
	run := func() error { return mapStaged(ctx, ex, native, k, o, s) }
	switch order {
	case MapJob:
		s.slots(l.tasks)
		for _, m := range s.marks {
			s.hold(m)
		}
	case SingleJob:
		run = func() error { return singleStaged(ctx, ex, k, s) }
	default:
		if o.Order == strategies.InputOrder {
			s.slots(ring(o))
		}
		run = func() error { return streamStaged(ctx, ex, native, k, o, s) }
	}
	run = l.withCaller(ctx, l.Overlaps, run)
	err := l.job(true, func() error {
		defer region(JobRegion).End()
		s.began = s.now()
		err := run()
		s.ended = s.now()
		return err
	})
	if err == nil {
		s.collect(out)
	}
	return err
}

// ring returns the number of slots of a stream in input order. The slot of a task is its number modulo
// the number of slots.
func ring(o strategies.Options) int {
	window := o.Window
	if window == 0 {
		window = max(strategies.DefaultWindow, min(2*(&work.Terms{Chunk: o.Chunk}).Least(), strategies.MaxWindow))
	}
	return 1 << bits.Len(uint(window-1))
}

// mapStaged runs the tasks as one map.
func mapStaged(ctx context.Context, ex strategies.Executor, native *catalog.Native, k strategies.Kernel[mark, mark], o strategies.Options, s *staging) error {
	if native != nil {
		return native.RunMap(ctx, o, len(s.marks), func(i int) error {
			_, err := k.Func(ctx, s.marks[i])
			return err
		})
	}
	return k.MapInto(ctx, ex, s.marks, make([]mark, len(s.marks)), o)
}

// singleStaged submits the tasks one by one.
func singleStaged(ctx context.Context, ex strategies.Executor, k strategies.Kernel[mark, mark], s *staging) error {
	for i, m := range s.marks {
		s.stamp(m, stampSubmit)
		instant("take")
		if _, err := k.Go(ctx, ex, m, strategies.Options{}).Wait(ctx); err != nil {
			return &strategies.TaskError{Task: i, Err: err}
		}
		s.stamp(m, stampDelivered)
		instant("deliver")
	}
	return nil
}

// streamStaged runs the tasks as a stream.
func streamStaged(ctx context.Context, ex strategies.Executor, native *catalog.Native, k strategies.Kernel[mark, mark], o strategies.Options, s *staging) error {
	ordered, n := o.Order == strategies.InputOrder, 0
	for m, err := range pulled(ctx, ex, native, k, o, s) {
		if err != nil {
			return err
		}
		if ordered && m.task() != n {
			return &OutcomeError{m.task(), n, "wrong position; the position of an outcome must be its task number"}
		}
		s.stamp(m, stampDelivered)
		instant("deliver")
		if n++; ordered && n < len(s.marks) {
			s.stamp(s.marks[n], stampTurn)
		}
	}
	if n != len(s.marks) {
		return fmt.Errorf("stream of %d tasks delivered %d outcomes, must deliver one per task", len(s.marks), n)
	}
	return nil
}

// pulled returns the stream of outcomes. It stamps chosen tasks when the stream pulls their inputs.
func pulled(ctx context.Context, ex strategies.Executor, native *catalog.Native, k strategies.Kernel[mark, mark], o strategies.Options, s *staging) iter.Seq2[mark, error] {
	if native != nil {
		for i := range s.records {
			s.records[i][stampSubmit] = s.began // a native stream pulls by itself
		}
		return natively(ctx, native, k, s.marks, o)
	}
	return k.Stream(ctx, ex, func(yield func(mark) bool) {
		for _, m := range s.marks {
			s.stamp(m, stampSubmit)
			instant("take")
			s.hold(m)
			if !yield(m) {
				return
			}
		}
	}, o)
}

var _ work.Stamps = (*staging)(nil)

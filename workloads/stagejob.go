package workloads

import (
	"context"
	"fmt"
	"iter"
	"math/bits"
	"sync/atomic"

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
	}
	s := l.staging(uint32(out.Every), order, o)
	before := l.Kernel
	l.Kernel = stagedHere(l.Kernel, l.Number, s)
	defer func() { l.Kernel = before }()
	o.Stamps = s
	s.began = s.now()
	var err error
	switch order {
	case MapJob:
		err = l.Map(ctx, ex, o)
	case SingleJob:
		err = l.singleStaged(ctx, ex, s)
	default:
		err = l.streamStaged(ctx, ex, o, s)
	}
	if ended := s.now(); err == nil {
		s.collect(out, ended)
	}
	return err
}

// staging returns the initial state of a job that records the stages of its tasks.
func (l *load[In, Out]) staging(every uint32, order JobKind, o strategies.Options) *staging {
	n := l.tasks
	s := &staging{clock: newClock(), every: every, order: order, task: make([]atomic.Int32, n)}
	s.all = make([][stampCount]int64, min(n, 2*n/int(every)+100))
	s.slot = func(task int) int { return task }
	size := n
	if order != MapJob {
		s.pulls, s.turns, s.delivers = make([]int64, n), make([]int64, n), make([]int64, n)
		window := o.Window
		if window == 0 {
			window = strategies.DefaultWindow
			window = max(window, min(2*(&work.Terms{Chunk: o.Chunk}).Least(), strategies.MaxWindow))
		}
		size = 1 << bits.Len(uint(window-1)) // the ring of a stream in input order
		s.slot = func(task int) int { return task & (size - 1) }
		if o.Order == strategies.CompletionOrder || order == SingleJob {
			s.slot = func(int) int { return -1 }
		}
	}
	s.sent, s.came = make([]atomic.Int64, size), make([]atomic.Int64, size)
	return s
}

// singleStaged submits the tasks one by one. It records in s when candidates are submitted and
// delivered.
func (l *load[In, Out]) singleStaged(ctx context.Context, ex strategies.Executor, s *staging) error {
	return l.job(true, func() error {
		for i := range l.in {
			if s.candidate(i) {
				s.pulls[i] = s.now()
			}
			out, err := l.Kernel.Go(ctx, ex, l.in[i], strategies.Options{}).Wait(ctx)
			if err != nil {
				return &strategies.TaskError{Task: i, Err: err}
			}
			if s.candidate(i) {
				s.delivers[i] = s.now()
			}
			l.last.out[i] = out
		}
		return nil
	})
}

// streamStaged runs the tasks as a stream. It records in s when candidates are submitted and
// delivered.
func (l *load[In, Out]) streamStaged(ctx context.Context, ex strategies.Executor, o strategies.Options, s *staging) error {
	placed := o.Order == strategies.InputOrder
	return l.job(placed, func() error {
		n := 0
		for out, err := range l.pulled(ctx, ex, o, s) {
			if err != nil {
				return err
			}
			task := n
			if !placed {
				task, _ = l.Number(out)
			}
			if s.candidate(task) && task < l.tasks {
				s.delivers[task] = s.now()
			}
			if n < l.tasks {
				l.last.out[n] = out
			}
			n++
			if placed && s.candidate(n) && n < l.tasks {
				s.turns[n] = s.now()
			}
		}
		if n != l.tasks {
			return fmt.Errorf("stream of %d tasks delivered %d outcomes, must deliver one per task", l.tasks, n)
		}
		return nil
	})
}

// pulled returns the stream of outcomes. It records in s when the stream pulls the inputs of
// candidates, which is their submission.
func (l *load[In, Out]) pulled(ctx context.Context, ex strategies.Executor, o strategies.Options, s *staging) iter.Seq2[Out, error] {
	if native, ok := ex.(*catalog.Native); ok {
		for i := range s.pulls {
			s.pulls[i] = s.began // a native stream pulls by itself
		}
		return natively(ctx, native, l.Kernel, l.in, o)
	}
	return l.Kernel.Stream(ctx, ex, func(yield func(In) bool) {
		for i, in := range l.in {
			if s.candidate(i) {
				s.pulls[i] = s.now()
			}
			if !yield(in) {
				return
			}
		}
	}, o)
}

var _ work.Stamps = (*staging)(nil)

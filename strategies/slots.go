package strategies

import (
	"context"

	"github.com/payoff-bench/payoff/strategies/work"
)

// slots holds the common fields of the jobs of maps and streams: the kernel, and the inputs and
// outputs of the tasks by slot (the place of a task in its job).
type slots[In, Out any] struct {
	stopper
	kernel        Kernel[In, Out]
	terms         work.Terms
	failFast      bool
	core          *work.Core              // of the executor
	ctx           context.Context         // context of the tasks
	cancelContext context.CancelCauseFunc // cancels ctx
	watching      *watching               // nil for a job with neither limit nor hooks
	running       attendance              // workers that run tasks of the job
	in            []In
	out           []Out
}

func (s *slots[In, Out]) Terms() *work.Terms { return &s.terms }
func (s *slots[In, Out]) Key(i int) uint64   { return s.kernel.Key(s.in[i]) }

// ending is called when a task has failed with the error e. It returns the cause with which the
// caller must cancel the job, or nil if the job goes on:
//
//   - The context of the job has ended: the cause of the context. The goroutine that waits for the
//     job also checks the context, but later.
//   - The job has the option FailFast: e.
//
// Only failed tasks check the context. A check before each task would add a third to the
// instructions of a trivial task.
func (s *slots[In, Out]) ending(e *TaskError) error {
	switch {
	case s.cause.Load() != nil:
		return nil
	case s.ctx.Err() != nil:
		return context.Cause(s.ctx)
	case s.failFast:
		return e
	}
	return nil
}

// begin implements [work.Job.Begin] for job j, which contains s.
func (s *slots[In, Out]) begin(ctx context.Context, j work.Job, i int, ev Events, settle func(func())) {
	s.kernel.Begin(ctx, s.in[i], ev, func(v Out, err error) {
		settle(func() {
			if err != nil {
				j.Fail(i, work.By{}, err)
			} else {
				s.out[i] = v
			}
			j.Finish(work.Span{Lo: i, Hi: i + 1}, work.By{})
		})
	})
}

func (s *slots[In, Out]) AppendInputs(dst *[]byte, span *work.Span, limit int) ([]byte, error) {
	return encodeAll(s.kernel.Name, s.kernel.In, dst, span, limit, s.in)
}

func (s *slots[In, Out]) SetOutputs(src *[]byte, span *work.Span, give func() bool) error {
	return decodeAll(s.kernel.Name, s.kernel.Out, src, span, give, s.out)
}

// do runs the task in slot i of a job with a limit or hooks, as worker w, and stores its output. If
// the task exceeds the time limit, stray is a channel that is closed when the task returns;
// otherwise stray is nil. err is the error of the task.
func (s *slots[In, Out]) do(ctx context.Context, i, w int) (stray <-chan struct{}, err error) {
	var v Out
	if t := s.watching; t.limit > 0 {
		stray, v, err = within(ctx, t.limit, t.core, w, s.kernel.Func, s.in[i])
	} else {
		v, err = s.kernel.Func(ctx, s.in[i])
	}
	if err == nil {
		s.out[i] = v
	}
	return stray, err
}

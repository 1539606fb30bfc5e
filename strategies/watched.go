package strategies

import (
	"context"
	"time"

	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// watching is the part of a job that has a limit or hooks. Its tasks run in a loop of their
// own, so that other jobs pay nothing for it.
type watching struct {
	limit time.Duration
	hooks *hooking // nil for none
	core  *work.Core
}

// watch returns nil for a job that has neither limit nor hooks.
func watch(o *Options, core *work.Core, total int64, freed *sleeper) *watching {
	hooks := newHooking(o.Hooks, total, freed)
	if hooks == nil && o.Limit == 0 {
		return nil
	}
	return &watching{limit: o.Limit, hooks: hooks, core: core}
}

// A watchedJob is a job that is watched.
type watchedJob interface {
	work.Job
	do(ctx context.Context, i, w int) (stray <-chan struct{}, failed bool) // runs the task in slot i
	failed(i, w int, err error)                                            // records a panic or Goexit of do
	drop(s work.Span, w int, cause error)                                  // s never starts
}

// drain is [work.Job.Drain] of a watched job of total tasks. It has a frame of its own: the
// stack of a new goroutine, as strategy spawn starts one for each chunk, has no room to spare.
//
//go:noinline
func (t *watching) drain(ctx context.Context, j watchedJob, r *work.Range, c *cursor, w, total, workers int) (stray <-chan struct{}) {
	size := j.Terms().Sizer(total, workers)
	for empty := false; !empty; {
		empty, stray = t.run(ctx, j, r, c, w, size)
	}
	return stray
}

// run runs tasks as mapJob.run does. With a limit it claims one task at a time, whatever the
// chunk, so that a worker that leaves a task running holds no others.
func (t *watching) run(ctx context.Context, j watchedJob, r *work.Range, c *cursor, w int, size chunk.Sizer) (empty bool, stray <-chan struct{}) {
	defer func() {
		if empty {
			return
		}
		j.failed(c.i, w, work.Caught(recover()))
		c.i++
		c.n++
		c.failed++
	}()
	for {
		for c.i < c.hi {
			if cause := j.Cancelled(); cause != nil {
				for s := (work.Span{Lo: c.i, Hi: c.hi}); s.Len() > 0; s = r.Clear() {
					j.drop(s, w, cause)
					c.n += s.Len()
				}
				c.i = c.hi
				break
			}
			stray, failed := j.do(ctx, c.i, w)
			if failed {
				c.failed++
			}
			c.i++
			c.n++
			if stray != nil {
				return true, stray
			}
		}
		n := 1
		if t.limit == 0 {
			n = size.Next(r.Len())
		}
		s := r.Claim(n)
		if s.Len() == 0 {
			return true, nil
		}
		c.i, c.hi = s.Lo, s.Hi
	}
}

// apply runs one task, within the limit.
func apply[In, Out any](t *watching, ctx context.Context, f func(context.Context, In) (Out, error), in In) (stray <-chan struct{}, v Out, err error) {
	if t.limit > 0 {
		return within(ctx, t.limit, t.core, f, in)
	}
	v, err = f(ctx, in)
	return nil, v, err
}

// event returns the event of a task.
func (t *watching) event(task int, by work.By, out any, err *TaskError) Event {
	e := Event{Task: task, Attempt: max(by.Attempt, 1), Worker: by.Worker, Process: by.Process}
	if err == nil {
		e.Output = out
		return e
	}
	e.Err, e.Process, e.Attempt = err, err.Worker, err.Attempt
	if err.Attempt == 0 {
		e.Worker = work.Outside
	}
	return e
}

// end returns when the hooks have run, with the error of those that panicked.
func (t *watching) end() *HookError {
	if t == nil {
		return nil
	}
	return t.hooks.end()
}

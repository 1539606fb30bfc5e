package strategies

import (
	"context"
	"time"

	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// watching is the part of a job with a limit or hooks. Such a job runs its tasks in a separate loop,
// so that limits and hooks add no cost to other jobs.
type watching struct {
	limit time.Duration
	hooks *hooking // nil for none
	core  *work.Core
}

// watch starts the hooks of a job. It returns nil for a job with neither limit nor hooks.
func watch(o *Options, core *work.Core, total int64, freed *sleeper) *watching {
	hooks := newHooking(o.Hooks, core, total, freed)
	if hooks == nil && o.Limit == 0 {
		return nil
	}
	return &watching{limit: o.Limit, hooks: hooks, core: core}
}

// A watchedJob is a job with a limit or hooks.
type watchedJob interface {
	work.Job
	do(ctx context.Context, i int) (stray <-chan struct{}, err error) // runs the task in slot i
	fail(i int, by work.By, err error)                                // records its failure
	finish(i, w int)                                                  // publishes its outcome, from worker w
	drop(s work.Span, w int, cause error)                             // skips the tasks of s
}

// drain is [work.Job.Drain] of a watched job of total tasks. It is not inlined, to keep the stack of
// other jobs small: strategy spawn starts a goroutine for each chunk, whose stack must not grow.
//
//go:noinline
func (t *watching) drain(ctx context.Context, j watchedJob, r *work.Range, c *cursor, w, total, workers int) (stray <-chan struct{}) {
	size := j.Terms().Sizer(total, workers)
	for empty := false; !empty; {
		empty, stray = t.run(ctx, j, r, c, w, size)
	}
	return stray
}

// run runs tasks as mapJob.run does. With a limit it claims one task at a time, whatever the chunk
// size, so that a worker with a stray holds no other tasks.
func (t *watching) run(ctx context.Context, j watchedJob, r *work.Range, c *cursor, w int, size chunk.Sizer) (empty bool, stray <-chan struct{}) {
	defer func() {
		if empty || c.i >= c.hi { // otherwise a chunk policy is ending the goroutine
			return
		}
		j.fail(c.i, work.By{}, work.Caught(recover()))
		c.failed++
		j.finish(c.i, w)
		c.i++
		c.n++
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
			stray, err := j.do(ctx, c.i)
			if err != nil {
				j.fail(c.i, work.By{}, err)
				c.failed++
			}
			j.finish(c.i, w)
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

// event returns the event of a task with output out or error err.
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

// end waits until the hooks have run, and returns the error of the hooks that panicked.
func (t *watching) end() *HookError {
	if t == nil {
		return nil
	}
	return t.hooks.end()
}

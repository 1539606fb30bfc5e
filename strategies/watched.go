package strategies

import (
	"context"
	"time"

	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// watching holds the limit and the hooks of a job. A job with a limit or hooks runs its tasks in a
// separate loop, so that other jobs do not pay for the checks.
type watching struct {
	limit time.Duration
	hooks *hooking // nil for none
	core  *work.Core
}

// watch returns the limit and the hooks of a job, and starts the goroutine of the hooks. It returns
// nil for a job with neither. total is the number of tasks, or -1 for a stream. In a stream, freed
// is the sleeper of the feeder (the goroutine that pulls inputs), which is woken when hooks have
// run; for other jobs it is nil.
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
	do(ctx context.Context, i, w int) (stray <-chan struct{}, err error) // runs the task in slot i as worker w
	fail(i int, by work.By, err error)                                   // records the failure of the task in slot i
	finish(i, w int)                                                     // publishes the outcome of the task in slot i, which worker w ran
	drop(s work.Span, w int, cause error)                                // records that the tasks of s never start
}

// drain implements [work.Job.Drain] for j, a job of total tasks with a limit or hooks. It is not
// inlined, so that the stack frame of other jobs stays small: the strategy spawn starts a goroutine
// for each chunk, and the stack of that goroutine should not have to grow.
//
//go:noinline
func (t *watching) drain(ctx context.Context, j watchedJob, r *work.Range, c *cursor, w, total, workers int) (stray <-chan struct{}) {
	size := j.Terms().Sizer(total, workers)
	for empty := false; !empty; {
		empty, stray = t.run(ctx, j, r, c, w, size)
	}
	return stray
}

// run runs tasks until r is empty and then returns empty = true. After a panic it records the
// failure of the task and returns empty = false; the caller then calls run again.
//
// If the job has a limit, run ignores the chunk size and claims one task at a time. A worker whose
// task exceeds the limit thus holds no other tasks. If a task exceeds the limit, stray is a channel
// that is closed when this task returns; otherwise stray is nil.
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
			stray, err := j.do(ctx, c.i, w)
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

// event returns the Event that reports a task to the hooks. out is the output of the task, and err
// its error or nil.
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

// end waits until all hooks have run. It returns a HookError if some hook panicked, else nil.
func (t *watching) end() *HookError {
	if t == nil {
		return nil
	}
	return t.hooks.end()
}

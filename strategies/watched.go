package strategies

import (
	"context"
	"sync/atomic"
	"time"
)

// watching is what a job has more if it has a limit or hooks. Its tasks then run in a
// loop of their own, so that others pay nothing for it.
type watching struct {
	limit  time.Duration
	hooks  *hooking // nil for none
	lost   *atomic.Int64
	strays strays
	by     Attributor // nil unless workers are processes
}

// watch returns nil for a job that has neither.
func (o *Options) watch(ex Executor, total int64, freed *sleeper) *watching {
	hooks := newHooking(o.Hooks, total, freed)
	if hooks == nil && o.Limit == 0 {
		return nil
	}
	t := &watching{limit: o.Limit, hooks: hooks, lost: new(atomic.Int64)}
	if tally := tallyOf(ex); tally != nil {
		t.lost = &tally.lost
	}
	t.by, _ = ex.(Attributor)
	return t
}

// A watchedJob is a job that is watched.
type watchedJob interface {
	Job
	do(ctx context.Context, i, w int) (stray <-chan struct{}, failed bool) // runs the task in slot i
	failed(i, w int, err error)                                            // it ended the call of do
	drop(s Span, w int, cause error)                                       // s never starts
}

// run is as [mapJob.run]. With a limit it claims one task at a time, whatever the chunk,
// so that a worker that is left by a task holds no others.
func (t *watching) run(ctx context.Context, j watchedJob, r *Range, c *cursor, w int, size sizer) (empty bool) {
	defer func() {
		if empty {
			return
		}
		j.failed(c.i, w, caught(recover()))
		c.i++
		c.n++
		c.failed++
	}()
	for {
		for c.i < c.hi {
			if cause := j.Cancelled(); cause != nil {
				for s := (Span{c.i, c.hi}); s.Len() > 0; s = r.Clear() {
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
				t.strays.add(w, stray)
				return true
			}
		}
		n := 1
		if t.limit == 0 {
			n = size.size(r)
		}
		s := r.Claim(n)
		if s.Len() == 0 {
			return true
		}
		c.i, c.hi = s.Lo, s.Hi
	}
}

// apply runs one task, for as long as it may.
func apply[In, Out any](t *watching, ctx context.Context, f func(context.Context, In) (Out, error), in In) (stray <-chan struct{}, v Out, err error) {
	if t.limit > 0 {
		return within(ctx, t.limit, t.lost, f, in)
	}
	v, err = f(ctx, in)
	return nil, v, err
}

// event returns the event of the task in slot i, which worker w ran. It is called by the
// job's Finish.
func (t *watching) event(i, task, w int, out any, err *TaskError) Event {
	e := Event{Task: task, Attempt: 1, Worker: w}
	if err == nil {
		if t.by != nil && w >= 0 {
			e.Process, e.Attempt = t.by.Attribute(w, i)
			e.Attempt++
		}
		e.Output = out
		return e
	}
	e.Err, e.Process, e.Attempt = err, err.Worker, 1+err.Attempt
	if err.skipped {
		e.Attempt, e.Worker = 0, outside
	}
	return e
}

// end returns when the hooks have run, and what became of them.
func (t *watching) end() *HookError {
	if t == nil {
		return nil
	}
	return t.hooks.end()
}

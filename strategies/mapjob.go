package strategies

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A mapJob is the job of a map. The slot of a task is its task number.
type mapJob[In, Out any] struct {
	slots[In, Out]
	done chan struct{} // closed when every task has its outcome

	rest    work.Range   // tasks that no worker has taken
	left    atomic.Int64 // number of tasks without an outcome
	failing atomic.Int64 // number of tasks that started and failed

	mu      sync.Mutex
	errs    []*TaskError
	skipped []work.Span
	last    map[int]*TaskError // with hooks: the failure of each task whose hook call is not queued yet
}

func (j *mapJob[In, Out]) Begin(ctx context.Context, i int, ev Events, settle func(func())) {
	j.begin(ctx, j, i, ev, settle)
}

func (j *mapJob[In, Out]) Take(limit int) (work.Span, work.State) {
	if s := j.rest.Claim(limit); s.Len() > 0 {
		return s, work.Ready
	}
	return work.Span{}, work.Over
}

func (j *mapJob[In, Out]) Drain(ctx context.Context, r *work.Range, w int) (stray <-chan struct{}) {
	var c cursor
	j.running.add(w, 1)
	defer j.leave(ctx, &c, w)
	if j.watching != nil {
		return j.watching.drain(ctx, j, r, &c, w, len(j.in), j.core.Workers)
	}
	if _, auto := j.terms.Chunk.(chunk.Auto); auto {
		c.size = newSizer(&j.terms, len(j.in), j.core.Workers)
		for !j.runAuto(ctx, r, &c) {
		}
		return nil
	}
	for !j.run(ctx, r, &c) {
	}
	return nil
}

// run runs tasks until r is empty and then returns true. After a panic it records the failure of
// the task and returns false; the caller then calls run again. In this way one deferred recover is
// enough for many tasks.
func (j *mapJob[In, Out]) run(ctx context.Context, r *work.Range, c *cursor) (empty bool) {
	defer func() {
		if empty || c.i >= c.hi { // otherwise no task panicked; a chunk policy ends this goroutine by Goexit
			return
		}
		j.fail(c.i, work.By{}, work.Caught(recover()))
		c.failed++
		c.i++
		c.n++
	}()
	f, in, out := j.kernel.Func, j.in, j.out
	step := c.step(&j.terms, len(in), len(in), j.core.Workers)
	for {
		for c.i < c.hi {
			if j.cause.Load() != nil {
				c.n += j.skip(work.Span{Lo: c.i, Hi: c.hi}) + j.skip(r.Clear())
				c.i = c.hi
				break
			}
			v, err := f(ctx, in[c.i])
			if err != nil {
				j.fail(c.i, work.By{}, err)
				c.failed++
			} else {
				out[c.i] = v
			}
			c.n++
			c.i++
		}
		if step > 0 {
			lo, hi := r.Add(step)
			if lo >= hi {
				return true
			}
			c.i, c.hi = int(lo), int(hi)
			continue
		}
		s := r.Claim(c.size.Next(r.Len()))
		if s.Len() == 0 {
			return true
		}
		c.i, c.hi = s.Lo, s.Hi
	}
}

// runAuto is like the method run, but for automatic chunks. If the tasks that a worker has claimed
// take too long, runAuto gives those that have not started back to r. It checks this only after
// each group of tasks, since reading the clock takes as long as many trivial tasks.
func (j *mapJob[In, Out]) runAuto(ctx context.Context, r *work.Range, c *cursor) (empty bool) {
	defer func() {
		if !empty {
			c.count()
			j.fail(c.i, work.By{}, work.Caught(recover()))
			c.failed++
			c.n++
			c.i++
		}
	}()
	f := j.kernel.Func
groups:
	for {
		switch {
		case c.i == c.hi:
			s := r.Claim(c.size.Next(r.Len()))
			if s.Len() == 0 {
				return true
			}
			c.i, c.hi = s.Lo, s.Hi
			c.group = s.Len()/looks + 1
		case j.cause.Load() != nil:
			c.n += j.skip(work.Span{Lo: c.i, Hi: c.hi})
			for s := r.Clear(); s.Len() > 0; s = r.Clear() {
				c.n += j.skip(s)
			}
			c.i = c.hi
			return true
		case c.giveBack(r):
			return true
		}
		first := c.i
		c.from = first
		in := j.in[first:min(first+c.group, c.hi)]
		out := j.out[first:][:len(in)]
		for k := range in {
			c.i = first + k
			if j.cause.Load() != nil {
				c.count()
				continue groups
			}
			v, err := f(ctx, in[k])
			if err != nil {
				j.fail(first+k, work.By{}, err)
				c.failed++
			} else {
				out[k] = v
			}
		}
		c.i = first + len(in)
		c.count()
	}
}

// leave is deferred by the method Drain of j. If a task called Goexit, leave runs the remaining
// claimed tasks. It then adds the tasks of this call of Drain to the counters of the job.
func (j *mapJob[In, Out]) leave(ctx context.Context, c *cursor, w int) {
	c.finish(ctx, j, w, j.core)
	j.running.add(w, -1)
	if c.failed > 0 {
		j.failing.Add(int64(c.failed))
	}
	j.settle(c.n)
}

// settle counts n more tasks with an outcome. After the last task it closes j.done.
func (j *mapJob[In, Out]) settle(n int) {
	if n > 0 && j.left.Add(-int64(n)) == 0 {
		close(j.done)
	}
}

// Fail implements [work.Job].
func (j *mapJob[In, Out]) Fail(i int, by work.By, err error) {
	j.fail(i, by, err)
	j.failing.Add(1)
}

// fail records err as the outcome of task i. Unlike the method Fail, it does not add the failure to
// the counter j.failing; the method leave does that once for many tasks.
func (j *mapJob[In, Out]) fail(i int, by work.By, err error) {
	e := j.kernel.taskError(i, by, because(j.ctx, err))
	j.mu.Lock()
	j.errs = append(j.errs, e)
	if j.watching != nil && j.watching.hooks != nil {
		if j.last == nil {
			j.last = map[int]*TaskError{}
		}
		j.last[i] = e
	}
	j.mu.Unlock()
	if cause := j.ending(e); cause != nil {
		j.Cancel(cause)
	}
}

func (j *mapJob[In, Out]) Finish(s work.Span, by work.By) {
	if j.watching != nil {
		for i := s.Lo; i < s.Hi; i++ {
			j.tell(i, by)
		}
	}
	j.settle(s.Len())
}

// Cancel implements [work.Job]. It skips the tasks that no worker has taken. Each worker skips the
// tasks that it has taken but not started.
func (j *mapJob[In, Out]) Cancel(cause error) {
	if !j.set(cause) {
		return
	}
	j.cancelContext(cause)
	s := j.rest.Clear()
	j.drop(s, work.Outside, cause)
	j.settle(s.Len())
}

// skip records that the tasks of span s never start, and returns their number.
func (j *mapJob[In, Out]) skip(s work.Span) int {
	if s.Len() > 0 {
		j.mu.Lock()
		j.skipped = append(j.skipped, s)
		j.mu.Unlock()
	}
	return s.Len()
}

// err returns the error of the job, or nil. It is called after the job has ended. hook is the error
// of the job's hooks, or nil.
func (j *mapJob[In, Out]) err(hook *HookError) error {
	// Without a skipped task these two still make a cancelled job fail.
	stopped := j.Cancelled() != nil && (len(j.in) == 0 || policyError(j.terms.Chunk) != nil)
	if len(j.errs) == 0 && len(j.skipped) == 0 && hook == nil && !stopped {
		return nil
	}
	slices.SortFunc(j.errs, func(a, b *TaskError) int { return cmp.Compare(a.Task, b.Task) })
	slices.SortFunc(j.skipped, func(a, b work.Span) int { return cmp.Compare(a.Lo, b.Lo) })
	e := &JobError{Failed: len(j.errs), Hook: hook, failed: j.errs, skipped: j.skipped}
	for _, s := range j.skipped {
		e.Skipped += s.Len()
	}
	if e.Skipped > 0 || stopped {
		e.Cause = j.Cancelled()
	}
	e.Succeeded = len(j.in) - e.Failed - e.Skipped
	return e
}

// Counts implements [work.Counted].
func (j *mapJob[In, Out]) Counts() Counts {
	c := Counts{Submitted: int64(len(j.in)), Failed: j.failing.Load(), Queued: j.left.Load()}
	j.mu.Lock()
	for _, s := range j.skipped {
		c.Cancelled += int64(s.Len())
	}
	j.mu.Unlock()
	c.Succeeded = max(0, c.Submitted-c.Failed-c.Cancelled-c.Queued)
	return c
}

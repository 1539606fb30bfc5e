package strategies

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// Map applies k to every element of in on ex and returns the outputs in the same
// places. It returns when every task has its outcome; the order of work is free.
//
// The error is nil, an [OptionError], what ex.Start says, or a [*JobError] with the
// outcome of each task that has no output; its place in the result is the zero value.
// When ctx ends, tasks that have not started never do, and tasks that run see it end.
//
// It is safe to call Map from a task of the same executor if ctx is the task's own. Where
// the strategy cannot run such a job in the task's stead, the error is [ErrNested].
func Map[In, Out any](ctx context.Context, ex Executor, k Kernel[In, Out], in []In, o Options) ([]Out, error) {
	out := make([]Out, len(in))
	err := MapInto(ctx, ex, k, in, out, o)
	return out, err
}

// MapInto is Map into the caller's slice, which must be as long as in. Places of
// failed tasks are left as they were.
func MapInto[In, Out any](ctx context.Context, ex Executor, k Kernel[In, Out], in []In, out []Out, o Options) error {
	o, err := o.validate()
	if err == nil {
		err = needed(ctx, ex, k)
	}
	switch {
	case err != nil:
		return err
	case len(in) != len(out):
		return &OptionError{Option: "out", Value: len(out), Reason: fmt.Sprintf("must be as long as in (%d)", len(in))}
	case uint64(len(in)) > MaxTasks:
		return &OptionError{Option: "in", Value: len(in), Reason: fmt.Sprintf("a map has at most %d tasks; use a stream", uint64(MaxTasks))}
	}
	j := &mapJob[In, Out]{kernel: k, in: in, out: out, options: o, workers: workersOf(ex), done: make(chan struct{})}
	if j.left.Store(int64(len(in))); len(in) == 0 {
		close(j.done) // it is started all the same: what the executor refuses does not depend on the input
	}
	j.rest.Set(Span{0, len(in)})
	taskCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	j.cancelContext = cancel
	j.watching = j.options.watch(ex, int64(len(in)), nil)
	tally := tallyOf(ex)
	tally.enter(j)
	ended := false
	defer func() {
		if !ended { // a codec ended the goroutine, after its task had its outcome
			tally.leave(j)
			j.watching.end()
		}
	}()
	lease, err := ex.Start(taskCtx, j)
	if err != nil {
		ended = true
		tally.forget(j)
		j.watching.end()
		return err
	}
	if ctx.Value(placeKey{}) != nil {
		unwatch := watch(ctx, j) // while it helps
		for lease.Help(taskCtx) {
		}
		unwatch()
	}
	attend(lease)
	select {
	case <-j.done:
	case <-taskCtx.Done():
		j.Cancel(context.Cause(taskCtx))
		lease.Stop()
		<-j.done
	}
	lease.Wait()
	ended = true
	tally.leave(j)
	return j.err(j.watching.end())
}

// mapJob is the job of a map: slots are task numbers, and outcomes go straight to
// their places.
type mapJob[In, Out any] struct {
	stopper
	kernel        Kernel[In, Out]
	in            []In
	out           []Out
	options       Options
	workers       int                     // of the executor
	cancelContext context.CancelCauseFunc // of the context that tasks see
	done          chan struct{}           // closed when every task has its outcome
	watching      *watching

	rest    Range        // not taken
	left    atomic.Int64 // tasks without an outcome
	failing atomic.Int64 // of those that have one, without an output

	mu      sync.Mutex
	errs    []*TaskError
	skipped []Span
	last    map[int]*TaskError // if there are hooks: failures by task, until they are told
}

func (j *mapJob[In, Out]) Kernel() string    { return j.kernel.Name }
func (j *mapJob[In, Out]) Options() *Options { return &j.options }

// Awaited implements the interface [Awaited].
func (j *mapJob[In, Out]) Awaited() {}

func (j *mapJob[In, Out]) Take(limit int) (Span, State) {
	if s := j.rest.Claim(limit); s.Len() > 0 {
		return s, Ready
	}
	return Span{}, Over
}

func (j *mapJob[In, Out]) Drain(ctx context.Context, r *Range, w int) int {
	var c cursor
	defer j.leave(ctx, &c, w)
	if t := j.watching; t != nil {
		for !t.run(ctx, j, r, &c, w, j.options.sizer(len(j.in), j.workers)) {
		}
		return c.n
	}
	for !j.run(ctx, r, &c, w) {
	}
	return c.n
}

// run runs tasks until r is empty and then returns true. After a task that panicked
// it returns false and is called again: one recover for the panic, none for a task
// that behaves.
func (j *mapJob[In, Out]) run(ctx context.Context, r *Range, c *cursor, w int) (empty bool) {
	defer func() {
		if empty {
			return
		}
		j.fail(c.i, caught(recover()))
		c.failed++
		c.i++
		c.n++
	}()
	f, in, out := j.kernel.Func, j.in, j.out
	size := j.options.sizer(len(in), j.workers)
	step := size.step(len(in))
	for {
		for c.i < c.hi {
			if j.cause.Load() != nil {
				c.n += j.skip(Span{c.i, c.hi}) + j.skip(r.Clear())
				c.i = c.hi
				break
			}
			v, err := f(ctx, in[c.i])
			if err != nil {
				j.fail(c.i, err)
				c.failed++
			} else {
				out[c.i] = v
			}
			c.n++
			c.i++
		}
		if step > 0 {
			lo, hi := r.add(step)
			if lo >= hi {
				return true
			}
			c.i, c.hi = int(lo), int(hi)
			continue
		}
		s := r.Claim(size.size(r))
		if s.Len() == 0 {
			return true
		}
		c.i, c.hi = s.Lo, s.Hi
	}
}

// leave ends a drain. If there is something left of what it claimed, a task is ending
// the goroutine by Goexit, and another goroutine runs it. What recover returned does
// not tell: a task may panic on its way out, and the goroutine ends all the same.
func (j *mapJob[In, Out]) leave(ctx context.Context, c *cursor, w int) {
	if c.i < c.hi {
		left := new(Range)
		left.Set(Span{c.i, c.hi})
		for left.Len() > 0 { // another may end that goroutine too, before all is claimed
			var wg sync.WaitGroup
			wg.Go(func() { j.Drain(ctx, left, w) })
			wg.Wait()
		}
	}
	if c.failed > 0 {
		j.failing.Add(int64(c.failed))
	}
	j.settle(c.n)
}

func (j *mapJob[In, Out]) settle(n int) {
	if n > 0 && j.left.Add(-int64(n)) == 0 {
		close(j.done)
	}
}

func (j *mapJob[In, Out]) AppendInputs(dst *[]byte, s *Span, limit int) ([]byte, error) {
	return encodeAll(j.kernel.Name, j.kernel.In, dst, s, limit, j.in)
}

func (j *mapJob[In, Out]) SetOutputs(src *[]byte, s *Span, give func() bool) error {
	return decodeAll(j.kernel.Name, j.kernel.Out, src, s, give, j.out)
}

// Fail implements [Job].
func (j *mapJob[In, Out]) Fail(i int, err error) {
	j.fail(i, err)
	j.failing.Add(1)
}

func (j *mapJob[In, Out]) fail(i int, err error) {
	e := taskError(i, err)
	j.mu.Lock()
	j.errs = append(j.errs, e)
	if j.watching != nil && j.watching.hooks != nil {
		if j.last == nil {
			j.last = map[int]*TaskError{}
		}
		j.last[i] = e
	}
	j.mu.Unlock()
	if j.options.FailFast && j.cause.Load() == nil {
		j.Cancel(e)
	}
}

func (j *mapJob[In, Out]) Finish(s Span, w int) {
	if j.watching != nil {
		for i := s.Lo; i < s.Hi; i++ {
			j.tell(i, w)
		}
	}
	j.settle(s.Len())
}

// Cancel implements [Job]. What nobody took is skipped here; who holds a span skips
// it in Drain.
func (j *mapJob[In, Out]) Cancel(cause error) {
	if !j.set(cause) {
		return
	}
	j.cancelContext(cause)
	s := j.rest.Clear()
	j.drop(s, outside, cause)
	j.settle(s.Len())
}

// skip records that the tasks of s never start and returns how many they are.
func (j *mapJob[In, Out]) skip(s Span) int {
	if s.Len() > 0 {
		j.mu.Lock()
		j.skipped = append(j.skipped, s)
		j.mu.Unlock()
	}
	return s.Len()
}

// err returns what the job ended with. All is over.
func (j *mapJob[In, Out]) err(hook *HookError) error {
	if len(j.errs) == 0 && len(j.skipped) == 0 && hook == nil {
		return nil
	}
	slices.SortFunc(j.errs, func(a, b *TaskError) int { return cmp.Compare(a.Task, b.Task) })
	slices.SortFunc(j.skipped, func(a, b Span) int { return cmp.Compare(a.Lo, b.Lo) })
	e := &JobError{Tasks: j.errs, Skipped: j.skipped, Hook: hook}
	if len(j.skipped) > 0 {
		e.Cause = j.Cancelled()
	}
	return e
}

// counts implements counted.
func (j *mapJob[In, Out]) counts() Counts {
	c := Counts{Submitted: int64(len(j.in)), Failed: j.failing.Load(), Running: j.left.Load()}
	j.mu.Lock()
	for _, s := range j.skipped {
		c.Cancelled += int64(s.Len())
	}
	j.mu.Unlock()
	c.Succeeded = max(0, c.Submitted-c.Failed-c.Cancelled-c.Running)
	return c
}

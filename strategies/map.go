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
// It is safe to call Map from a task of the same executor if ctx is the task's own.
func Map[In, Out any](ctx context.Context, ex Executor, k Kernel[In, Out], in []In, o Options) ([]Out, error) {
	out := make([]Out, len(in))
	err := MapInto(ctx, ex, k, in, out, o)
	return out, err
}

// MapInto is Map into the caller's slice, which must be as long as in. Places of
// failed tasks are left as they were.
func MapInto[In, Out any](ctx context.Context, ex Executor, k Kernel[In, Out], in []In, out []Out, o Options) error {
	o, err := o.validate()
	switch {
	case err != nil:
		return err
	case k.Func == nil:
		return &OptionError{Option: "kernel", Value: k.Name, Reason: "has no function"}
	case len(in) != len(out):
		return &OptionError{Option: "out", Value: len(out), Reason: fmt.Sprintf("must be as long as in (%d)", len(in))}
	case uint64(len(in)) > MaxTasks:
		return &OptionError{Option: "in", Value: len(in), Reason: fmt.Sprintf("a map has at most %d tasks; use a stream", uint64(MaxTasks))}
	case len(in) == 0:
		return nil
	}
	j := &mapJob[In, Out]{kernel: k, in: in, out: out, options: o, workers: workersOf(ex), done: make(chan struct{})}
	j.left.Store(int64(len(in)))
	j.rest.Set(Span{0, len(in)})
	taskCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	j.cancelContext = cancel
	lease, err := ex.Start(taskCtx, j)
	if err != nil {
		return err
	}
	if ctx.Value(placeKey{}) != nil {
		unwatch := watch(ctx, j) // while it helps
		for lease.Help(taskCtx) {
		}
		unwatch()
	}
	select {
	case <-j.done:
	case <-taskCtx.Done():
		j.Cancel(context.Cause(taskCtx))
		lease.Stop()
		<-j.done
	}
	lease.Wait()
	return j.err()
}

// A JobError is why some tasks of a map have no output.
type JobError struct {
	Tasks   []*TaskError // tasks that failed, by number
	Skipped []Span       // tasks that never started because the job was cancelled, by number
	Cause   error        // why it was cancelled; nil if it was not
}

func (e *JobError) Error() string {
	switch {
	case e.Cause != nil && len(e.Tasks) == 0:
		return fmt.Sprintf("%d tasks not started: %v", e.skipped(), e.Cause)
	case e.Cause != nil:
		return fmt.Sprintf("%d tasks failed and %d not started; first: %v", len(e.Tasks), e.skipped(), e.Tasks[0])
	case len(e.Tasks) == 1:
		return e.Tasks[0].Error()
	}
	return fmt.Sprintf("%d tasks failed; first: %v", len(e.Tasks), e.Tasks[0])
}

func (e *JobError) skipped() (n int) {
	for _, s := range e.Skipped {
		n += s.Len()
	}
	return n
}

// Unwrap returns the tasks' errors and the cause.
func (e *JobError) Unwrap() []error {
	var errs []error
	for _, t := range e.Tasks {
		errs = append(errs, t)
	}
	if e.Cause != nil {
		errs = append(errs, e.Cause)
	}
	return errs
}

// Task returns the error of task i; nil if it has an output.
func (e *JobError) Task(i int) error {
	if at, ok := slices.BinarySearchFunc(e.Tasks, i, func(t *TaskError, i int) int { return cmp.Compare(t.Task, i) }); ok {
		return e.Tasks[at]
	}
	for _, s := range e.Skipped {
		if s.Lo <= i && i < s.Hi {
			return &TaskError{Task: i, Err: e.Cause}
		}
	}
	return nil
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

	rest Range        // not taken
	left atomic.Int64 // tasks without an outcome

	mu      sync.Mutex
	failed  []*TaskError
	skipped []Span
}

func (j *mapJob[In, Out]) Kernel() string    { return j.kernel.Name }
func (j *mapJob[In, Out]) Options() *Options { return &j.options }

func (j *mapJob[In, Out]) Take(limit int) (Span, State) {
	if s := j.rest.Claim(limit); s.Len() > 0 {
		return s, Ready
	}
	return Span{}, Over
}

func (j *mapJob[In, Out]) Drain(ctx context.Context, r *Range, w int) int {
	var c cursor
	defer j.leave(ctx, &c, w)
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
		j.Fail(c.i, caught(recover()))
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
				j.Fail(c.i, err)
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
		var wg sync.WaitGroup
		wg.Go(func() { j.Drain(ctx, left, w) })
		wg.Wait()
	}
	j.settle(c.n)
}

func (j *mapJob[In, Out]) settle(n int) {
	if n > 0 && j.left.Add(-int64(n)) == 0 {
		close(j.done)
	}
}

func (j *mapJob[In, Out]) AppendInput(dst []byte, i int) ([]byte, error) {
	return encode(j.kernel.Name, j.kernel.In, dst, j.in[i])
}

func (j *mapJob[In, Out]) SetOutput(i int, src []byte) error {
	v, err := decode(j.kernel.Name, j.kernel.Out, src)
	if err == nil {
		j.out[i] = v
	}
	return err
}

func (j *mapJob[In, Out]) Fail(i int, err error) {
	e := taskError(i, err)
	j.mu.Lock()
	j.failed = append(j.failed, e)
	j.mu.Unlock()
	if j.options.FailFast && j.cause.Load() == nil {
		j.Cancel(e)
	}
}

func (j *mapJob[In, Out]) Finish(s Span, w int) { j.settle(s.Len()) }

// Cancel implements [Job]. What nobody took is skipped here; who holds a span skips
// it in Drain.
func (j *mapJob[In, Out]) Cancel(cause error) {
	if !j.set(cause) {
		return
	}
	j.cancelContext(cause)
	j.settle(j.skip(j.rest.Clear()))
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

func (j *mapJob[In, Out]) err() error {
	if len(j.failed) == 0 && len(j.skipped) == 0 {
		return nil
	}
	slices.SortFunc(j.failed, func(a, b *TaskError) int { return cmp.Compare(a.Task, b.Task) })
	slices.SortFunc(j.skipped, func(a, b Span) int { return cmp.Compare(a.Lo, b.Lo) })
	e := &JobError{Tasks: j.failed, Skipped: j.skipped}
	if len(j.skipped) > 0 {
		e.Cause = j.Cancelled()
	}
	return e
}

package strategies

import (
	"context"
	"errors"
	"sync"
)

// ErrCancelled is the outcome of a future that was cancelled before its task started, and
// the cause of the task's context if it had.
var ErrCancelled = errors.New("the future was cancelled")

// Go submits one task and returns at once. The context is the task's: when it ends
// before the task starts, the task never does; when it ends later, the task sees it.
// How long a caller waits is up to the context of [Future.Wait]. An executor that
// refuses the task gives a future that has failed already.
//
// Submitting never blocks and is not bounded; a [Stream] has back-pressure.
func Go[In, Out any](ctx context.Context, ex Executor, k Kernel[In, Out], in In) *Future[Out] {
	j := &futureJob[In, Out]{apply: k.Func, in: in}
	j.ctx.Context = ctx
	j.self = j
	j.pending.Add(1)
	err := needed(ctx, ex, k)
	switch c, ok := ex.(*crew); {
	case err != nil:
	case ok && c.flat && placeOf(ctx, c) != nil:
		err = c.refuseNested(ctx)
	case ok:
		j.ctx.owner = c
		c.futures.submitted.Add(1)
		if c.lock != nil {
			j.apply, j.ctx.Context = underLock(c.lock, k.Func, ctx)
		}
		if c.keyed == nil {
			err = c.submit(j)
		} else if w, e := route(c, k, in); e != nil {
			err = e
		} else {
			err = c.post(j, w)
		}
		if err != nil {
			c.futures.submitted.Add(-1)
		}
	default:
		j.remote = &remote[In, Out]{Kernel: k, tally: tallyOf(ex)} // a copy here, so that k itself stays on the stack otherwise
		if j.remote.tally != nil {
			j.remote.tally.futures.submitted.Add(1)
		}
		if j.remote.lease, err = ex.Start(&j.ctx, j); err == nil && ctx.Done() != nil {
			stop := context.AfterFunc(ctx, func() {
				j.Cancel(context.Cause(ctx))
				j.letGo()
			})
			j.then(func() { stop() })
		}
		if err != nil && j.remote.tally != nil {
			j.remote.tally.futures.submitted.Add(-1)
		}
	}
	if err != nil {
		j.resolve(j.value, err)
	}
	return &j.Future
}

// A Future is the outcome of one task, some day. Its methods may be called by many.
type Future[Out any] struct {
	self interface { // the job that the future is part of
		Cancel(cause error)
		help(ctx context.Context)
		refuses(ctx context.Context) error
		letGo()
	}
	waiters waiters
	err     error
	value   Out
	pending sync.WaitGroup // the task's outcome: waiting for it allocates nothing, where a channel would
}

// Wait returns the task's output, or its [*TaskError], as soon as it has one, and the
// context's cause if that ends first; the task is not disturbed then. A task may wait for
// a future of its own executor if ctx is its own; where the strategy cannot run the one
// while the other waits, the error is [ErrNested], unless the future has resolved before.
func (f *Future[Out]) Wait(ctx context.Context) (Out, error) {
	if !f.waiters.told() {
		if ctx == nil {
			var none Out
			return none, errNoContext()
		}
		if err := f.stuck(ctx); err != nil {
			var none Out
			return none, err
		}
		f.self.help(ctx)
	}
	if !f.waiters.told() {
		if over := ctx.Done(); over == nil {
			f.pending.Wait()
		} else {
			select {
			case <-f.Done():
			case <-over:
				if !f.waiters.told() {
					var none Out
					return none, context.Cause(ctx)
				}
			}
		}
	}
	return f.value, f.err
}

// Done returns a channel that is closed when the future resolves.
func (f *Future[Out]) Done() <-chan struct{} { return f.waiters.closed() }

// Cancel makes the task fail with [ErrCancelled] if it has not started, and ends its
// context if it has.
func (f *Future[Out]) Cancel() {
	f.self.Cancel(ErrCancelled)
	f.self.letGo()
}

// then calls call when the future has resolved: at once if it has, else by whoever
// resolves it.
func (f *Future[Out]) then(call func()) { f.waiters.add(&waiter{call: call}) }

// resolve makes the outcome known. It is called once.
func (f *Future[Out]) resolve(v Out, err error) {
	f.value, f.err = v, err
	told := f.waiters.close()
	f.pending.Done()
	told.tellAll()
}

// futureJob is the job of a future: one task in slot 0. With an input and an output of a
// word each it is 128 bytes, two cache lines that it shares with no other.
type futureJob[In, Out any] struct {
	Future[Out]
	apply  func(context.Context, In) (Out, error)
	remote *remote[In, Out] // nil where a crew runs it
	ctx    taskContext
	in     In
}

// remote is what a future has more on an executor that is no crew.
type remote[In, Out any] struct {
	Kernel[In, Out]
	stopper
	lease Lease  // nil if the executor refused the task
	tally *Tally // nil if it counts nothing
}

func (j *futureJob[In, Out]) start(w int) {
	if j.ctx.claim(w) {
		j.run(&j.ctx, w)
	}
}

// run runs the task, which the caller has claimed.
func (j *futureJob[In, Out]) run(ctx context.Context, w int) {
	if j.ctx.Context.Err() != nil {
		j.ctx.finish(nil)
		j.skip(context.Cause(j.ctx.Context))
		return
	}
	returned := false
	var v Out
	var err error
	defer func() {
		if !returned {
			err = caught(recover())
		}
		j.ctx.finish(nil)
		j.settle(v, err, w)
	}()
	v, err = j.apply(ctx, j.in)
	returned = true
}

// counts returns where the future is counted; nil for nowhere.
func (j *futureJob[In, Out]) counts() *futureCounts {
	if c := j.ctx.owner; c != nil {
		return &c.futures
	}
	if j.remote != nil && j.remote.tally != nil {
		return &j.remote.tally.futures
	}
	return nil
}

// skip resolves the future of a task that never starts.
func (j *futureJob[In, Out]) skip(cause error) {
	if c := j.counts(); c != nil {
		c.cancelled.Add(1)
	}
	var none Out
	j.resolve(none, taskError(0, cause))
}

// settle resolves the future with what its task came to on worker w.
func (j *futureJob[In, Out]) settle(v Out, err error, w int) {
	if c := j.counts(); c != nil {
		c.end(w, err)
	}
	if err != nil {
		var none Out
		j.resolve(none, taskError(0, err))
		return
	}
	j.resolve(v, nil)
}

// refuses returns ErrNested if ctx is that of a task of the same executor, which cannot run
// this task in its stead.
func (j *futureJob[In, Out]) refuses(ctx context.Context) error {
	if c := j.ctx.owner; c != nil {
		return c.refuseNested(ctx)
	}
	_, err := nesting(ctx, j.lease())
	return err
}

// help runs the task in the stead of a task of the same executor that waits for it with
// ctx, and for anybody else attends to it.
func (j *futureJob[In, Out]) help(ctx context.Context) {
	c := j.ctx.owner
	if c == nil {
		l := j.lease()
		if helps, _ := nesting(ctx, l); helps {
			l.Help(ctx)
		} else {
			attend(l)
		}
		return
	}
	at := placeOf(ctx, c)
	if at == nil || j.ctx.claimed() {
		return
	}
	at.mu.Lock()
	defer at.mu.Unlock()
	var wg sync.WaitGroup
	wg.Go(func() { j.start(at.w) })
	wg.Wait()
}

// Cancel implements [Job].
func (j *futureJob[In, Out]) Cancel(cause error) {
	if j.remote != nil && !j.remote.set(cause) {
		return
	}
	if j.ctx.claim(outside) {
		j.skip(cause)
		return
	}
	j.ctx.finish(cause)
}

// Cancelled implements [Job]. A crew does not ask.
func (j *futureJob[In, Out]) Cancelled() error {
	if j.remote == nil {
		return nil
	}
	return j.remote.Cancelled()
}

// letGo makes the executor let go of the task if it was cancelled before it started.
func (j *futureJob[In, Out]) letGo() {
	if l := j.lease(); l != nil {
		l.Stop()
	}
}

// lease returns the executor's lease of the task; nil for a crew, and if it was refused.
func (j *futureJob[In, Out]) lease() Lease {
	if j.remote == nil {
		return nil
	}
	return j.remote.lease
}

func (j *futureJob[In, Out]) Kernel() string    { return j.remote.Name }
func (j *futureJob[In, Out]) Options() *Options { return &futureOptions }

// futureOptions are those of every future; nobody changes them.
var futureOptions = Options{Chunk: Fixed(1)}

func (j *futureJob[In, Out]) Take(int) (Span, State) {
	if j.ctx.claim(outside) {
		return Span{0, 1}, Ready
	}
	return Span{}, Over
}

func (j *futureJob[In, Out]) Drain(ctx context.Context, r *Range, w int) int {
	n := r.Claim(1).Len()
	if n == 1 {
		if cause := j.Cancelled(); cause != nil {
			j.skip(cause)
		} else {
			j.run(ctx, w)
		}
	}
	return n
}

func (j *futureJob[In, Out]) AppendInputs(dst *[]byte, s *Span, limit int) ([]byte, error) {
	in := [1]In{j.in}
	return encodeAll(j.remote.Name, j.remote.In, dst, s, limit, in[:])
}

func (j *futureJob[In, Out]) SetOutputs(src *[]byte, s *Span, give func() bool) error {
	out := [1]Out{j.value}
	err := decodeAll(j.remote.Name, j.remote.Out, src, s, give, out[:])
	j.value = out[0]
	return err
}

func (j *futureJob[In, Out]) Fail(i int, err error) { j.err = err }

func (j *futureJob[In, Out]) Finish(s Span, w int) { j.settle(j.value, j.err, w) }

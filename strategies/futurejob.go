package strategies

import (
	"context"
	"sync"

	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// futureJob is the job of a future: one task in slot 0. With an input and an output of a
// word each it is 128 bytes, two cache lines that it shares with no other.
type futureJob[In, Out any] struct {
	Future[Out]
	apply  func(context.Context, In) (Out, error)
	leased *leased[In, Out] // nil for an executor that queues singles
	ctx    taskContext
	in     In
}

// leased is the part of a future that only executors without a queue for singles need.
type leased[In, Out any] struct {
	Kernel[In, Out]
	stopper
	terms    work.Terms
	lease    work.Lease // nil if the executor refused the task, or queues it all the same
	watching *watching
	failure  *TaskError // recorded by Fail
}

// start starts the task with the parts of a job that singles in a queue do without.
func (j *futureJob[In, Out]) start(ctx context.Context, ex Executor, k Kernel[In, Out], o Options) (err error) {
	l, plain := &leased[In, Out]{Kernel: k}, o.plain()
	if l.terms, err = terms(ctx, ex, &k, &o, aFuture); err != nil {
		return err
	}
	j.leased = l
	if plain {
		l.lease, err = ex.Submit(&j.ctx, j)
	} else {
		l.watching = watch(&o, ex.Core(), 1, nil)
		l.lease, err = ex.Start(&j.ctx, j)
	}
	switch {
	case err != nil:
		l.watching.end()
	case l.lease != nil && ctx.Done() != nil:
		stop := context.AfterFunc(ctx, func() {
			j.Cancel(context.Cause(ctx))
			j.letGo()
		})
		j.then(func() { stop() })
	}
	return err
}

// Run implements [work.Single].
func (j *futureJob[In, Out]) Run(w int) {
	if j.ctx.claim(w) {
		j.ctx.placed = true
		j.run(&j.ctx, w)
	}
}

// run runs the task, which the caller has claimed.
func (j *futureJob[In, Out]) run(ctx context.Context, w int) {
	if j.late() {
		return
	}
	returned := false
	var v Out
	var err error
	defer func() {
		if !returned {
			err = work.Caught(recover())
		}
		j.settle(v, err, w)
	}()
	v, err = j.apply(ctx, j.in)
	returned = true
}

// runLimited is run within the limit.
func (j *futureJob[In, Out]) runLimited(ctx context.Context, w int) (stray <-chan struct{}) {
	if j.late() {
		return nil
	}
	stray, v, err := within(ctx, j.leased.terms.Limit, j.ctx.core, j.apply, j.in)
	j.settle(v, err, w)
	return stray
}

// late skips a task whose context has ended before it starts, and reports whether it did.
func (j *futureJob[In, Out]) late() bool {
	if j.ctx.Context.Err() == nil {
		return false
	}
	j.ctx.finish(nil)
	j.skip(context.Cause(j.ctx.Context))
	return true
}

// skip resolves the future of a task that never starts.
func (j *futureJob[In, Out]) skip(cause error) {
	j.ctx.core.SingleCancelled()
	j.end(j.value, unstarted(0, cause), work.Outside)
}

// settle resolves the future with the outcome of its task on worker w of this process.
func (j *futureJob[In, Out]) settle(v Out, err error, w int) {
	j.ctx.finish(nil)
	j.ctx.core.SingleEnded(w, err)
	switch {
	case err == nil:
		j.end(v, nil, w)
	case j.leased == nil:
		j.end(v, &TaskError{Attempt: 1, Err: err}, w)
	default:
		j.end(v, j.leased.taskError(0, work.By{Worker: w}, err), w)
	}
}

// end resolves the future, after its hooks have run.
func (j *futureJob[In, Out]) end(v Out, err *TaskError, w int) {
	if l := j.leased; l != nil && l.watching != nil && l.watching.hooks != nil {
		j.endHooked(v, err, work.By{Worker: w})
		return
	}
	if err != nil {
		var none Out
		j.resolve(none, err)
		return
	}
	j.resolve(v, nil)
}

// endHooked is end for a future with hooks. The error of a hook that panicked is that of the
// future if its task has none.
func (j *futureJob[In, Out]) endHooked(v Out, err *TaskError, by work.By) {
	t := j.leased.watching
	t.hooks.tell(t.event(0, by, v, err))
	go func() {
		hook := t.end()
		switch {
		case err != nil:
			var none Out
			j.resolve(none, err)
		case hook != nil:
			j.resolve(v, hook)
		default:
			j.resolve(v, nil)
		}
	}()
}

// refuses returns ErrNested if ctx is that of a task of the same executor, which cannot run
// this task inline.
func (j *futureJob[In, Out]) refuses(ctx context.Context) error {
	if j.ctx.core == nil {
		return nil
	}
	return j.ctx.core.Unnested(ctx)
}

// help runs the task inline for a task of the same executor that waits for it with ctx, and
// lends the goroutine of any other caller to the executor.
func (j *futureJob[In, Out]) help(ctx context.Context) {
	if l := j.lease(); l != nil {
		l.Help(ctx)
		return
	}
	if j.ctx.core == nil || j.ctx.claimed() {
		return
	}
	at := work.PlaceOf(ctx, j.ctx.core)
	if at == nil {
		return
	}
	at.Helping.Lock()
	defer at.Helping.Unlock()
	var wg sync.WaitGroup
	wg.Go(func() { j.Run(at.Worker) })
	wg.Wait()
}

// Cancel implements [work.Job].
func (j *futureJob[In, Out]) Cancel(cause error) {
	if j.leased != nil && !j.leased.set(cause) {
		return
	}
	if j.ctx.claim(work.Outside) {
		j.skip(cause)
		return
	}
	j.ctx.finish(cause)
}

// Cancelled implements [work.Job].
func (j *futureJob[In, Out]) Cancelled() error {
	if j.leased == nil {
		return nil
	}
	return j.leased.Cancelled()
}

// letGo makes the executor give up the task if it was cancelled before it started.
func (j *futureJob[In, Out]) letGo() {
	if l := j.lease(); l != nil {
		l.Stop()
	}
}

// lease returns the executor's lease of the task; nil if it is queued, and if it was refused.
func (j *futureJob[In, Out]) lease() work.Lease {
	if j.leased == nil {
		return nil
	}
	return j.leased.lease
}

// queuedTerms are those of a future without options. They do not change.
var queuedTerms = work.Terms{Chunk: chunk.Fixed(1)}

func (j *futureJob[In, Out]) Terms() *work.Terms {
	if j.leased == nil {
		return &queuedTerms
	}
	return &j.leased.terms
}

func (j *futureJob[In, Out]) Key(int) uint64 { return j.leased.Key(j.in) }

func (j *futureJob[In, Out]) Begin(ctx context.Context, _ int, ev Events, settle func(func())) {
	if j.ctx.Context.Err() != nil {
		settle(func() { j.late() })
		return
	}
	j.leased.Begin(ctx, j.in, ev, func(v Out, err error) {
		settle(func() { j.settle(v, err, 0) })
	})
}

func (j *futureJob[In, Out]) Take(int) (work.Span, work.State) {
	if j.ctx.claim(work.Outside) {
		return work.Span{Lo: 0, Hi: 1}, work.Ready
	}
	return work.Span{}, work.Over
}

func (j *futureJob[In, Out]) Drain(ctx context.Context, r *work.Range, w int) (stray <-chan struct{}) {
	if r.Claim(1).Len() == 0 {
		return nil
	}
	if cause := j.Cancelled(); cause != nil {
		j.skip(cause)
	} else if j.Terms().Limit > 0 {
		return j.runLimited(ctx, w)
	} else {
		j.run(ctx, w)
	}
	return nil
}

func (j *futureJob[In, Out]) AppendInputs(dst *[]byte, s *work.Span, limit int) ([]byte, error) {
	in := [1]In{j.in}
	return encodeAll(j.leased.Name, j.leased.In, dst, s, limit, in[:])
}

func (j *futureJob[In, Out]) SetOutputs(src *[]byte, s *work.Span, give func() bool) error {
	out := [1]Out{j.value}
	err := decodeAll(j.leased.Name, j.leased.Out, src, s, give, out[:])
	j.value = out[0]
	return err
}

func (j *futureJob[In, Out]) Fail(i int, by work.By, err error) {
	j.leased.failure = j.leased.taskError(0, by, err)
}

func (j *futureJob[In, Out]) Finish(s work.Span, by work.By) {
	j.ctx.finish(nil)
	err := j.leased.failure
	if err != nil {
		j.ctx.core.SingleEnded(by.Worker, err)
	} else {
		j.ctx.core.SingleEnded(by.Worker, nil)
	}
	if t := j.leased.watching; t != nil && t.hooks != nil {
		j.endHooked(j.value, err, by)
		return
	}
	j.end(j.value, err, by.Worker)
}

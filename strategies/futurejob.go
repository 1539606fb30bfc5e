package strategies

import (
	"context"
	"errors"
	"fmt"
	"runtime/pprof"
	"sync"

	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A futureJob is the job of a future; its one task has slot 0. If the input and the output take one
// machine word each, a futureJob takes 128 bytes, exactly two cache lines.
type futureJob[In, Out any] struct {
	Future[Out]
	apply  func(context.Context, In) (Out, error)
	leased *leased[In, Out] // nil if the task has no options and waits in the queue of the executor
	ctx    taskContext
	in     In
}

// leased holds the fields of a futureJob that are needed only for a task with options, or on an
// executor that does not queue single tasks.
type leased[In, Out any] struct {
	Kernel[In, Out]
	stopper
	terms    work.Terms
	lease    work.Lease // nil if the executor refused the task, or queued it without a lease
	watching *watching
	failure  *TaskError // recorded by Fail
}

// start validates the options, stores them in j.leased and passes the task to the executor.
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
	case ctx.Done() != nil:
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
		pprof.SetGoroutineLabels(j.ctx.Context)
		j.ctx.placed = true
		j.run(&j.ctx, w)
	}
}

// run runs the task and resolves the future. The caller has claimed the task.
func (j *futureJob[In, Out]) run(ctx context.Context, w int) {
	if j.late() {
		return
	}
	j.ctx.runs(w)
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

// runLimited runs the task, which has a time limit, and resolves the future. If the task is still
// running at the limit, the future fails; stray is then a channel that is closed when the task
// returns.
func (j *futureJob[In, Out]) runLimited(ctx context.Context, w int) (stray <-chan struct{}) {
	if j.late() {
		return nil
	}
	j.ctx.runs(w)
	stray, v, err := within(ctx, j.leased.terms.Limit, j.ctx.core, w, j.apply, j.in)
	j.settle(v, err, w)
	return stray
}

// late reports whether the context of the task ended before the task started. In that case late
// also resolves the future with the cause, so the task never starts.
func (j *futureJob[In, Out]) late() bool {
	if j.ctx.Context.Err() == nil {
		return false
	}
	j.skip(context.Cause(j.ctx.Context))
	return true
}

// skip resolves the future with the error of a task that never starts, for the given cause.
func (j *futureJob[In, Out]) skip(cause error) {
	j.ctx.finish(nil)
	j.ctx.core.SingleCancelled()
	j.end(j.value, unstarted(0, cause), work.By{Worker: work.Outside})
}

// settle resolves the future after worker w of this process has run the task. v is the output of
// the task, and err its error.
func (j *futureJob[In, Out]) settle(v Out, err error, w int) {
	err = because(&j.ctx, err)
	j.ctx.finish(nil)
	if j.leased != nil {
		j.ctx.runs(work.Outside) // hooks may run before the future resolves
	}
	j.ctx.core.SingleEnded(w, err != nil)
	by := work.By{Worker: w}
	switch {
	case err == nil:
		j.end(v, nil, by)
	case j.leased == nil:
		j.end(v, &TaskError{Attempt: 1, Err: err}, by)
	default:
		j.end(v, j.leased.taskError(0, by, err), by)
	}
}

// end runs the hooks of the future, and then resolves it with the output v or, if err is not nil,
// with the error err. by identifies the worker. end drops the references to the input and the
// function.
func (j *futureJob[In, Out]) end(v Out, err *TaskError, by work.By) {
	var none In
	j.in, j.apply = none, nil
	if l := j.leased; l != nil && l.watching != nil && l.watching.hooks != nil {
		j.endHooked(v, err, by)
		return
	}
	if err != nil {
		var none Out
		j.value, j.err = none, err
	} else {
		j.value = v
	}
	j.resolve()
}

// endHooked does the work of the method end for a future with hooks: it runs the hooks and then
// resolves the future. If a hook panicked, the error of the future wraps the HookError and, if the
// task failed, also the error of the task.
func (j *futureJob[In, Out]) endHooked(v Out, err *TaskError, by work.By) {
	t := j.leased.watching
	t.hooks.tell(t.event(0, by, v, err))
	go func() {
		hook := t.end()
		switch {
		case err != nil:
			var none Out
			j.value, j.err = none, err
			if hook != nil {
				j.err = errors.Join(err, hook)
			}
		case hook != nil:
			j.value, j.err = v, hook
		default:
			j.value = v
		}
		j.resolve()
	}()
}

// refuses returns ErrNested if ctx belongs to the task of the future itself. It also returns
// ErrNested if ctx belongs to another task of the same executor and the strategy cannot run a task
// within a task. Otherwise it returns nil.
func (j *futureJob[In, Out]) refuses(ctx context.Context) error {
	core := j.ctx.core
	if core == nil {
		return nil
	}
	if j.ctx.claimed() && ctx.Value(&j.ctx) != nil {
		return fmt.Errorf("strategy %s: the task waits for its own future: %w", core.Name, ErrNested)
	}
	return core.Unnested(ctx)
}

// await records that the caller waits for the future, until the caller calls end. If the caller
// runs no task, or this process has no other unfinished work, await records nothing and end is nil.
// If the wait would deadlock, await returns ErrNested.
func (j *futureJob[In, Out]) await() (end func(), err error) {
	others := int64(1) // the future itself
	if j.ctx.claimed() {
		others = 0 // the caller may be its task
	}
	if core := j.ctx.core; core == nil || !core.Waits(others) {
		return nil, nil
	}
	return j.ctx.core.Await(false, j.stuckIf)
}

// stuckIf reports whether the future cannot resolve, because its task is blocked by tasks that wait
// for each other. The function held reports whether a given task is blocked, see [work.Held].
func (j *futureJob[In, Out]) stuckIf(held work.Held) bool {
	return !j.waiters.resolved() && held(j.ctx.core, j.ctx.worker())
}

func (j *futureJob[In, Out]) executor() *work.Core { return j.ctx.core }

// help is called by a goroutine that is about to wait for the future; ctx is its context. If this
// goroutine can run the task of the future itself, it does so here, in one of two ways:
//
//   - If the executor has a lease for the task, help calls [work.Lease.Help].
//   - If the executor has queued the task, and ctx belongs to another task of this executor, help
//     runs the task of the future under the worker number of that other task.
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
	wg.Go(func() { j.ctx.core.Task(at.Worker, func() { j.Run(at.Worker) }) })
	wg.Wait()
}

// Waiting implements [work.Single].
func (j *futureJob[In, Out]) Waiting() bool { return !j.ctx.claimed() }

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

// letGo makes the executor drop its reference to this job, which was cancelled before its task
// started.
func (j *futureJob[In, Out]) letGo() {
	if l := j.lease(); l != nil {
		l.Stop()
	} else if core := j.ctx.core; core != nil && core.Dropped != nil {
		core.Dropped()
	}
}

// lease returns the [work.Lease] of the task, which is the use of the executor for it. It returns
// nil if the executor refused the task or queued it, since a queued task needs no lease.
func (j *futureJob[In, Out]) lease() work.Lease {
	if j.leased == nil {
		return nil
	}
	return j.leased.lease
}

// queuedTerms are the terms of every future without options. They are never written to.
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
	j.ctx.core.SingleEnded(by.Worker, err != nil)
	j.end(j.value, err, by)
}

package strategies

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// errLeft is the error of tasks that never start because the consumer of their stream stopped.
var errLeft = errors.New("the consumer stopped")

// dozeTime is how long a result may wait until the consumer takes it. The wait lets several results
// collect, so that the consumer is woken less often.
const dozeTime = 50 * time.Microsecond

// Stream applies k to the elements of in on ex and delivers the outcomes in the order o.Order: the
// output of each task, or its [*TaskError]. The input may be lazy and endless. One goroutine pulls
// the input, at most o.Window tasks ahead of the consumer, so a slow consumer slows the producer.
//
// When the consumer stops, no further task starts, and running tasks see that their context has
// ended. The consumer's loop ends only after these tasks and the current step of the input have
// returned, so no goroutine is left behind. An input that may wait for a long time should watch ctx
// itself.
//
// A stream can end early, with an error as its last element:
//
//   - Options are invalid, or the executor refuses the job: the error is the only element.
//   - ctx has ended before the first step: Stream pulls nothing and delivers only the cause of ctx.
//   - ctx ends later, or ex is stopped: Stream still delivers every task that was pulled, and then
//     the cause. A task that never started has an error that wraps this cause. [Kernel.Map]
//     describes from which moment on no further task starts.
//   - The input panics, or is [Fallible] and fails: Stream delivers the earlier tasks, and then an
//     [*InputError].
//
// If a hook panicked, Stream delivers a [*HookError] after the last task, before the error that
// ends the stream. A program can range over the stream again if the sequence in allows this.
//
// In completion order, use [Kernel.Results] to learn the task number of each outcome.
func (k Kernel[In, Out]) Stream(ctx context.Context, ex Executor, in iter.Seq[In], o Options) iter.Seq2[Out, error] {
	return func(yield func(Out, error) bool) {
		if err := k.stream(ctx, ex, in, o, new(consumer[In, Out]), yield); err != nil {
			var none Out
			yield(none, err)
		}
	}
}

// A Result is the outcome of one task of a stream.
type Result[Out any] struct {
	Task  int // number of the task, from 0; -1 for an error of the stream itself
	Value Out
	Err   error // a [*TaskError], or the error of the stream itself
}

// Results is like [Kernel.Stream], but delivers each outcome with its task number.
func (k Kernel[In, Out]) Results(ctx context.Context, ex Executor, in iter.Seq[In], o Options) iter.Seq[Result[Out]] {
	return func(yield func(Result[Out]) bool) {
		c := &consumer[In, Out]{numbered: true}
		if err := k.stream(ctx, ex, in, o, c, func(v Out, err error) bool { return yield(Result[Out]{c.task, v, err}) }); err != nil {
			yield(Result[Out]{Task: -1, Err: err})
		}
	}
}

// stream applies k to the elements of in, and passes the outcomes to the function yield through the
// consumer c. It returns an error if the options are invalid or the executor refuses the job.
func (k *Kernel[In, Out]) stream(ctx context.Context, ex Executor, in iter.Seq[In], o Options, c *consumer[In, Out], yield func(Out, error) bool) error {
	terms, err := terms(ctx, ex, k, &o, aStream)
	if err == nil && in == nil {
		err = &OptionError{Option: "in", Value: in, Reason: "must not be nil"}
	}
	if err != nil {
		return err
	}
	core := ex.Core()
	j := newStreamJob(k, terms, o, core)
	end, err := awaitJob(ctx, core, j.running, func() bool { return false })
	if err != nil {
		return err
	}
	defer end()
	taskCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	j.ctx, j.cancelContext = taskCtx, cancel
	j.terms.Chunk = guarded(o.Chunk, core, j.Cancel)
	cause := context.Cause(ctx) // calls ctx before there is anything to clean up, since ctx may panic
	j.watching = watch(&o, core, -1, &j.feeder)
	if cause != nil {
		j.Cancel(cause) // cancel before a worker can take a task
		in = func(func(In) bool) {}
	}
	core.Enter(j)
	j.lease, err = ex.Start(taskCtx, j)
	if err != nil {
		core.Forget(j)
		j.watching.end()
		return err
	}
	j.nested = core.Nests && work.PlaceOf(ctx, core) != nil
	defer cancelWith(ctx, j)()
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		core.Input(func() { j.feed(in) })
	}()
	c.job, c.ctx, c.timer = j, ctx, time.NewTimer(time.Hour)
	defer func() {
		c.timer.Stop()
		if !c.ended {
			j.Cancel(errLeft)
		}
		<-fed
		j.lease.Stop()
		j.lease.Wait()
		j.watching.end()
		c.forgo()
		core.Leave(j)
	}()
	core.Consumer(func() { c.deliver(yield) })
	return nil
}

// A consumer delivers the outcomes of a stream to the range loop of the user.
type consumer[In, Out any] struct {
	job   *streamJob[In, Out]
	ctx   context.Context
	timer *time.Timer
	slow  bool // outcomes are rare, so each outcome wakes the consumer at once

	numbered bool // whether deliver sets task
	task     int  // number of the task delivered; -1 for an error of the stream itself

	delivered uint64 // number of tasks delivered
	published uint64 // number of delivered tasks that the feeder has learned of
	reported  bool   // one of the delivered errors was the cause of the cancellation
	ended     bool   // all tasks have been delivered

	failed, skipped uint64 // number of delivered tasks that have no output, and that never started
}

// deliver passes outcomes to the function yield until the stream ends or the user's range loop
// stops.
func (c *consumer[In, Out]) deliver(yield func(Out, error) bool) {
	j := c.job
	step := max(1, j.window/16)
	for {
		slot, ok := c.next()
		if !ok {
			c.publish()
			if j.ended.Load() && c.delivered == j.pulled.Load() {
				break
			}
			c.wait()
			continue
		}
		v, err := j.out[slot], j.errs[slot]
		if j.clears {
			j.clear(slot)
		}
		if err != nil {
			var none Out
			v, j.errs[slot] = none, nil
			c.count(err)
			c.reported = c.reported || err == j.Cancelled() // with FailFast, err is the failure that cancelled the job
		}
		if c.numbered {
			c.task = j.task(slot)
		}
		if j.freed != nil {
			j.freed[c.delivered&j.mask] = uint32(slot)
		}
		c.delivered++
		if c.delivered-c.published >= step {
			c.publish()
		}
		if !yield(v, err) {
			return
		}
	}
	c.ended, c.task = true, -1
	if c.ctx.Err() != nil {
		j.Cancel(context.Cause(c.ctx)) // the end of ctx may have ended the input before it cancelled the job
	}
	var none Out
	if _, guarded := j.terms.Chunk.(*guardedPolicy); guarded || j.watching != nil {
		if j.Cancelled() != nil {
			j.lease.Stop() // the executor may have stopped before the input ended
		}
		j.lease.Wait() // a worker may still be in the policy, which may fail, and a hook may wait until the executor has stopped
	}
	if j.watching != nil {
		if hook := j.watching.end(); hook != nil && !yield(none, hook) {
			return
		}
	}
	if j.inErr != nil {
		yield(none, j.inErr)
	} else if cause := j.Cancelled(); cause != nil && !c.reported {
		yield(none, cause)
	}
}

// clear drops the references to the input and the output in the given slot, after the consumer has
// delivered the output.
func (j *streamJob[In, Out]) clear(slot int) {
	var in In
	var out Out
	j.in[slot], j.out[slot] = in, out
}

// count counts a delivered task that has no output. err is the error of the task. Attempt 0 in err
// means that the task never started; count then also adds 1 to c.skipped.
func (c *consumer[In, Out]) count(err error) {
	c.failed++
	if err.(*TaskError).Attempt == 0 {
		c.skipped++
	}
}

// forgo counts the remaining outcomes as delivered, since the user's range loop stopped before it
// received them. It is called after the executor has released the job.
func (c *consumer[In, Out]) forgo() {
	for slot, ok := c.next(); ok; slot, ok = c.next() {
		if err := c.job.errs[slot]; err != nil {
			c.count(err)
		}
		c.delivered++
	}
	c.publish()
}

// next returns the slot whose outcome the consumer should deliver next. ok is false if no such
// outcome is published yet.
func (c *consumer[In, Out]) next() (slot int, ok bool) {
	j := c.job
	if j.done == nil {
		return j.lists.pop()
	}
	return int(c.delivered & j.mask), j.done.is(c.delivered, j.mask)
}

// publish stores how many tasks are delivered, for the feeder (the goroutine that pulls inputs) and
// for the counts of the job. It wakes the feeder if the feeder sleeps and can now pull further
// inputs.
func (c *consumer[In, Out]) publish() {
	if c.failed > 0 {
		c.job.failing.Store(c.failed)
		c.job.skipped.Store(c.skipped)
	}
	c.job.delivered.Store(c.delivered)
	c.published = c.delivered
	if c.job.feedable() {
		c.job.feeder.wake()
	}
}

// wait sleeps until an outcome is ready or the stream has ended. It can return too early; the
// caller then calls it again.
func (c *consumer[In, Out]) wait() {
	j := c.job
	cause := j.Cancelled()
	if cause != nil {
		j.lease.Stop()
	}
	if j.nested && j.lease.Help(c.ctx) {
		return
	}
	j.waitsFor.Store(c.delivered)
	ready := func() bool {
		return j.deliverable() ||
			j.ended.Load() && c.delivered == j.pulled.Load() ||
			cause == nil && j.Cancelled() != nil ||
			j.nested && j.taken.Load() < j.fed.Load()
	}
	if c.slow {
		begun := time.Now()
		j.consumer.sleep(asleep, nil, ready)
		c.slow = time.Since(begun) > dozeTime
		return
	}
	j.dozedAt.Store(int64(time.Since(j.began)))
	c.timer.Reset(dozeTime) // the timer is for the case that every worker runs a long task; it may fire a millisecond late
	c.slow = j.consumer.sleep(dozing, c.timer, ready) && !ready()
}

package strategies

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// errLeft is the cause of the tasks that do not start since the consumer of their stream stopped.
var errLeft = errors.New("the consumer stopped")

// dozeTime is the time that a done result may wait for its consumer where that saves wake-ups.
const dozeTime = 50 * time.Microsecond

// Stream applies k to the elements of in on ex and delivers the outcomes in the order of
// o.Order: each task's output, or its [*TaskError]. The input may be lazy and endless: one
// goroutine pulls it, never further ahead of the consumer than o.Window tasks, so a slow
// consumer slows the producer.
//
// When the consumer stops, tasks that have not started never do, tasks that run see their
// context end, and the loop statement ends after both those and the input's current step have
// returned: nothing is left behind. An input that waits for long should itself watch ctx.
//
// When ctx ends or ex is stopped, every task that was pulled is still delivered, with the
// cause as the error of those that never started; the cause itself is the last element. If the
// input panics or is [Fallible] and fails, the tasks before are delivered and the last element
// is an [*InputError]. Hooks that panicked are an element before that one. Options that make
// no sense, and refusals of the executor, are the only element. The stream can be ranged over
// again if in can.
//
// In completion order [Kernel.Results] says which task each outcome belongs to.
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

// Results is [Kernel.Stream] that delivers each outcome with the number of its task.
func (k Kernel[In, Out]) Results(ctx context.Context, ex Executor, in iter.Seq[In], o Options) iter.Seq[Result[Out]] {
	return func(yield func(Result[Out]) bool) {
		c := &consumer[In, Out]{numbered: true}
		if err := k.stream(ctx, ex, in, o, c, func(v Out, err error) bool { return yield(Result[Out]{c.task, v, err}) }); err != nil {
			yield(Result[Out]{Task: -1, Err: err})
		}
	}
}

// stream delivers a stream to yield, or returns the refusal of the executor or of the options.
func (k *Kernel[In, Out]) stream(ctx context.Context, ex Executor, in iter.Seq[In], o Options, c *consumer[In, Out], yield func(Out, error) bool) error {
	terms, err := terms(ctx, ex, k, &o, aStream)
	if err == nil && in == nil {
		err = &OptionError{Option: "in", Value: in, Reason: "must not be nil"}
	}
	if err != nil {
		return err
	}
	core := ex.Core()
	j := newStreamJob(k, terms, o, core.Workers)
	taskCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	j.cancelContext = cancel
	j.watching = watch(&o, core, -1, &j.feeder)
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
	go func() { defer close(fed); j.feed(in) }()
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
	c.deliver(yield)
	return nil
}

// A consumer is the delivering end of a stream.
type consumer[In, Out any] struct {
	job   *streamJob[In, Out]
	ctx   context.Context
	timer *time.Timer
	slow  bool // outcomes are rare: be woken for each

	numbered bool // set task
	task     int  // number of the task delivered; -1 for none

	delivered uint64
	published uint64 // of delivered, known to the feeder
	told      bool   // the cause of a cancelled job was among them
	ended     bool   // everything has been delivered

	failed, skipped uint64 // of delivered
}

// deliver yields outcomes until the stream ends or the consumer stops.
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
		if err != nil {
			var none Out
			v, j.errs[slot] = none, nil
			c.count(err)
			c.told = c.told || err == j.Cancelled() // FailFast
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
	var none Out
	if hook := c.hooks(); hook != nil && !yield(none, hook) {
		return
	}
	if j.inErr != nil {
		yield(none, j.inErr)
	} else if cause := j.Cancelled(); cause != nil && !c.told {
		yield(none, cause)
	}
}

// hooks waits for the hooks of a stream that has been delivered. The executor lets go of it
// before, since a hook may wait for the executor to end.
func (c *consumer[In, Out]) hooks() *HookError {
	if c.job.watching == nil {
		return nil
	}
	c.job.lease.Wait()
	return c.job.watching.end()
}

// count counts a delivery without an output.
func (c *consumer[In, Out]) count(err error) {
	c.failed++
	if err.(*TaskError).Attempt == 0 {
		c.skipped++
	}
}

// forgo counts the outcomes that a consumer which stopped did not take. All is over.
func (c *consumer[In, Out]) forgo() {
	for slot, ok := c.next(); ok; slot, ok = c.next() {
		if err := c.job.errs[slot]; err != nil {
			c.count(err)
		}
		c.delivered++
	}
	c.publish()
}

// next returns the slot to deliver next, if its outcome is there.
func (c *consumer[In, Out]) next() (slot int, ok bool) {
	j := c.job
	if j.done == nil {
		return j.lists.pop()
	}
	return int(c.delivered & j.mask), j.done.is(c.delivered, j.mask)
}

// publish tells the feeder the number of deliveries.
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

// wait returns when there may be something to deliver, or to end.
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
	j.lists.settle()
	ready := func() bool {
		return j.deliverable() ||
			j.ended.Load() && c.delivered == j.pulled.Load() ||
			cause == nil && j.Cancelled() != nil ||
			j.nested && j.untaken()
	}
	if c.slow {
		begun := time.Now()
		j.consumer.sleep(asleep, nil, ready)
		c.slow = time.Since(begun) > dozeTime
		return
	}
	j.dozedAt.Store(int64(time.Since(j.began)))
	c.timer.Reset(dozeTime) // for when every worker has begun a long task; it may be a millisecond late
	c.slow = j.consumer.sleep(dozing, c.timer, ready) && !ready()
}

package strategies

import (
	"context"
	"math/bits"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A streamJob is the job of a stream. Its tasks use a ring of slots: a slot holds one task at a
// time, and is used again by a later task.
//
// Each use of a slot has a position, a number that grows without bound; position p uses slot
// p&mask. A feeder goroutine pulls inputs into slots and publishes them by increasing fed. Workers
// take spans of slots and increase taken. They publish outcomes; the consumer delivers the
// outcomes, which frees the slots. Inputs, outputs and shared flags are in separate arrays.
//
// In input order the ring has as many slots as the window, and positions are task numbers. In
// completion order a slow task must not block the window. The ring therefore has twice as many
// slots, the feeder skips slots that are still in use, and each worker publishes outcomes in its
// own list.
type streamJob[In, Out any] struct {
	slots[In, Out]
	window uint64
	clears bool // whether inputs or outputs contain pointers, and are cleared after delivery
	lease  work.Lease
	nested bool // the consumer is a task of the same executor, and runs tasks while it waits

	mask   uint64
	errs   []error
	number []int // in completion order: task number by slot

	_     [64]byte
	fed   atomic.Uint64 // number of positions that the feeder has filled or skipped
	ended atomic.Bool   // set when fed and pulled are final

	_      [64]byte
	hungry atomic.Bool // a worker found no task and waits to be woken by Wake
	takeMu sync.Mutex
	taken  atomic.Uint64 // number of positions taken; written under takeMu

	done  doneFlags // in input order
	lists doneLists // in completion order

	_         [64]byte
	delivered atomic.Uint64 // number of tasks delivered; written by the consumer
	failing   atomic.Uint64 // number of delivered tasks without an output
	skipped   atomic.Uint64 // number of delivered tasks that never started
	waitsFor  atomic.Uint64 // in input order: the position that a sleeping consumer waits for
	consumer  sleeper
	began     time.Time
	dozedAt   atomic.Int64 // when the consumer began to doze, in ns since began

	_        [64]byte
	feeder   sleeper
	feedFrom atomic.Uint64 // number of deliveries that a sleeping feeder waits for
	pulled   atomic.Uint64 // number of tasks pulled; set before ended
	over     atomic.Uint64 // number of positions that the feeder skipped
	inErr    *InputError   // set before ended

	freed  []uint32 // in completion order: delivered slots, as a ring
	used   []bool   // by slot: whether the slot is in use; for the feeder only
	passed []bool   // by slot: whether the feeder skipped its newest position
}

func newStreamJob[In, Out any](k *Kernel[In, Out], terms work.Terms, o Options, core *work.Core) *streamJob[In, Out] {
	size := 1 << bits.Len(uint(o.Window-1))
	if o.Order == CompletionOrder {
		size *= 2
	}
	j := &streamJob[In, Out]{
		slots:  slots[In, Out]{kernel: *k, terms: terms, failFast: o.FailFast, core: core, running: newAttendance(core), in: make([]In, size), out: make([]Out, size)},
		clears: refers(reflect.TypeFor[In]()) || refers(reflect.TypeFor[Out]()),
		window: uint64(o.Window), mask: uint64(size - 1), began: time.Now(), errs: make([]error, size),
	}
	if o.Order == CompletionOrder {
		j.number = make([]int, size)
		j.freed, j.used, j.passed = make([]uint32, size), make([]bool, size), make([]bool, size)
		j.lists = newDoneLists(size, core.Workers)
	} else {
		j.done = make(doneFlags, size)
	}
	j.consumer.token = make(chan struct{}, 1)
	j.feeder.token = make(chan struct{}, 1)
	return j
}

func (j *streamJob[In, Out]) Begin(ctx context.Context, i int, ev Events, settle func(func())) {
	j.begin(ctx, j, i, ev, settle)
}

// Take implements [work.Job]. A span that it returns never wraps around the end of the ring.
func (j *streamJob[In, Out]) Take(limit int) (work.Span, work.State) {
	j.takeMu.Lock()
	defer j.takeMu.Unlock()
	for hungry := false; ; hungry = true {
		ended := j.ended.Load() // read before fed, so that fed is final if ended is set
		fed := j.fed.Load()
		lo := j.taken.Load()
		for j.passed != nil && lo < fed && j.passed[lo&j.mask] {
			lo++
		}
		j.taken.Store(lo)
		if lo < fed {
			hi := min(fed, lo+uint64(limit), (lo|j.mask)+1)
			if j.passed != nil {
				for hi = lo + 1; hi < fed && hi < lo+uint64(limit) && hi&j.mask != 0 && !j.passed[hi&j.mask]; hi++ {
				}
			}
			j.taken.Store(hi)
			return work.Span{Lo: int(lo & j.mask), Hi: int((hi-1)&j.mask) + 1}, work.Ready
		}
		if !ended && !hungry {
			j.hungry.Store(true) // then check fed once more
			continue
		}
		if j.consumer.state.Load() == dozing && j.deliverable() {
			j.consumer.wake() // this worker becomes idle and cannot wake the consumer later
		}
		if ended {
			return work.Span{}, work.Over
		}
		j.starve()
		return work.Span{}, work.Later
	}
}

func (j *streamJob[In, Out]) Drain(ctx context.Context, r *work.Range, w int) (stray <-chan struct{}) {
	var c streamCursor
	j.running.add(w, 1)
	defer j.leave(ctx, &c, w)
	if j.watching != nil {
		return j.watching.drain(ctx, j, r, &c.cursor, w, r.Len(), j.core.Workers)
	}
	for !j.run(ctx, r, &c, w) {
	}
	return nil
}

// A streamCursor records which of the claimed tasks of a stream a worker runs next.
type streamCursor struct {
	cursor
	pace pace
}

// run runs tasks until r is empty and then returns true. After a panic it records the failure of
// the task and returns false; the caller then calls run again. In this way one deferred recover is
// enough for many tasks.
func (j *streamJob[In, Out]) run(ctx context.Context, r *work.Range, c *streamCursor, w int) (empty bool) {
	defer func() {
		if empty || c.i >= c.hi { // otherwise no task panicked; a chunk policy ends this goroutine by Goexit
			return
		}
		j.Fail(c.i, work.By{}, work.Caught(recover()))
		j.publish(c.i, w)
		c.i++
		c.n++
	}()
	f := j.kernel.Func
	step := c.step(&j.terms, len(j.in), r.Len()+c.hi-c.i, j.core.Workers)
	for {
		for c.i < c.hi {
			if cause := j.cause.Load(); cause != nil {
				j.skip(c.i, *cause)
			} else if v, err := f(ctx, j.in[c.i]); err != nil {
				j.Fail(c.i, work.By{}, err)
			} else {
				j.out[c.i] = v
			}
			j.publish(c.i, w)
			if j.consumer.state.Load() != awake && c.pace.due(c.n) {
				j.rouse(&c.pace, c.n)
			}
			c.i++
			c.n++
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

// leave is deferred by the method Drain of j. If a task called Goexit, leave runs the remaining
// claimed tasks. It then calls the method idle, which wakes a dozing consumer (one that sleeps for
// at most dozeTime) if an outcome is ready.
func (j *streamJob[In, Out]) leave(ctx context.Context, c *streamCursor, w int) {
	c.finish(ctx, j, w, j.core)
	j.running.add(w, -1)
	j.idle()
}

// task returns the number of the task in slot i. The consumer must not have delivered this task
// yet. In input order task computes the number from the slot, since each slot then has only one
// undelivered task.
func (j *streamJob[In, Out]) task(i int) int {
	if j.number != nil {
		return j.number[i]
	}
	d := j.delivered.Load()
	return int(d + (uint64(i)-d)&j.mask)
}

func (j *streamJob[In, Out]) Fail(i int, by work.By, err error) {
	j.record(i, j.kernel.taskError(j.task(i), by, because(j.ctx, err)))
}

// record stores e as the failure of the task in slot i.
func (j *streamJob[In, Out]) record(i int, e *TaskError) {
	j.errs[i] = e
	if cause := j.ending(e); cause != nil {
		j.Cancel(cause)
	}
}

// skip records that the task in slot i never starts, for the given cause.
func (j *streamJob[In, Out]) skip(i int, cause error) {
	j.record(i, unstarted(j.task(i), cause))
}

func (j *streamJob[In, Out]) Finish(s work.Span, by work.By) {
	for i := s.Lo; i < s.Hi; i++ {
		if j.watching != nil {
			j.tell(i, by)
		}
		j.publish(i, by.Worker)
	}
	if j.consumer.state.Load() == dozing {
		j.rouse(new(pace), 0)
		j.idle()
	}
}

// Cancel implements [work.Job]. It wakes the consumer; the consumer then stops the lease, the use
// of the executor for this job.
func (j *streamJob[In, Out]) Cancel(cause error) {
	if !j.set(cause) {
		return
	}
	j.cancelContext(cause)
	j.feeder.wake()
	j.consumer.wake()
}

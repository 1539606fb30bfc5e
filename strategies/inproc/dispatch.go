package inproc

import (
	"context"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// dispatchTarget is the duration that automatic chunks aim at in strategies that hand each chunk to
// a waiting worker. It is longer than [chunk.Target], since waking the worker costs up to 5 µs, and
// this cost is part of the measured time per task. With a target of 100 µs, the strategy channel
// was 30 % slower on tasks of 10 µs than with the best fixed chunk.
const dispatchTarget = 400 * time.Microsecond

// A dispatch is the [work.Lease] of a dispatcher: the use of this executor for one job. It holds
// the tasks that the dispatcher has taken from the job.
type dispatch struct {
	owner  *dispatcher
	number uint64 // number of the job, from 1
	job    work.Job
	parent context.Context
	ctx    context.Context // context of the tasks: parent, with a Place
	wake   chan struct{}   // capacity 1
	over   chan struct{}   // closed when every task that the executor took has its outcome
	left   atomic.Int64    // number of taken tasks without an outcome, plus one until Take returns Over
	letGo  atomic.Bool     // set by Stop: no more chunks are handed over
	rest   work.Range      // tasks that are taken and not handed over; loop claims from it, and Stop clears it
	free   atomic.Pointer[parcel]

	mu       sync.Mutex
	took     bool        // Take returned Over
	all      []*parcel   // every parcel of the lease
	aside    []outcast   // tasks that never start and have no outcome yet
	back     []work.Span // tasks given back by a worker whose task exceeded its limit
	skipping bool        // a goroutine is in skip
}

// An outcast is a span of tasks that never start. The field err is the error with which the pool
// refused these tasks, or nil if the job was cancelled.
type outcast struct {
	span work.Span
	err  error
}

// loop takes tasks from the job and hands them over to workers in chunks until the job is over.
func (l *dispatch) loop() {
	pprof.SetGoroutineLabels(l.ctx) // the goroutines that it starts inherit the labels
	over := false
	defer func() {
		if over {
			l.owner.loops.Done()
		} else {
			go l.loop() // a chunk policy called Goexit
		}
	}()
	workers := l.owner.core.Workers
	size := chunk.NewSizer(l.job.Terms().Chunk, 0, workers, dispatchTarget/time.Duration(workers)) // all workers together finish that many chunks in the time of one target
	if l.rest.Len() > 0 {
		l.handOver(&size)
	}
	for {
		state := l.take()
		if state == work.Ready {
			l.handOver(&size)
			continue
		}
		if state == work.Over && l.job.Terms().Limit == 0 {
			over = true
			return // without a limit, no worker gives tasks back
		}
		select {
		case <-l.wake:
		case <-l.over:
			over = true
			return
		}
	}
}

// take is called when l.rest is empty. It fills l.rest with tasks that a worker gave back or, if
// there are none, with new tasks of the job. The result is that of [work.Job.Take]: Ready means
// that l.rest now has tasks.
func (l *dispatch) take() work.State {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.back); n > 0 {
		l.rest.Set(l.back[n-1])
		l.back = l.back[:n-1]
		return work.Ready
	}
	s, state := l.takeSpan()
	if state == work.Ready {
		l.rest.Set(s)
	}
	return state
}

// takeSpan takes tasks from the job, adds their number to l.left, and returns the results of
// [work.Job.Take]. The caller holds the lock, so that the channel l.over is not closed before the
// tasks are counted.
func (l *dispatch) takeSpan() (s work.Span, state work.State) {
	s, state = l.job.Take(work.MaxTasks)
	l.left.Add(int64(s.Len()))
	if state == work.Over && !l.took {
		l.took = true
		l.settle(1)
	}
	return s, state
}

// settle records that n more tasks have an outcome: it subtracts n from l.left. When l.left reaches
// 0, settle ends the lease.
func (l *dispatch) settle(n int) {
	if l.left.Add(-int64(n)) == 0 {
		l.owner.remove(l)
		close(l.over)
	}
}

// handOver divides the tasks in l.rest into chunks, and hands the chunks over to workers one by
// one.
func (l *dispatch) handOver(size *chunk.Sizer) {
	size.More(l.rest.Len())
	for {
		s := l.rest.Claim(size.Next(l.rest.Len()))
		if s.Len() == 0 {
			return
		}
		p := l.newParcel()
		p.set(s)
		var err error
		if !l.letGo.Load() { // after Stop this parcel must not start, since Stop may have missed it
			if err = l.owner.hand(p); err == nil {
				continue
			}
		}
		if s, ok := p.claim(); ok {
			l.mu.Lock()
			l.aside = append(l.aside, outcast{s, err})
			l.skip()
			l.mu.Unlock()
		}
		p.recycle()
	}
}

// Wake implements [work.Lease].
func (l *dispatch) Wake() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Help implements [work.Lease]. It does nothing, since tasks of a dispatcher cannot wait for their
// own executor.
func (l *dispatch) Help(context.Context) bool { return false }

// Stop implements [work.Lease]. If the job was cancelled, Stop recalls all chunks that no worker
// has started, including chunks that wait in the queue of the pool.
func (l *dispatch) Stop() {
	if l.job.Cancelled() == nil {
		return
	}
	l.letGo.Store(true)
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.rest.Clear(); s.Len() > 0 {
		l.aside = append(l.aside, outcast{span: s})
	}
	for _, s := range l.back {
		l.aside = append(l.aside, outcast{span: s})
	}
	l.back = nil
	for _, p := range l.all {
		if s, ok := p.claim(); ok {
			l.aside = append(l.aside, outcast{span: s})
		}
	}
	for !l.took {
		s, state := l.takeSpan()
		if state != work.Ready {
			break
		}
		l.aside = append(l.aside, outcast{span: s})
	}
	l.skip()
}

// skip records outcomes for the tasks in l.aside, which never start. The caller holds the lock.
// While skip calls methods of the job, it releases the lock, since the job may call methods of this
// lease. If another goroutine is already in skip, the call returns at once, because that goroutine
// records these outcomes too.
func (l *dispatch) skip() {
	if l.skipping {
		return
	}
	l.skipping = true
	for len(l.aside) > 0 {
		o := l.aside[0]
		l.aside = l.aside[1:]
		l.mu.Unlock()
		if o.err == nil {
			r := new(work.Range)
			r.Set(o.span)
			l.job.Drain(l.parent, r, work.Outside)
		} else {
			by := work.By{Worker: work.Outside}
			for i := o.span.Lo; i < o.span.Hi; i++ {
				l.job.Fail(i, by, o.err)
			}
			l.job.Finish(o.span, by)
		}
		l.settle(o.span.Len())
		l.mu.Lock()
	}
	l.skipping = false
}

// Wait implements [work.Lease].
func (l *dispatch) Wait() {
	l.Stop() // recalls waiting chunks if the job was cancelled
	<-l.over
}

package inproc

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// dispatchTarget is [chunk.Target] where each chunk is handed to a worker that waits for it.
// Waking the worker costs up to 5 µs, and the time from one hand-over to the next, by which
// tasks are measured, includes that. With 100 µs channel was 30 % slower on tasks of 10 µs
// than with the best fixed chunk.
const dispatchTarget = 400 * time.Microsecond

// A dispatch is a dispatcher at work on one job.
type dispatch struct {
	owner  *dispatcher
	job    work.Job
	parent context.Context
	ctx    context.Context // of the tasks: the parent, with their place
	wake   chan struct{}   // capacity 1
	over   chan struct{}   // closed when the executor holds no task of the job any more
	left   atomic.Int64    // tasks taken and without an outcome, and one until the job is over
	letGo  atomic.Bool     // set by Stop
	rest   work.Range      // taken and not handed over; the loop claims, a recall clears
	free   atomic.Pointer[parcel]

	mu       sync.Mutex
	took     bool        // Take returned Over
	all      []*parcel   // every one there is
	aside    []outcast   // tasks that never start, to be recorded
	back     []work.Span // taken, and given back by a worker that was left by a task
	skipping bool        // a goroutine records them
}

// An outcast is tasks that never start: the job was cancelled, or the pool did not accept
// them, with err.
type outcast struct {
	span work.Span
	err  error
}

func newDispatch(ctx context.Context, d *dispatcher, job work.Job) *dispatch {
	l := &dispatch{owner: d, job: job, parent: ctx, wake: make(chan struct{}, 1), over: make(chan struct{})}
	l.ctx = &work.Place{Context: ctx, Core: &d.core}
	l.left.Store(1)
	return l
}

// loop takes chunks and hands them over until the job is over.
func (l *dispatch) loop() {
	defer l.owner.loops.Done()
	workers := l.owner.core.Workers
	size := chunk.NewSizer(l.job.Terms().Chunk, 0, workers, dispatchTarget/time.Duration(workers)) // chunks end that much more often than one takes
	for {
		switch l.take() {
		case work.Ready:
			l.handOver(&size)
		case work.Later:
			select {
			case <-l.wake:
			case <-l.over:
			}
		case work.Over:
			if l.job.Terms().Limit == 0 {
				return // nothing comes back
			}
			select {
			case <-l.wake:
			case <-l.over:
				return
			}
		}
	}
}

// take takes tasks from the job into rest, which is empty.
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

// takeSpan takes tasks from the job. The lock is held, so that over is not closed between
// taking and counting them.
func (l *dispatch) takeSpan() (s work.Span, state work.State) {
	s, state = l.job.Take(work.MaxTasks)
	l.left.Add(int64(s.Len()))
	if state == work.Over && !l.took {
		l.took = true
		l.settle(1)
	}
	return s, state
}

// settle counts down what is left.
func (l *dispatch) settle(n int) {
	if l.left.Add(-int64(n)) == 0 {
		l.owner.remove(l)
		close(l.over)
	}
}

// handOver cuts rest into chunks and hands them over one by one.
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
		if !l.letGo.Load() { // else Stop may have looked before the chunk was there
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

// Help implements [work.Lease]: this strategy cannot.
func (l *dispatch) Help(context.Context) bool { return false }

// Stop implements [work.Lease]. It recalls the chunks that no worker has begun, wherever they
// wait.
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

// skip records the tasks that were put aside. The lock is held, but not during the calls of the
// job, which may call back. One goroutine does it at a time, since the job allows one outside
// the workers.
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
	l.Stop() // no worker may come by to see that all is over
	<-l.over
}

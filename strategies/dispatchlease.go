package strategies

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// A dispatch is a dispatcher at work on one job.
type dispatch struct {
	owner  *dispatcher
	job    Job
	parent context.Context
	ctx    context.Context // what tasks see: the parent, with their place
	wake   chan struct{}   // capacity 1
	over   chan struct{}   // closed when the executor holds no task of the job any more
	left   atomic.Int64    // tasks taken and without an outcome, and one until the job is over
	letGo  atomic.Bool     // set by Stop
	rest   Range           // taken and not handed over; the loop claims, a recall clears
	free   atomic.Pointer[chunk]

	mu       sync.Mutex
	took     bool      // Take said Over
	all      []*chunk  // every one there is
	aside    []outcast // tasks that never start, to be recorded
	back     []Span    // taken, and given back by a worker that was left by a task
	skipping bool      // somebody records them
}

// An outcast is tasks that never start: since the job was cancelled, or since nobody
// accepts them, which err then says.
type outcast struct {
	span Span
	err  error
}

func newDispatch(ctx context.Context, d *dispatcher, job Job) *dispatch {
	l := &dispatch{owner: d, job: job, parent: ctx, wake: make(chan struct{}, 1), over: make(chan struct{})}
	l.ctx = &place{Context: ctx, owner: d}
	l.left.Store(1)
	return l
}

// loop takes chunks and hands them over until the job is over.
func (l *dispatch) loop() {
	defer l.owner.loops.Done()
	size := l.job.Options().sizer(0, l.owner.workers)
	size.next.Target = dispatchTarget / time.Duration(l.owner.workers) // chunks end that much more often than one takes
	for {
		switch l.take() {
		case Ready:
			l.handOver(&size)
		case Later:
			select {
			case <-l.wake:
			case <-l.over:
			}
		case Over:
			if l.job.Options().Limit == 0 {
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
func (l *dispatch) take() State {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.back); n > 0 {
		l.rest.Set(l.back[n-1])
		l.back = l.back[:n-1]
		return Ready
	}
	s, state := l.takeSpan()
	if state == Ready {
		l.rest.Set(s)
	}
	return state
}

// takeSpan takes tasks from the job. The lock is held, so that over is not closed between
// taking and counting them.
func (l *dispatch) takeSpan() (s Span, state State) {
	s, state = l.job.Take(MaxTasks)
	l.left.Add(int64(s.Len()))
	if state == Over && !l.took {
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
func (l *dispatch) handOver(size *sizer) {
	size.more(l.rest.Len())
	for {
		s := l.rest.Claim(size.size(&l.rest))
		if s.Len() == 0 {
			return
		}
		c := l.newChunk()
		c.word.Store(pack(uint32(s.Lo), uint32(s.Hi)))
		var err error
		if !l.letGo.Load() { // else Stop may have looked before the chunk was there
			if err = l.owner.hand(c); err == nil {
				continue
			}
		}
		if s, ok := c.claim(); ok {
			l.mu.Lock()
			l.aside = append(l.aside, outcast{s, err})
			l.skip()
			l.mu.Unlock()
		}
		c.recycle()
	}
}

// Wake implements [Lease].
func (l *dispatch) Wake() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Help implements [Lease]: this strategy cannot.
func (l *dispatch) Help(context.Context) bool { return false }

// Stop implements [Lease]. It recalls what no worker has begun, wherever it waits.
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
	for _, c := range l.all {
		if s, ok := c.claim(); ok {
			l.aside = append(l.aside, outcast{span: s})
		}
	}
	for !l.took {
		s, state := l.takeSpan()
		if state != Ready {
			break
		}
		l.aside = append(l.aside, outcast{span: s})
	}
	l.skip()
}

// skip records what was put aside. The lock is held, but not while the job is told, which
// may call back; one goroutine does it at a time, since the job hears of one outside.
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
			r := new(Range)
			r.Set(o.span)
			l.job.Drain(l.parent, r, outside)
		} else {
			for i := o.span.Lo; i < o.span.Hi; i++ {
				l.job.Fail(i, o.err)
			}
			l.job.Finish(o.span, outside)
		}
		l.settle(o.span.Len())
		l.mu.Lock()
	}
	l.skipping = false
}

// Wait implements [Lease].
func (l *dispatch) Wait() {
	l.Stop() // nobody else may come by to see that all is over
	<-l.over
}

// A chunk is some tasks on their way to a worker. It is used again when it has arrived.
type chunk struct {
	lease *dispatch
	word  atomic.Uint64 // the span as a range has it; 0 once claimed, by a worker or a recall
	call  func()        // run, for pools that call functions
	next  *chunk        // in the free list
}

// newChunk returns a chunk without tasks. Only the loop takes from the free list, so
// what it sees at its top cannot leave and come back meanwhile.
func (l *dispatch) newChunk() *chunk {
	for c := l.free.Load(); c != nil; c = l.free.Load() {
		if l.free.CompareAndSwap(c, c.next) {
			return c
		}
	}
	c := &chunk{lease: l}
	l.mu.Lock()
	l.all = append(l.all, c)
	l.mu.Unlock()
	return c
}

// recycle gives c back. Nobody who was handed it may call it any more.
func (c *chunk) recycle() {
	l := c.lease
	for {
		c.next = l.free.Load()
		if l.free.CompareAndSwap(c.next, c) {
			return
		}
	}
}

// claim takes the tasks of c; false means that somebody has.
func (c *chunk) claim() (Span, bool) {
	lo, hi := unpack(c.word.Swap(0))
	return Span{int(lo), int(hi)}, lo != hi
}

// run runs the chunk at a desk, unless it was recalled. It is called once each time the
// chunk is handed over.
func (c *chunk) run(at *desk) {
	l := c.lease
	s, ok := c.claim()
	c.recycle()
	if !ok {
		return
	}
	if l.owner.stopped.Load() {
		l.job.Cancel(ErrClosed) // Stop is on its way here, and has let go of another job before
	}
	if l.job.Options().Limit > 0 {
		c.lease.runLimited(s, at)
		return
	}
	defer func() { // a task may end the goroutine, before all is claimed
		for at.span.Len() > 0 {
			var wg sync.WaitGroup
			wg.Go(func() { l.job.Drain(l.ctx, &at.span, at.w) })
			wg.Wait()
		}
		l.settle(s.Len())
	}()
	at.span.Set(s)
	l.job.Drain(l.ctx, &at.span, at.w)
}

// runLimited runs s. A worker that is left by a task gives back the rest and waits for the
// task.
func (l *dispatch) runLimited(s Span, at *desk) {
	at.span.Set(s)
	l.job.Drain(l.ctx, &at.span, at.w)
	rest := at.span.Clear()
	if rest.Len() > 0 {
		l.mu.Lock()
		l.back = append(l.back, rest)
		l.mu.Unlock()
		l.Wake()
	}
	stray := Stray(l.job, at.w)
	l.settle(s.Len() - rest.Len())
	if stray != nil {
		<-stray
	}
}

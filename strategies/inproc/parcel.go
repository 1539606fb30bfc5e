package inproc

import (
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A parcel carries a chunk of tasks to a worker. After the worker has run the chunk, the parcel can
// carry another one.
type parcel struct {
	lease *dispatch
	span  atomic.Uint64 // lo<<32 | hi of the chunk; 0 once a worker or a recall has claimed it
	call  func()        // function that runs the chunk, for a pool that accepts functions; nil until the parcel is first used for such a pool
	next  *parcel       // next parcel in the free list
}

// newParcel returns an empty parcel (the carrier of a chunk), if possible from the free list. The
// compare-and-swap is safe, since only the goroutine of dispatch.loop removes parcels from the
// list: no other goroutine can remove the top parcel and put it back in between.
func (l *dispatch) newParcel() *parcel {
	for p := l.free.Load(); p != nil; p = l.free.Load() {
		if l.free.CompareAndSwap(p, p.next) {
			return p
		}
	}
	p := &parcel{lease: l}
	l.mu.Lock()
	l.all = append(l.all, p)
	l.mu.Unlock()
	return p
}

// recycle puts the parcel p into the free list. The caller must own p: no other goroutine may run
// or claim it.
func (p *parcel) recycle() {
	l := p.lease
	for {
		p.next = l.free.Load()
		if l.free.CompareAndSwap(p.next, p) {
			return
		}
	}
}

// set puts the tasks of s, at least one, into the parcel p.
func (p *parcel) set(s work.Span) { p.span.Store(uint64(s.Lo)<<32 | uint64(s.Hi)) }

// claim removes the tasks from the parcel p and returns them. It returns false if they were claimed
// already.
func (p *parcel) claim() (work.Span, bool) {
	x := p.span.Swap(0)
	return work.Span{Lo: int(x >> 32), Hi: int(uint32(x))}, x != 0
}

// run runs the chunk in the parcel p. The parameter at is the desk of the calling goroutine; its
// worker number becomes the worker of the tasks. run does nothing if the chunk was recalled. A
// worker calls run once for each parcel that it receives.
func (p *parcel) run(at *desk) {
	l := p.lease
	s, ok := p.claim()
	p.recycle()
	if !ok {
		return
	}
	if l.owner.stopped.Load() {
		l.job.Cancel(work.ErrClosed) // Stop may not have reached this job yet
	}
	if l.job.Terms().Limit > 0 {
		l.runLimited(s, at)
		return
	}
	returned := false
	defer func() { // deferred, since a task may call Goexit before all tasks are claimed
		if !returned && l.owner.revive != nil {
			l.owner.loops.Go(l.owner.revive) // before settle, so that the pool has not ended
		}
		for at.span.Len() > 0 {
			apart(func() { l.owner.core.Task(at.w, func() { l.job.Drain(l.ctx, &at.span, at.w) }) })
		}
		l.settle(s.Len())
	}()
	at.span.Set(s)
	l.job.Drain(l.ctx, &at.span, at.w)
	returned = true
}

// runLimited runs the tasks of s, for a job with a time limit. The parameter at is the desk of the
// calling goroutine. If a task exceeds its limit, runLimited gives the remaining tasks back to the
// lease and waits until the task returns.
func (l *dispatch) runLimited(s work.Span, at *desk) {
	at.span.Set(s)
	stray := l.job.Drain(l.ctx, &at.span, at.w)
	rest := at.span.Clear()
	if rest.Len() > 0 {
		l.mu.Lock()
		l.back = append(l.back, rest)
		l.mu.Unlock()
		l.Wake()
	}
	if stray != nil {
		l.owner.strays.Add(1)
		defer l.owner.strays.Done()
	}
	l.settle(s.Len() - rest.Len())
	if stray != nil {
		<-stray
	}
}

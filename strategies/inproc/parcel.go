package inproc

import (
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A parcel is a chunk of tasks on its way to a worker. It is used again when it has arrived.
type parcel struct {
	lease *dispatch
	span  atomic.Uint64 // lo<<32 | hi; 0 once claimed, by a worker or a recall
	call  func()        // run, for pools that call functions
	next  *parcel       // in the free list
}

// newParcel returns a parcel without tasks. Only the loop takes from the free list, so the
// parcel that it sees on top cannot leave and come back meanwhile.
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

// recycle gives p back. No goroutine that was handed p may call it any more.
func (p *parcel) recycle() {
	l := p.lease
	for {
		p.next = l.free.Load()
		if l.free.CompareAndSwap(p.next, p) {
			return
		}
	}
}

// set puts the tasks of s, which is not empty, into p.
func (p *parcel) set(s work.Span) { p.span.Store(uint64(s.Lo)<<32 | uint64(s.Hi)) }

// claim takes the tasks of p; false means that another did.
func (p *parcel) claim() (work.Span, bool) {
	x := p.span.Swap(0)
	return work.Span{Lo: int(x >> 32), Hi: int(uint32(x))}, x != 0
}

// run runs the chunk at a desk, unless it was recalled. It is called once each time the parcel
// is handed over.
func (p *parcel) run(at *desk) {
	l := p.lease
	s, ok := p.claim()
	p.recycle()
	if !ok {
		return
	}
	if l.owner.stopped.Load() {
		l.job.Cancel(work.ErrClosed) // Stop is on its way here, and has let go of another job before
	}
	if l.job.Terms().Limit > 0 {
		l.runLimited(s, at)
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

// runLimited runs s. A worker that a task left at its limit gives back the rest and waits for
// the task.
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
	l.settle(s.Len() - rest.Len())
	if stray != nil {
		<-stray
	}
}

package strategies

import (
	"context"
	"sync"
	"time"
)

// A poolLease is a pool at work on one job: what it took and nobody has claimed yet.
type poolLease struct {
	pool  *pool
	job   Job
	ctx   context.Context
	seats []seat
	over  chan struct{} // closed when the pool holds no task of the job any more

	span Range // what workers claim from

	mu     sync.Mutex
	spare  Span      // taken from the job and not in span, directly behind it
	took   bool      // Take said Over
	inside int       // who may be running tasks of the job
	ended  bool      // over is closed, or about to be
	turn   int       // tasks put in span at a time while there are other jobs
	begun  time.Time // when span was last filled in such a turn
}

// A seat is one worker's place at a lease. It is locked while somebody runs tasks
// there, since the job allows one at a time.
type seat struct {
	mu  sync.Mutex
	ctx context.Context // what tasks see: the job's, with their place
}

// A place is where a task runs. Tasks carry it in their context, and by it a job
// that a task waits for finds that it must help itself.
type place struct {
	pool *pool
	w    int
	mu   sync.Mutex // held by the one goroutine of the task that helps
}

type placeKey struct{}

// turnTime is how long a job keeps the workers while others wait.
const turnTime = 100 * time.Microsecond

// visit lets w run tasks of the job, and reports whether there were any.
func (l *poolLease) visit(w *poolWorker) bool {
	s := &l.seats[w.w]
	if !s.mu.TryLock() {
		return false // a task's helper sits there
	}
	defer s.mu.Unlock()
	if s.ctx == nil {
		s.ctx = context.WithValue(l.ctx, placeKey{}, &place{pool: l.pool, w: w.w})
	}
	worked := false
	l.serve(s.ctx, w.w, func() { worked = true; l.pool.found(w) })
	return worked
}

// Help implements [Lease]. It runs the tasks on a goroutine of its own, so that one
// which ends its goroutine does not end the task that waits.
func (l *poolLease) Help(ctx context.Context) bool {
	at, ok := ctx.Value(placeKey{}).(*place)
	if !ok || at.pool != l.pool {
		return false
	}
	at.mu.Lock()
	defer at.mu.Unlock()
	worked := false
	var wg sync.WaitGroup
	wg.Go(func() {
		s := &l.seats[at.w]
		s.mu.Lock()
		defer s.mu.Unlock()
		inner := context.WithValue(l.ctx, placeKey{}, &place{pool: l.pool, w: at.w})
		l.serve(inner, at.w, func() { worked = true })
	})
	wg.Wait()
	return worked
}

// serve runs tasks as worker w, calling found before the first, until the job has no
// more for now or its turn is over.
func (l *poolLease) serve(ctx context.Context, w int, found func()) {
	if !l.enter() {
		return
	}
	defer l.leave() // a task may end the goroutine
	for first := true; l.fill(); first = false {
		if first {
			found()
		}
		// Whoever has found work wakes the next to look for more, since nobody was woken
		// while this one was looking: there may be tasks of other jobs, or of this one
		// that are not in span yet.
		if first || l.span.Len() > l.job.Options().Chunk {
			l.pool.wakeOne()
		}
		l.job.Drain(ctx, &l.span, w)
		if l.pool.active.Load() > 1 {
			l.pace()
			return
		}
	}
}

// claimable reports whether there is work, and ends the lease if there never will be.
func (l *poolLease) claimable() bool {
	if !l.enter() {
		return false
	}
	defer l.leave()
	return l.fill()
}

func (l *poolLease) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return false
	}
	l.inside++
	return true
}

func (l *poolLease) leave() {
	l.mu.Lock()
	l.inside--
	end := l.took && l.inside == 0 && l.spare.Len() == 0 && l.span.Len() == 0 && !l.ended
	l.ended = l.ended || end
	l.mu.Unlock()
	if end {
		l.pool.remove(l)
		close(l.over)
	}
}

// fill sees to it that span has tasks in it, and reports whether it has.
func (l *poolLease) fill() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.span.Len() > 0 {
		return true
	}
	if l.spare.Len() == 0 { // the job is asked again even if it said Over: it learns that a worker goes idle
		s, state := l.job.Take(MaxTasks)
		l.spare, l.took = s, state == Over
	}
	if l.spare.Len() == 0 {
		return false
	}
	n := l.spare.Len()
	if l.pool.active.Load() > 1 {
		l.turn = max(l.turn, l.job.Options().Chunk)
		n = min(n, l.turn)
		l.begun = time.Now()
	}
	l.span.Set(Span{l.spare.Lo, l.spare.Lo + n})
	l.spare.Lo += n
	return true
}

// pace adapts the size of a turn to turnTime.
func (l *poolLease) pace() {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch took := time.Since(l.begun); {
	case l.begun.IsZero():
	case took < turnTime/2:
		l.turn = min(2*l.turn, MaxTasks/2)
	case took > 2*turnTime:
		l.turn /= 2
	}
}

// recall takes back what nobody has claimed, so that workers come round to another job.
func (l *poolLease) recall() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.span.Clear(); s.Len() > 0 {
		if l.spare.Len() == 0 {
			l.spare.Hi = s.Hi
		}
		l.spare.Lo = s.Lo
	}
}

// Wake implements [Lease].
func (l *poolLease) Wake() { l.pool.wakeOne() }

// Stop implements [Lease]. All workers may be busy for long, with tasks of other jobs or
// with tasks that wait as this caller does, so it skips by itself what nobody claimed.
func (l *poolLease) Stop() {
	if l.enter() {
		for l.fill() && l.job.Cancelled() != nil {
			l.job.Drain(l.ctx, &l.span, outside)
		}
		l.leave()
	}
}

// Wait implements [Lease].
func (l *poolLease) Wait() {
	l.Stop() // nobody else may come by to see that all is over
	<-l.over
}

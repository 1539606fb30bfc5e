package inproc

import (
	"context"
	"runtime/pprof"
	"sync"
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A crewLease is the use of a crew for one job. It holds the tasks that the crew (the executor) has
// taken from the job and that no worker has claimed yet.
type crewLease struct {
	crew  *crew
	job   work.Job
	ctx   context.Context
	seats []seat        // one for each worker
	over  chan struct{} // closed when every task that the crew took has its outcome

	outside sync.Mutex // held by a goroutine in Stop, which skips tasks under the worker number work.Outside

	presence // the mutex of presence also guards the fields below
	sharing  sharing
	spare    []work.Span // taken from the job and not distributed yet; the last span is distributed first
	dealt    []int       // workers that were assigned tasks and have not been woken yet
	turn     int         // number of tasks that a worker receives at a time while other jobs run
	begun    time.Time   // when tasks were last distributed while other jobs ran
}

// A sharing distributes the tasks of a job among the workers of a crew (an executor of persistent
// goroutines). Strategies that use a crew differ only in their sharing. The caller of each method
// holds the lock of the crewLease. A worker claims tasks from the range that the method fill
// returned, and needs no lock for that.
type sharing interface {
	// fill returns a range with unclaimed tasks for worker w, or nil if there are none. If w is
	// work.Outside, fill returns a range of any worker. fill takes tasks from the job by l.next or
	// l.take.
	fill(l *crewLease, w int) *work.Range
	// recall clears all ranges. It keeps their unclaimed tasks for a later fill, or returns them to
	// the lease by l.giveBack.
	recall(l *crewLease)
	// left reports whether some task is in a range of a worker and not claimed.
	left() bool
}

// A seat is the state of one worker for one job. A goroutine holds the mutex while it runs tasks of
// the job under the number of this worker. Thus the worker and a goroutine in Help never do so at
// the same time.
type seat struct {
	mu  sync.Mutex
	ctx context.Context // context of the tasks: the context of the job, with a Place
}

// turnTime is the approximate time for which a worker runs tasks of one job before it visits the
// next job, if there are several.
const turnTime = 100 * time.Microsecond

// visit lets worker w run tasks of the job, and reports whether it ran any. If stray is not nil, a
// task exceeded its time limit, and w must wait until stray is closed.
func (l *crewLease) visit(w *crewWorker) (worked bool, stray <-chan struct{}) {
	s := &l.seats[w.w]
	if !s.mu.TryLock() {
		return false, nil // a nested task that waits for this job runs its tasks as this worker
	}
	defer s.mu.Unlock()
	if s.ctx == nil {
		s.ctx = &work.Place{Context: l.ctx, Core: &l.crew.core, Worker: w.w}
	}
	stray = l.serve(s.ctx, w.w, func() { worked = true; l.crew.found(w) })
	return worked, stray
}

// Help implements [work.Lease]. It runs tasks of the job on a new goroutine. Thus a Goexit in one
// of these tasks does not end the goroutine that waits.
func (l *crewLease) Help(ctx context.Context) bool {
	at := work.PlaceOf(ctx, &l.crew.core)
	if at == nil {
		return false
	}
	at.Helping.Lock()
	defer at.Helping.Unlock()
	worked := false
	apart(func() {
		s := &l.seats[at.Worker]
		s.mu.Lock()
		defer s.mu.Unlock()
		inner := &work.Place{Context: l.ctx, Core: &l.crew.core, Worker: at.Worker}
		l.crew.core.Task(at.Worker, func() { l.serve(inner, at.Worker, func() { worked = true }) })
	})
	return worked
}

// serve runs tasks of the job as worker w. Before the first task it calls found. It returns nil
// when the job has no tasks for now, or when w should visit other jobs. If a task has exceeded its
// time limit, it returns a channel that is closed when that task returns.
func (l *crewLease) serve(ctx context.Context, w int, found func()) (stray <-chan struct{}) {
	if !l.enter() {
		return nil
	}
	defer l.leave() // deferred, since a task may call Goexit
	if l.crew.stopped.Load() {
		l.job.Cancel(work.ErrClosed) // Stop may not have reached this job yet
	}
	for first := true; ; first = false {
		r := l.fill(w)
		if r == nil {
			return nil
		}
		if first {
			pprof.SetGoroutineLabels(ctx)
			found()
		}
		// While this worker was looking for work, no other worker was woken. There may be tasks of
		// other jobs, or tasks of this job that are not distributed yet, so this worker wakes the
		// next one.
		if first || r.Len() > l.job.Terms().Least() {
			l.crew.wakeOne()
		}
		if stray = l.job.Drain(ctx, r, w); stray != nil {
			return stray
		}
		if l.crew.active.Load() > 1 {
			l.pace()
			return nil
		}
	}
}

// claimable reports whether the job has tasks for worker w. As a side effect, it ends the lease if
// the job is over and no other goroutine uses the lease.
func (l *crewLease) claimable(w int) bool {
	if !l.enter() {
		return false
	}
	defer l.leave()
	return l.fill(w) != nil
}

// leave ends a use of the lease that began with a call of the method enter. It also ends the lease
// if this was the last use, no task is left, and the job is over.
func (l *crewLease) leave() {
	l.mu.Lock()
	l.inside--
	end := l.took && l.inside == 0 && len(l.spare) == 0 && !l.sharing.left() && !l.ended
	l.ended = l.ended || end
	l.mu.Unlock()
	if end {
		l.crew.remove(l)
		close(l.over)
	}
}

// fill distributes tasks if necessary, and returns a range with unclaimed tasks for worker w, or
// nil if there are none. It wakes the other workers to which it has assigned tasks.
func (l *crewLease) fill(w int) *work.Range {
	r, dealt := l.share(w)
	if dealt != nil {
		l.crew.wakeThese(dealt)
	}
	return r
}

// share calls l.sharing.fill under the lock and returns its result, a range of tasks for worker w.
// dealt lists the workers to which the call has assigned tasks.
func (l *crewLease) share(w int) (r *work.Range, dealt []int) {
	l.mu.Lock()
	defer l.mu.Unlock() // deferred, since a chunk policy may call Goexit
	r = l.sharing.fill(l, w)
	dealt, l.dealt = l.dealt, nil
	return r, dealt
}

// next removes tasks from the front of the spare tasks, which are not distributed to workers yet,
// and returns them. The function share receives the number of spare tasks and returns how many to
// remove; while other jobs run, next may remove fewer. The caller holds the lock.
func (l *crewLease) next(share func(spare int) int) work.Span {
	if len(l.spare) == 0 {
		s := l.take()
		if s.Len() == 0 {
			return work.Span{}
		}
		l.spare = append(l.spare, s)
	}
	last := &l.spare[len(l.spare)-1]
	n := l.ration(min(share(last.Len()), last.Len()))
	s := work.Span{Lo: last.Lo, Hi: last.Lo + n}
	if last.Lo += n; last.Len() == 0 {
		l.spare = l.spare[:len(l.spare)-1]
	}
	return s
}

// take removes from the job all tasks that it has now, perhaps none, and returns them. Even if the
// job has ended, take calls the job's method Take, since a stream uses this call to wake its
// consumer. The caller holds the lock.
func (l *crewLease) take() work.Span {
	s, state := l.job.Take(work.MaxTasks)
	l.took = state == work.Over
	return s
}

// ration returns how many of n tasks may now be distributed to a worker: all or, while other jobs
// run, at most l.turn. The caller holds the lock.
func (l *crewLease) ration(n int) int {
	if l.crew.active.Load() > 1 {
		l.turn = max(l.turn, l.job.Terms().Least())
		n = min(n, l.turn)
		l.begun = time.Now()
	}
	return n
}

// giveBack adds s, a span of unclaimed tasks, to the spare tasks, which are not distributed to
// workers yet. The caller holds the lock.
func (l *crewLease) giveBack(s work.Span) {
	if s.Len() > 0 {
		l.spare = append(l.spare, s)
	}
}

// recallFrom moves all unclaimed tasks of r to the spare tasks, which are not distributed to
// workers. The caller holds the lock.
func (l *crewLease) recallFrom(r *work.Range) {
	for s := r.Clear(); s.Len() > 0; s = r.Clear() {
		l.giveBack(s)
	}
}

// pace adapts l.turn, the number of tasks that a worker receives at a time while other jobs run, so
// that these tasks take about turnTime.
func (l *crewLease) pace() {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch took := time.Since(l.begun); {
	case l.begun.IsZero():
	case took < turnTime/2:
		l.turn = min(2*l.turn, work.MaxTasks/2)
	case took > 2*turnTime:
		l.turn /= 2
	}
}

// recall takes unclaimed tasks back from the workers, so that the workers soon visit other jobs. A
// later call of fill distributes these tasks again.
func (l *crewLease) recall() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sharing.recall(l)
}

// Wake implements [work.Lease].
func (l *crewLease) Wake() { l.crew.wakeOne() }

// Stop implements [work.Lease]. If the job was cancelled, Stop skips unclaimed tasks on the calling
// goroutine. Workers cannot do this in time: they may be busy with other jobs, or with tasks that
// wait for this job.
func (l *crewLease) Stop() {
	if !l.enter() {
		return
	}
	defer l.leave() // deferred, since a chunk policy may call Goexit
	l.outside.Lock()
	defer l.outside.Unlock()
	for r := l.fill(work.Outside); r != nil && l.job.Cancelled() != nil; r = l.fill(work.Outside) {
		l.job.Drain(l.ctx, r, work.Outside)
	}
}

// Wait implements [work.Lease].
func (l *crewLease) Wait() {
	l.Stop() // ends the lease if no worker will visit it again
	<-l.over
}

package inproc

import (
	"context"
	"runtime/pprof"
	"sync"
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A crewLease is the work of a crew on one job. It holds the tasks that the crew took from the job
// and no worker has claimed.
type crewLease struct {
	crew  *crew
	job   work.Job
	ctx   context.Context
	seats []seat        // by worker
	over  chan struct{} // closed when the crew holds no task of the job any more

	outside sync.Mutex // held by the goroutine that skips tasks as work.Outside

	presence // its lock guards the fields below too
	sharing  sharing
	spare    []work.Span // taken from the job and not shared out; the last is next
	dealt    []int       // workers with new tasks of their own that have not been woken yet
	turn     int         // number of tasks shared out at a time while there are other jobs
	begun    time.Time   // when tasks were last shared out while there were other jobs
}

// A sharing shares out the tasks of a lease among workers. It is the only difference between the
// strategies over a crew. The lease's lock is held during its calls; meanwhile workers claim from
// the ranges that it returned.
type sharing interface {
	// fill returns a range with unclaimed tasks for worker w, or nil if there are none. For
	// work.Outside it returns tasks of any worker. It takes tasks by l.next or l.take.
	fill(l *crewLease, w int) *work.Range
	// recall clears all ranges and keeps their unclaimed tasks for later, or returns them by
	// l.giveBack.
	recall(l *crewLease)
	// left reports whether any task is shared out and unclaimed.
	left() bool
}

// A seat is the state of one worker in a lease. It is locked while a goroutine runs tasks as this
// worker, since the job allows only one at a time.
type seat struct {
	mu  sync.Mutex
	ctx context.Context // context of the tasks: that of the job, with a place
}

// turnTime is how long the workers run tasks of one job while other jobs wait.
const turnTime = 100 * time.Microsecond

// visit lets w run tasks of the job, and reports whether there were any. If a task exceeded its
// limit, w must wait for stray.
func (l *crewLease) visit(w *crewWorker) (worked bool, stray <-chan struct{}) {
	s := &l.seats[w.w]
	if !s.mu.TryLock() {
		return false, nil // a task that waits for the job runs tasks as this worker
	}
	defer s.mu.Unlock()
	if s.ctx == nil {
		s.ctx = &work.Place{Context: l.ctx, Core: &l.crew.core, Worker: w.w}
	}
	stray = l.serve(s.ctx, w.w, func() { worked = true; l.crew.found(w) })
	return worked, stray
}

// Help implements [work.Lease]. It runs the tasks on a new goroutine, so that a task that ends its
// goroutine does not end the task that waits.
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
		l.crew.core.Task(func() { l.serve(inner, at.Worker, func() { worked = true }) })
	})
	return worked
}

// serve runs tasks as worker w until the job has no more tasks for now, its turn has ended, or a
// task exceeded its limit. It calls found before the first task.
func (l *crewLease) serve(ctx context.Context, w int, found func()) (stray <-chan struct{}) {
	if !l.enter() {
		return nil
	}
	defer l.leave() // a task may end the goroutine
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
		// No worker was woken while this one was looking. There may be tasks of other jobs, or
		// tasks of this job that are not shared out yet, so this worker wakes the next one.
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

// claimable reports whether there is work for w. It ends the lease if the job is over.
func (l *crewLease) claimable(w int) bool {
	if !l.enter() {
		return false
	}
	defer l.leave()
	return l.fill(w) != nil
}

// leave reverses enter, and ends the lease if the job is over and no task is left.
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

// fill returns a range with unclaimed tasks for worker w, or nil. It wakes the workers that
// received tasks of their own.
func (l *crewLease) fill(w int) *work.Range {
	r, dealt := l.share(w)
	if dealt != nil {
		l.crew.wakeThese(dealt)
	}
	return r
}

// share fills the range of w, and returns the workers with new tasks of their own.
func (l *crewLease) share(w int) (r *work.Range, dealt []int) {
	l.mu.Lock()
	defer l.mu.Unlock() // a chunk policy may end the goroutine
	r = l.sharing.fill(l, w)
	dealt, l.dealt = l.dealt, nil
	return r, dealt
}

// next returns tasks to share out: as many as share returns for the number of spare tasks in a
// row, reduced by ration. The caller holds the lock.
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

// take takes all tasks that the job has now, perhaps none. It calls Take even after Over, since
// the job wakes its consumer when a worker finds nothing. The caller holds the lock.
func (l *crewLease) take() work.Span {
	s, state := l.job.Take(work.MaxTasks)
	l.took = state == work.Over
	return s
}

// ration returns how many of n tasks to share out now: all, or at most l.turn while there are
// other jobs. The caller holds the lock.
func (l *crewLease) ration(n int) int {
	if l.crew.active.Load() > 1 {
		l.turn = max(l.turn, l.job.Terms().Least())
		n = min(n, l.turn)
		l.begun = time.Now()
	}
	return n
}

// giveBack adds unclaimed tasks to the spare ones. The caller holds the lock.
func (l *crewLease) giveBack(s work.Span) {
	if s.Len() > 0 {
		l.spare = append(l.spare, s)
	}
}

// pace adapts l.turn to turnTime.
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

// recall takes back unclaimed tasks, so that workers soon visit another job.
func (l *crewLease) recall() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sharing.recall(l)
}

// Wake implements [work.Lease].
func (l *crewLease) Wake() { l.crew.wakeOne() }

// Stop implements [work.Lease]. It skips unclaimed tasks on the goroutine of the caller, since all
// workers may be busy for long, with other jobs or with tasks that wait for this one.
func (l *crewLease) Stop() {
	if l.enter() {
		l.outside.Lock()
		for r := l.fill(work.Outside); r != nil && l.job.Cancelled() != nil; r = l.fill(work.Outside) {
			l.job.Drain(l.ctx, r, work.Outside)
		}
		l.outside.Unlock()
		l.leave()
	}
}

// Wait implements [work.Lease].
func (l *crewLease) Wait() {
	l.Stop() // ends the lease if no worker visits it any more
	<-l.over
}

package inproc

import (
	"context"
	"sync"
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A crewLease is a crew at work on one job: the tasks that it took and no worker has claimed.
type crewLease struct {
	crew  *crew
	job   work.Job
	ctx   context.Context
	seats []seat
	over  chan struct{} // closed when the crew holds no task of the job any more

	mu      sync.Mutex
	sharing sharing
	spare   []work.Span // taken from the job and not shared out; the last is next
	took    bool        // Take returned Over
	dealt   []int       // workers with new tasks that no other takes, not woken yet
	inside  int         // goroutines that may be running tasks of the job
	ended   bool        // over is closed, or about to be
	turn    int         // tasks shared out at a time while there are other jobs
	begun   time.Time   // when something was last shared out in such a turn
}

// A sharing shares the tasks that were taken out among workers: the one thing in which
// strategies over a crew differ. The lease's lock is held during its calls; meanwhile workers
// claim from the ranges that it returned.
type sharing interface {
	// fill returns a range with unclaimed tasks for worker w, nil if there are none; for
	// work.Outside, tasks of any worker. It takes tasks to share out by l.next or l.take.
	fill(l *crewLease, w int) *work.Range
	// recall clears all ranges and gives unclaimed tasks back by l.giveBack.
	recall(l *crewLease)
	// left reports whether any task is shared out and unclaimed.
	left() bool
}

// A seat is one worker's place at a lease. It is locked while a goroutine runs tasks there,
// since the job allows one at a time.
type seat struct {
	mu  sync.Mutex
	ctx context.Context // of the tasks: the job's, with their place
}

// turnTime is how long a job keeps the workers while others wait.
const turnTime = 100 * time.Microsecond

// visit lets w run tasks of the job, and reports whether there were any. If one was left
// running at its limit, w must wait for it.
func (l *crewLease) visit(w *crewWorker) (worked bool, stray <-chan struct{}) {
	s := &l.seats[w.w]
	if !s.mu.TryLock() {
		return false, nil // a task's helper sits there
	}
	defer s.mu.Unlock()
	if s.ctx == nil {
		s.ctx = &work.Place{Context: l.ctx, Core: &l.crew.core, Worker: w.w}
	}
	stray = l.serve(s.ctx, w.w, func() { worked = true; l.crew.found(w) })
	return worked, stray
}

// Help implements [work.Lease]. It runs the tasks on a goroutine of its own, so that a task
// which ends its goroutine does not end the task that waits.
func (l *crewLease) Help(ctx context.Context) bool {
	at := work.PlaceOf(ctx, &l.crew.core)
	if at == nil {
		return false
	}
	at.Helping.Lock()
	defer at.Helping.Unlock()
	worked := false
	var wg sync.WaitGroup
	wg.Go(func() {
		s := &l.seats[at.Worker]
		s.mu.Lock()
		defer s.mu.Unlock()
		inner := &work.Place{Context: l.ctx, Core: &l.crew.core, Worker: at.Worker}
		l.serve(inner, at.Worker, func() { worked = true })
	})
	wg.Wait()
	return worked
}

// serve runs tasks as worker w, calling found before the first, until the job has no
// more for now, its turn is over, or a task was left running at its limit.
func (l *crewLease) serve(ctx context.Context, w int, found func()) (stray <-chan struct{}) {
	if !l.enter() {
		return nil
	}
	defer l.leave() // a task may end the goroutine
	if l.crew.stopped.Load() {
		l.job.Cancel(work.ErrClosed) // Stop is on its way here, and has let go of another job before
	}
	first := true
	for {
		r := l.fill(w)
		if r == nil {
			return nil
		}
		if first {
			found()
		}
		// A worker that has found work wakes the next to look for more, since none was woken
		// while this one was looking: there may be tasks of other jobs, or of this one that
		// are not shared out yet.
		if first || r.Len() > l.job.Terms().Least() {
			l.crew.wakeOne()
		}
		first = false
		if stray = l.job.Drain(ctx, r, w); stray != nil {
			return stray
		}
		if l.crew.active.Load() > 1 {
			l.pace()
			return nil
		}
	}
}

// claimable reports whether there is work for w, and ends the lease if there never will be
// any for any worker.
func (l *crewLease) claimable(w int) bool {
	if !l.enter() {
		return false
	}
	defer l.leave()
	return l.fill(w) != nil
}

func (l *crewLease) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return false
	}
	l.inside++
	return true
}

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

func (l *crewLease) fill(w int) *work.Range {
	l.mu.Lock()
	r := l.sharing.fill(l, w)
	dealt := l.dealt
	l.dealt = nil
	l.mu.Unlock()
	if dealt != nil {
		l.crew.wakeThese(dealt)
	}
	return r
}

// next returns tasks to share out: the number that share returns for those there are, and at
// most a turn's worth while there are other jobs. The lock is held.
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

// take takes the tasks that the job has, perhaps none. It calls Take again even after Over, by
// which the job learns that a worker goes idle. The lock is held.
func (l *crewLease) take() work.Span {
	s, state := l.job.Take(work.MaxTasks)
	l.took = state == work.Over
	return s
}

// ration returns the number of n tasks to share out now: at most a turn's worth while there
// are other jobs. The lock is held.
func (l *crewLease) ration(n int) int {
	if l.crew.active.Load() > 1 {
		l.turn = max(l.turn, l.job.Terms().Least())
		n = min(n, l.turn)
		l.begun = time.Now()
	}
	return n
}

// giveBack takes back tasks that were shared out and not claimed. The lock is held.
func (l *crewLease) giveBack(s work.Span) {
	if s.Len() > 0 {
		l.spare = append(l.spare, s)
	}
}

// pace adapts the size of a turn to turnTime.
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

// recall takes back unclaimed tasks, so that workers come round to another job.
func (l *crewLease) recall() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sharing.recall(l)
}

// Wake implements [work.Lease].
func (l *crewLease) Wake() { l.crew.wakeOne() }

// Stop implements [work.Lease]. All workers may be busy for long, with tasks of other jobs or
// with tasks that wait as this caller does, so the caller itself skips unclaimed tasks.
func (l *crewLease) Stop() {
	if l.enter() {
		for {
			r := l.fill(work.Outside)
			if r == nil || l.job.Cancelled() == nil {
				break
			}
			l.job.Drain(l.ctx, r, work.Outside)
		}
		l.leave()
	}
}

// Wait implements [work.Lease].
func (l *crewLease) Wait() {
	l.Stop() // no worker may come by to see that all is over
	<-l.over
}

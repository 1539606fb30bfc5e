package inproc

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// GIL returns a pool with one lock for all its workers. A worker holds the lock while it runs a
// task, and releases it while the task waits in [Blocking]. The pool thus models the global
// interpreter lock of CPython and similar locks: tasks that compute run one at a time, while tasks
// that wait do not delay others.
//
// In CPython the lock passes to another thread when its holder waits, or 5 ms after the other
// thread requested it (Beazley, Understanding the Python GIL, 2010; Python/ceval_gil.c). GIL cannot
// interrupt a task, so the lock passes between two chunks after 5 ms, or later if a chunk takes
// longer. Goroutines that a task starts run without the lock.
func GIL(workers int) work.Executor {
	c := &crew{core: work.Core{Name: "gil"}, lock: &runLock{token: make(chan struct{}, 1)}, share: newCounter}
	return c.hire(workers)
}

// Blocking calls f, a function that waits for something. ctx is the context of the calling task.
// While f waits in a running task of a [GIL] executor, other tasks run. In all other cases,
// Blocking has no effect except the call of f.
func Blocking(ctx context.Context, f func()) {
	if h, ok := ctx.Value(holdKey{}).(*hold); ok {
		h.pause()
		defer h.resume() // f may panic
	}
	f()
}

// switchInterval is how long a worker keeps the lock while another worker waits for it, as in
// CPython.
const switchInterval = 5 * time.Millisecond

// A runLock is the lock that a worker of GIL holds while it runs tasks. Waiting workers receive the
// lock in the order of their arrival. A runLock is a channel and not a mutex, so that the worker of
// a cancelled job can stop waiting for it.
type runLock struct {
	token  chan struct{} // capacity 1; full while a worker holds the lock
	wanted atomic.Int32  // number of workers that wait for the lock
}

// take waits for the lock and returns true. It returns false if done is closed first.
func (l *runLock) take(done <-chan struct{}) bool {
	l.wanted.Add(1)
	defer l.wanted.Add(-1)
	select {
	case l.token <- struct{}{}:
		return true
	case <-done:
		return false
	}
}

func (l *runLock) free() { <-l.token }

// A hold stands for the time during which one worker of GIL keeps the lock and runs one or several
// chunks. Calls of Blocking within a task find the hold in the context of the task, under the key
// holdKey.
type hold struct {
	lock  *runLock
	since time.Time

	mu     sync.Mutex
	pauses int  // number of running calls of Blocking; several goroutines of a task may call it
	over   bool // the worker has called the method end
}

type holdKey struct{}

// pause is called when a task begins to wait in Blocking. It releases the lock, unless another
// goroutine of the task has released it already.
func (h *hold) pause() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pauses++; h.pauses == 1 && !h.over {
		h.lock.free()
	}
}

// resume is called when a wait in Blocking ends. It takes the lock again, unless another goroutine
// of the task is still in Blocking.
func (h *hold) resume() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pauses--; h.pauses == 0 && !h.over {
		h.lock.take(nil)
		h.since = time.Now()
	}
}

// end ends the hold h. It releases the lock, unless a wait in Blocking has released it already.
func (h *hold) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over = true; h.pauses == 0 { // if pauses > 0, pause has released the lock
		h.lock.free()
	}
}

// due reports whether the worker of h should pass the lock on: another worker waits for it, and the
// worker of h has kept it for at least switchInterval.
func (h *hold) due() bool {
	if h.lock.wanted.Load() == 0 {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Since(h.since) >= switchInterval
}

// A lockedJob wraps a job so that its tasks run under the lock of GIL.
type lockedJob struct {
	work.Job
	core *work.Core
	lock *runLock
}

func (j *lockedJob) Drain(ctx context.Context, r *work.Range, w int) (stray <-chan struct{}) {
	if w == work.Outside {
		return j.Job.Drain(ctx, r, w)
	}
	size := j.Terms().Sizer(r.Len(), j.core.Workers)
	own := new(work.Range)
	for r.Len() > 0 {
		j.hold(ctx, r, own, &size, w)
	}
	return nil // Start refuses jobs with a limit, so there is no stray
}

// hold takes the lock and runs chunks of r, as worker w, until r is empty or the lock should pass
// to another worker. It moves one chunk at a time from r to the range own. While hold waits for the
// lock, all tasks stay in r, so that another goroutine can skip them if the job is cancelled.
func (j *lockedJob) hold(ctx context.Context, r, own *work.Range, size *chunk.Sizer, w int) {
	if !j.lock.take(ctx.Done()) {
		j.Cancel(context.Cause(ctx)) // no effect if the job is already cancelled
		j.Job.Drain(ctx, r, w)
		return
	}
	h := &hold{lock: j.lock, since: time.Now()}
	defer h.end() // deferred, since a task may call Goexit
	inner := context.WithValue(ctx, holdKey{}, h)
	defer func() { // after a Goexit, tasks of the chunk may be left to claim, since the policy may divide the chunk again
		for own.Len() > 0 {
			apart(func() { j.core.Task(w, func() { j.Job.Drain(inner, own, w) }) })
		}
	}()
	for {
		s := r.Claim(size.Next(r.Len()))
		if s.Len() == 0 {
			return
		}
		own.Set(s)
		if j.Job.Drain(inner, own, w); h.due() {
			return
		}
	}
}

package inproc

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// GIL returns a pool under one global lock that a worker holds while it runs a task, and
// releases while the task waits in [Blocking]: the effect that the lock of CPython, and of
// other interpreters, has on tasks that compute, and has not on tasks that wait.
//
// CPython's lock changes hands when its holder waits, or 5 ms after another thread has
// asked for it, wherever the holder is (Beazley, Understanding the Python GIL, 2010;
// Python/ceval_gil.c). Here a task cannot be interrupted: the lock changes hands between
// chunks, once 5 ms are over, and so later than that where a chunk takes longer.
// Goroutines that a task starts are not under the lock.
func GIL(workers int) work.Executor {
	c := &crew{core: work.Core{Name: "gil"}, lock: newRunLock(), share: newCounter}
	return c.hire(workers)
}

// Blocking calls f, which waits for something. Under [GIL] other tasks run meanwhile; with any
// other executor, or none, it only calls f. The context is the task's own; it has no effect
// once the task has ended.
func Blocking(ctx context.Context, f func()) {
	if h, ok := ctx.Value(holdKey{}).(*hold); ok {
		h.pause()
		defer h.resume() // f may panic
	}
	f()
}

// switchInterval is how long a worker keeps the lock that another wants, as in CPython.
const switchInterval = 5 * time.Millisecond

// A worker holds the runLock while it runs tasks. Waiting workers get it in the order in
// which they came. It is a channel, not a mutex, so that a cancelled job does not wait for it.
type runLock struct {
	token  chan struct{} // capacity 1: full while a worker has the lock
	wanted atomic.Int32  // workers that wait
}

func newRunLock() *runLock { return &runLock{token: make(chan struct{}, 1)} }

// take takes the lock; false means that done came first.
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

// A hold is one worker's holding of the lock, for one chunk or several. Tasks find it in
// their context.
type hold struct {
	lock  *runLock
	since time.Time

	mu     sync.Mutex
	pauses int  // calls of Blocking under way: a task may have goroutines
	over   bool // the chunk has ended
}

type holdKey struct{}

// pause lets go of the lock while a task waits.
func (h *hold) pause() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pauses++; h.pauses == 1 && !h.over {
		h.lock.free()
	}
}

// resume takes the lock again, unless other goroutines of the task still wait.
func (h *hold) resume() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pauses--; h.pauses == 0 && !h.over {
		h.lock.take(nil)
		h.since = time.Now()
	}
}

// end lets go of the lock when the chunk has ended.
func (h *hold) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over = true; h.pauses == 0 { // else a goroutine of a task that has ended still waits
		h.lock.free()
	}
}

// due reports whether another worker should have the lock now.
func (h *hold) due() bool {
	if h.lock.wanted.Load() == 0 {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Since(h.since) >= switchInterval
}

// A lockedJob drains under the lock.
type lockedJob struct {
	work.Job
	lock    *runLock
	workers int
}

func (j *lockedJob) Drain(ctx context.Context, r *work.Range, w int) (stray <-chan struct{}) {
	if w == work.Outside {
		return j.Job.Drain(ctx, r, w)
	}
	size := j.Terms().Sizer(r.Len(), j.workers)
	own := new(work.Range)
	for r.Len() > 0 {
		j.hold(ctx, r, own, &size, w)
	}
	return nil // jobs with a limit are refused
}

// hold runs chunks from r until r is empty or another worker should have the lock. Nothing
// is claimed before the lock is there, so that a cancelled job need not wait for it.
func (j *lockedJob) hold(ctx context.Context, r, own *work.Range, size *chunk.Sizer, w int) {
	if !j.lock.take(ctx.Done()) {
		j.Cancel(context.Cause(ctx)) // if that has not been done yet
		j.Job.Drain(ctx, r, w)
		return
	}
	h := &hold{lock: j.lock, since: time.Now()}
	defer h.end() // a task may end the goroutine
	inner := context.WithValue(ctx, holdKey{}, h)
	defer func() { // before all of the chunk is claimed, where a policy cuts it again
		for own.Len() > 0 {
			var wg sync.WaitGroup
			wg.Go(func() { j.Job.Drain(inner, own, w) })
			wg.Wait()
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

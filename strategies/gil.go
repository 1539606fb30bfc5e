package strategies

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// GILStrategy is a pool under one global lock that whoever runs a task holds, and lets go
// of while the task waits in [Wait] or [Blocking]: what the lock of CPython, and of other
// interpreters, does to tasks that compute, and does not do to tasks that wait.
//
// CPython's lock changes hands when its holder waits, or 5 ms after another thread has
// asked for it, wherever the holder is (Beazley, Understanding the Python GIL, 2010;
// Python/ceval_gil.c). Here a task cannot be interrupted: the lock changes hands between
// chunks, once 5 ms are over, and so later than that where a chunk takes longer.
// Goroutines that a task starts are not under the lock.
func GILStrategy() Strategy {
	return Strategy{
		Name:         "gil",
		Doc:          "a pool under one lock that is released while a task waits, as an interpreter's lock is",
		Capabilities: Capabilities{Parallel: true, Balances: true, Exclusive: true},
		New: func(_ context.Context, c Config) (Executor, error) {
			n, err := c.WorkerCount()
			if err != nil {
				return nil, err
			}
			crew := &crew{name: "gil", flat: true, lock: newRunLock(), share: newCounter}
			return crew.hire(n), nil
		},
	}
}

// switchInterval is how long a worker keeps the lock that another wants, as in CPython.
const switchInterval = 5 * time.Millisecond

// A runLock is what a worker holds while it runs tasks. Those who wait for it get it in
// the order in which they came. It is a channel, and no mutex, so that a cancelled job
// does not wait for it.
type runLock struct {
	token  chan struct{} // capacity 1: full while somebody has the lock
	wanted atomic.Int32  // how many wait
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
	Job
	lock    *runLock
	workers int
}

func (j *lockedJob) Drain(ctx context.Context, r *Range, w int) (n int) {
	if w == outside {
		return j.Job.Drain(ctx, r, w)
	}
	size := j.Options().sizer(r.Len(), j.workers)
	own := new(Range)
	for r.Len() > 0 {
		n += j.hold(ctx, r, own, &size, w)
	}
	return n
}

// hold runs chunks from r until r is empty or another worker should have the lock. Nothing
// is claimed before the lock is there, so that a cancelled job need not wait for it.
func (j *lockedJob) hold(ctx context.Context, r, own *Range, size *sizer, w int) (n int) {
	if !j.lock.take(ctx.Done()) {
		j.Cancel(context.Cause(ctx)) // if that has not been done yet
		return j.Job.Drain(ctx, r, w)
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
		s := r.Claim(size.size(r))
		if s.Len() == 0 {
			return n
		}
		own.Set(s)
		if n += j.Job.Drain(inner, own, w); h.due() {
			return n
		}
	}
}

// underLock returns a future's function and context under the lock.
func underLock[In, Out any](l *runLock, f func(context.Context, In) (Out, error), ctx context.Context) (func(context.Context, In) (Out, error), context.Context) {
	h := &hold{lock: l}
	return func(ctx context.Context, in In) (Out, error) {
		var none Out
		if !l.take(ctx.Done()) {
			return none, context.Cause(ctx)
		}
		h.since = time.Now()
		defer h.end()
		if ctx.Err() != nil { // both came
			return none, context.Cause(ctx)
		}
		return f(ctx, in)
	}, context.WithValue(ctx, holdKey{}, h)
}

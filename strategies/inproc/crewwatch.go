package inproc

import (
	"context"
	"slices"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A watch holds queued singles (jobs of one task) that have the same context. When the context
// ends, the watch cancels the singles that have not started, even if all workers are busy. One
// [context.AfterFunc] serves all these singles, since an AfterFunc for each would cost more than
// the single itself.
type watch struct {
	tasks []work.Single // queued singles; some may have started
	kept  int           // len(tasks) after the method sweep last removed singles
	stop  func() bool
}

// sweepFrom says when the crew removes singles (jobs of one task) that have started from its
// watches: at the earliest when a watch has this many singles, or when there are this many watches.
const sweepFrom = 64

// watch adds s, a single (a job of one task), to the watch for the context of s, and returns true.
// done is the Done channel of this context. If the context has no watch yet, fresh becomes its
// watch. If fresh is nil too, watch does nothing and returns false. The caller holds the lock.
func (c *crew) watch(done <-chan struct{}, s work.Single, fresh *watch) bool {
	w := c.watches[done]
	if w == nil {
		if fresh == nil {
			return false
		}
		if c.watches == nil {
			c.watches = map[<-chan struct{}]*watch{}
		}
		w, c.watches[done] = fresh, fresh
	}
	if len(w.tasks) >= max(sweepFrom, 2*w.kept) {
		w.sweep()
	}
	w.tasks = append(w.tasks, s)
	return true
}

// enqueueWatched does the work of enqueue for a single whose context has no watch yet: it first
// creates the watch. This calls methods of the context, which may be code of the user, so
// enqueueWatched does not hold the lock during these calls.
func (c *crew) enqueueWatched(ctx context.Context, done <-chan struct{}, s work.Single) (w *crewWorker, err error) {
	c.mu.Lock()
	var over []*watch
	if len(c.watches) >= max(sweepFrom, 2*c.watchesKept) {
		over = c.sweep()
	}
	c.mu.Unlock()
	end(over)
	fresh := new(watch)
	fresh.stop = context.AfterFunc(ctx, func() { c.expire(done, fresh, context.Cause(ctx)) })
	w, _, err = c.enqueue(s, done, fresh)
	c.mu.Lock()
	unused := c.watches[done] != fresh
	c.mu.Unlock()
	switch {
	case unused:
		end([]*watch{fresh})
	case ctx.Err() != nil: // perhaps the context ended before fresh was in use
		c.expire(done, fresh, context.Cause(ctx))
	}
	return w, err
}

// sweep removes from w the singles (jobs of one task) that have started.
func (w *watch) sweep() {
	w.tasks = slices.DeleteFunc(w.tasks, func(s work.Single) bool { return !s.Waiting() })
	w.kept = len(w.tasks)
}

// expire is called when the context of the singles (jobs of one task) in w has ended. It cancels
// the singles that have not started, with the given cause.
func (c *crew) expire(done <-chan struct{}, w *watch, cause error) {
	c.mu.Lock()
	if c.watches[done] == w {
		delete(c.watches, done)
	}
	tasks := w.tasks
	w.tasks = nil
	c.mu.Unlock()
	for _, s := range tasks {
		if s.Waiting() {
			s.Cancel(cause)
		}
	}
	c.dropped()
}

// unwatch removes the singles (jobs of one task) that have started from the watches, so that an
// idle crew keeps no single in memory. It does nothing while a single is queued. It removes and
// returns the watches that are then empty; the caller passes them to the function end. The caller
// holds the lock.
func (c *crew) unwatch() (over []*watch) {
	if c.singles.len() > 0 {
		return nil
	}
	return c.sweep()
}

// sweep removes the singles (jobs of one task) that have started from all watches. It removes and
// returns the watches that are then empty; the caller passes them to the function end. The caller
// holds the lock.
func (c *crew) sweep() (over []*watch) {
	for done, w := range c.watches {
		if w.sweep(); len(w.tasks) == 0 {
			over = append(over, w)
			delete(c.watches, done)
		}
	}
	c.watchesKept = len(c.watches)
	return over
}

// end frees watches that are no longer in use. This calls functions of their contexts, which may be
// code of the user, so the caller must not hold the lock.
func end(over []*watch) {
	for _, w := range over {
		w.stop()
	}
}

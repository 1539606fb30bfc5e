package inproc

import (
	"context"
	"slices"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A watch holds queued singles (jobs of one task) with the same context. When the context ends, the
// watch cancels the singles that have not started, even if all workers are busy. All singles with
// one context share one [context.AfterFunc], since an AfterFunc for each single would cost more
// than the single.
type watch struct {
	tasks []work.Single // queued singles; some may have started
	kept  int           // len(tasks) after the last sweep
	stop  func() bool
}

// sweepFrom is the length of a watch, and the number of watches, from which singles (jobs of one task)
// that have started are removed.
const sweepFrom = 64

// watch arranges that s is cancelled if ctx ends before s has started. done is ctx.Done(). The
// caller holds the lock.
func (c *crew) watch(ctx context.Context, done <-chan struct{}, s work.Single) {
	w := c.watches[done]
	if w == nil {
		if c.watches == nil {
			c.watches = map[<-chan struct{}]*watch{}
		}
		if len(c.watches) >= max(sweepFrom, 2*c.watchesKept) {
			c.sweep()
		}
		w = new(watch)
		c.watches[done] = w
		w.stop = context.AfterFunc(ctx, func() { c.expire(done, w, context.Cause(ctx)) })
	}
	if len(w.tasks) >= max(sweepFrom, 2*w.kept) {
		w.sweep()
	}
	w.tasks = append(w.tasks, s)
}

// sweep removes the singles (jobs of one task) that have started.
func (w *watch) sweep() {
	w.tasks = slices.DeleteFunc(w.tasks, func(s work.Single) bool { return !s.Waiting() })
	w.kept = len(w.tasks)
}

// expire cancels the singles (jobs of one task) in w, whose context has ended.
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

// unwatch forgets the singles (jobs of one task) that have started: it removes them from the watches,
// which cancel queued singles when a context ends. It does nothing while a single is queued. An idle
// crew thus keeps no single in memory. The caller holds the lock.
func (c *crew) unwatch() {
	if c.singles.len() == 0 {
		c.sweep()
	}
}

// sweep removes the singles (jobs of one task) that have started from all watches, and the watches
// that are then empty. The caller holds the lock.
func (c *crew) sweep() {
	for done, w := range c.watches {
		if w.sweep(); len(w.tasks) == 0 {
			w.stop()
			delete(c.watches, done)
		}
	}
	c.watchesKept = len(c.watches)
}

package inproc

import (
	"context"
	"slices"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A crew keeps singles (jobs of one task) in a queue, since a lease for each single would often
// cost more than the task.

// A handful holds up to 32 singles (jobs of one task) that a worker took from the queue of a crew.
// Other workers may steal tasks from a handful. A handful is never refilled, so a worker needs no
// lock to read the tasks that it has claimed.
type handful struct {
	rest  work.Range
	tasks [handfulSize]work.Single
}

const handfulSize = 32

// singles is a queue of singles, which are jobs of one task. The crew's lock guards it.
type singles struct {
	queue []work.Single
	head  int
}

func (q *singles) len() int { return len(q.queue) - q.head }

func (q *singles) push(s work.Single) {
	if q.head > 0 && q.head == len(q.queue) {
		q.queue, q.head = q.queue[:0], 0
	}
	q.queue = append(q.queue, s)
}

// pop removes one worker's share of the queue. If the share is one task, pop returns it as alone,
// else as the handful h. Both results are nil if the queue is empty.
func (q *singles) pop(workers int) (h *handful, alone work.Single) {
	n := min((q.len()+workers-1)/workers, handfulSize)
	h, alone = newHandful(q.queue[q.head : q.head+n])
	clear(q.queue[q.head : q.head+n])
	q.head += n
	if q.head > len(q.queue)/2 && q.head > 1<<10 { // move the rest to the front to reuse the space
		n := copy(q.queue, q.queue[q.head:])
		clear(q.queue[n:])
		q.queue, q.head = q.queue[:n], 0
	}
	return h, alone
}

// newHandful returns a handful h of the given singles (jobs of one task). If there is only one, it
// returns this single as alone. Both results are nil if there are no tasks.
func newHandful(tasks []work.Single) (h *handful, alone work.Single) {
	switch len(tasks) {
	case 0:
		return nil, nil
	case 1:
		return nil, tasks[0]
	}
	h = new(handful)
	h.rest.Set(work.Span{Lo: 0, Hi: copy(h.tasks[:], tasks)})
	return h, nil
}

// Submit implements [work.Executor]. It gives s to a sleeping worker, or queues s if no worker
// sleeps. A crew whose workers share a lock (GIL) calls Start for s instead, so that s waits for
// the lock like any other job.
func (c *crew) Submit(ctx context.Context, s work.Single) (work.Lease, error) {
	if c.lock != nil {
		return c.Start(ctx, s)
	}
	if err := c.core.Unnested(ctx); err != nil {
		return nil, err
	}
	if c.keyed != nil {
		return nil, c.post(s)
	}
	done := ctx.Done()
	w, queued, err := c.enqueue(s, done, nil)
	if err == nil && !queued { // no watch exists for ctx yet
		w, err = c.enqueueWatched(ctx, done, s)
	}
	if w != nil {
		w.given = s
		w.wake <- struct{}{}
	}
	return nil, err
}

// enqueue removes a sleeping worker from the list and returns it as w; the caller gives s to w. If
// no worker sleeps, enqueue queues s and adds it to a watch, which cancels s when the channel done
// is closed. If the crew has no watch for done, the argument fresh becomes this watch. If fresh is
// nil too, enqueue does nothing and returns ok = false; the caller then makes a watch and calls
// enqueue again. err is ErrClosed if the crew is closed.
func (c *crew) enqueue(s work.Single, done <-chan struct{}, fresh *watch) (w *crewWorker, ok bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, false, work.ErrClosed
	}
	if w, ok := c.idle.Take(); ok {
		return w, true, nil
	}
	if done != nil && !c.watch(done, s, fresh) {
		return nil, false, nil
	}
	c.singles.push(s)
	if c.singles.len() == 1 {
		c.queued.Store(true)
	}
	return nil, true, nil
}

// post queues s, a job of one task, for the worker that the key of the task selects. If the kernel
// has no key function, post chooses workers round robin. If the key function panics or calls
// Goexit, the task fails.
func (c *crew) post(s work.Single) error {
	v, err := route(c, s)
	if err != nil {
		if span, state := s.Take(1); state == work.Ready {
			by := work.By{Worker: work.Outside}
			s.Fail(0, by, err)
			s.Finish(span, by)
		}
		return nil
	}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return work.ErrClosed
	}
	c.workers[v].mail.push(s)
	c.mu.Unlock()
	c.wakeThese([]int{v})
	return nil
}

// runSingles runs the singles (jobs of one task) that worker w can find: in the queue, or in
// handfuls, the small groups that other workers took from the queue. It reports whether it ran any.
func (c *crew) runSingles(w *crewWorker) (worked bool) {
	if s := w.given; s != nil {
		w.given = nil
		c.runSingle(s, w)
		worked = true
	}
	for h := w.hand.Load(); ; h = w.hand.Load() {
		if h != nil {
			if s := h.rest.Claim(1); s.Len() > 0 {
				c.runSingle(h.tasks[s.Lo], w)
				worked = true
				continue
			}
		}
		if h != nil {
			w.hand.Store(nil) // drops the references to the singles
			c.hands.Add(-1)
		}
		h, alone := c.takeSingles(w)
		switch {
		case alone != nil:
			c.runSingle(alone, w)
		case h != nil:
			w.hand.Store(h)
			c.hands.Add(1)
			c.wakeOne()
		default:
			return worked
		}
		worked = true
		if c.active.Load() > 0 {
			return true // let workers visit the leases of jobs too
		}
	}
}

func (c *crew) runSingle(s work.Single, w *crewWorker) {
	if w.looking {
		// While this worker was looking for work, no other worker was woken, and there may be more
		// work.
		c.found(w)
		if c.queued.Load() || c.active.Load() > 0 {
			c.wakeOne()
		}
	}
	if c.stopped.Load() {
		s.Cancel(work.ErrClosed)
	} else {
		s.Run(w.w)
	}
}

// dropSingles cancels all singles (jobs of one task) that have not started, even if all workers are
// busy.
func (c *crew) dropSingles() {
	var left []work.Single
	c.mu.Lock()
	left = append(left, c.singles.queue[c.singles.head:]...)
	c.singles = singles{}
	c.queued.Store(false)
	for _, w := range c.workers {
		left = append(left, w.mail.queue[w.mail.head:]...)
		w.mail = singles{}
	}
	c.mu.Unlock()
	for _, w := range c.workers {
		if h := w.hand.Load(); h != nil {
			s := h.rest.Clear()
			left = append(left, h.tasks[s.Lo:s.Hi]...)
		}
	}
	for _, s := range left {
		s.Cancel(work.ErrClosed)
	}
	c.mu.Lock()
	c.settle() // called here since no worker may be free to call it
	c.mu.Unlock()
}

// singlesWait reports whether a single (job of one task) waits for a worker. It also drops the
// singles that were cancelled. It is called only while every worker waits for a task past its time
// limit, and the caller holds the lock.
func (c *crew) singlesWait() bool {
	left := slices.Clone(c.singles.queue[c.singles.head:])
	for _, w := range c.workers {
		if h := w.hand.Load(); h != nil {
			s := h.rest.Clear()
			left = append(left, h.tasks[s.Lo:s.Hi]...)
		}
	}
	left = slices.DeleteFunc(left, func(s work.Single) bool { return !s.Waiting() })
	c.singles = singles{queue: left}
	c.queued.Store(len(left) > 0)
	return len(left) > 0
}

// dropped is called after a single (job of one task) was cancelled. The single may have been the
// last work of a closed crew whose workers are all blocked by tasks past their time limit. So
// dropped checks whether Close and Stop can now return.
func (c *crew) dropped() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
}

// takeSingles removes singles (jobs of one task) for worker w: a share of the queue or, if that is
// empty, half of the handful of another worker. It returns several singles as the handful h, and
// one single as alone. Both results are nil if there are no singles.
func (c *crew) takeSingles(w *crewWorker) (h *handful, alone work.Single) {
	if c.keyed != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		return w.mail.pop(1)
	}
	if c.queued.Load() {
		c.mu.Lock()
		h, alone = c.singles.pop(len(c.workers))
		c.queued.Store(c.singles.len() > 0)
		c.mu.Unlock()
	}
	for v := 1; c.hands.Load() > 0 && v < len(c.workers) && h == nil && alone == nil; v++ {
		other := c.workers[(w.w+v)%len(c.workers)].hand.Load()
		if other == nil {
			continue
		}
		s := other.rest.Steal(func(unclaimed int) int { return (unclaimed + 1) / 2 })
		h, alone = newHandful(other.tasks[s.Lo:s.Hi])
	}
	return h, alone
}

// singlesLeft reports whether worker w would find a single (job of one task) to run.
func (c *crew) singlesLeft(w *crewWorker) bool {
	if c.keyed != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		return w.mail.len() > 0
	}
	return c.queued.Load() || c.hands.Load() > 0 && slices.ContainsFunc(c.workers, func(w *crewWorker) bool {
		h := w.hand.Load()
		return h != nil && h.rest.Len() > 0
	})
}

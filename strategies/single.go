package strategies

import (
	"slices"
	"sync/atomic"
)

// A single is a job of one task that knows how to run itself: a future. A crew keeps
// singles in a queue beside its leases, since a lease for each would cost more than
// many a task.
type single interface {
	Job
	// start runs the task as worker w, unless it has started or was cancelled. If the
	// task calls Goexit the goroutine ends with its outcome recorded.
	start(w int)
}

// A handful is singles that a worker took from the queue at a time. Others may steal
// from it. It is never filled again, so that who claimed from it can read it at ease.
type handful struct {
	rest  Range
	tasks [handfulSize]single
}

const handfulSize = 32

// singles is the queue of a crew, under its lock.
type singles struct {
	queue []single
	head  int
}

func (q *singles) len() int { return len(q.queue) - q.head }

func (q *singles) push(s single) {
	if q.head > 0 && q.head == len(q.queue) {
		q.queue, q.head = q.queue[:0], 0
	}
	q.queue = append(q.queue, s)
}

// pop takes a worker's part of the queue: one single by itself, more as a handful.
func (q *singles) pop(workers int) (h *handful, one single) {
	n := min((q.len()+workers-1)/workers, handfulSize)
	h, one = newHandful(q.queue[q.head : q.head+n])
	clear(q.queue[q.head : q.head+n])
	q.head += n
	if q.head > len(q.queue)/2 && q.head > 1<<10 { // do not grow for ever behind the head
		n := copy(q.queue, q.queue[q.head:])
		clear(q.queue[n:])
		q.queue, q.head = q.queue[:n], 0
	}
	return h, one
}

func newHandful(tasks []single) (h *handful, one single) {
	switch len(tasks) {
	case 0:
		return nil, nil
	case 1:
		return nil, tasks[0]
	}
	h = new(handful)
	h.rest.Set(Span{0, copy(h.tasks[:], tasks)})
	return h, nil
}

// submit gives a single to a worker that sleeps, or queues it if none does.
func (c *crew) submit(s single) error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return ErrClosed
	}
	if n := len(c.idle); n > 0 {
		w := c.idle[n-1]
		c.idle = c.idle[:n-1]
		c.asleep.Add(-1)
		c.mu.Unlock()
		w.given = s
		w.wake <- struct{}{}
		return nil
	}
	c.singles.push(s)
	if c.singles.len() == 1 {
		c.queued.Store(true)
	}
	c.mu.Unlock()
	return nil
}

// post queues a single for worker v alone.
func (c *crew) post(s single, v int) error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return ErrClosed
	}
	c.workers[v].mail.push(s)
	c.mu.Unlock()
	c.wakeThese([]int{v})
	return nil
}

// runSingles runs singles from the queue, or another's, and reports whether there were
// any.
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
		h, one := c.takeSingles(w)
		switch {
		case one != nil:
			c.runSingle(one, w)
		case h != nil:
			w.hand.Store(h)
			c.wakeOne()
		default:
			return worked
		}
		worked = true
		if c.active.Load() > 0 {
			return true // jobs want their turn
		}
	}
}

func (c *crew) runSingle(s single, w *crewWorker) {
	if w.looking {
		// Nobody was woken while this worker was looking, and there may be more.
		c.found(w)
		if c.queued.Load() || c.active.Load() > 0 {
			c.wakeOne()
		}
	}
	if c.stopped.Load() {
		s.Cancel(ErrClosed)
	} else {
		s.start(w.w)
	}
}

// dropSingles cancels the singles that nobody has started, even if all workers are busy.
func (c *crew) dropSingles() {
	var left []single
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
		s.Cancel(ErrClosed)
	}
}

// takeSingles takes w's part of the queue, or half of what another worker has: one single
// by itself, more as a handful.
func (c *crew) takeSingles(w *crewWorker) (h *handful, one single) {
	if c.keyed != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		return w.mail.pop(1)
	}
	if c.queued.Load() {
		c.mu.Lock()
		h, one = c.singles.pop(len(c.workers))
		c.queued.Store(c.singles.len() > 0)
		c.mu.Unlock()
	}
	for v := 1; v < len(c.workers) && h == nil && one == nil; v++ {
		other := c.workers[(w.w+v)%len(c.workers)].hand.Load()
		if other == nil {
			continue
		}
		s := other.rest.Steal(func(unclaimed int) int { return (unclaimed + 1) / 2 })
		h, one = newHandful(other.tasks[s.Lo:s.Hi])
	}
	return h, one
}

// singlesLeft reports whether runSingles would find any for w.
func (c *crew) singlesLeft(w *crewWorker) bool {
	if c.keyed != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		return w.mail.len() > 0
	}
	return c.queued.Load() || slices.ContainsFunc(c.workers, func(w *crewWorker) bool {
		h := w.hand.Load()
		return h != nil && h.rest.Len() > 0
	})
}

// A hand is the handful that a worker is at.
type hand = atomic.Pointer[handful]

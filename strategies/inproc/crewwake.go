package inproc

import "slices"

// park sleeps until there may be work. It returns false when the pool has ended.
//
// A goroutine that makes tasks claimable publishes them first and reads asleep and looking
// after; a worker writes those first and looks for tasks after. So one of the two sees the
// other, and no wake-up is lost.
func (c *crew) park(w *crewWorker) (more bool) {
	c.found(w)
	c.mu.Lock()
	if c.closed && len(c.leases) == 0 && c.singles.len() == 0 && w.mail.len() == 0 {
		c.mu.Unlock()
		return false
	}
	c.idle = append(c.idle, w)
	c.asleep.Add(1)
	leases := c.leases
	c.mu.Unlock()
	if c.singlesLeft(w) && c.unpark(w) {
		return true
	}
	for _, l := range leases {
		if l.claimable(w.w) && c.unpark(w) {
			return true
		}
	}
	<-w.wake
	return true
}

// unpark takes w back from the idle workers; false means that w was just woken, so that there
// is a token to take.
func (c *crew) unpark(w *crewWorker) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.Index(c.idle, w)
	if i < 0 {
		return false
	}
	c.idle = slices.Delete(c.idle, i, i+1)
	c.asleep.Add(-1)
	return true
}

// found ends w's looking, whether it found work or goes to sleep.
func (c *crew) found(w *crewWorker) {
	if w.looking {
		w.looking = false
		c.looking.Add(-1)
	}
}

// wakeOne wakes a worker unless one is looking for work already: that one wakes the
// next if it finds more than it can do.
func (c *crew) wakeOne() {
	if c.asleep.Load() == 0 || c.looking.Load() > 0 {
		return
	}
	c.mu.Lock()
	w := c.rouse()
	c.mu.Unlock()
	if w != nil {
		w.wake <- struct{}{}
	}
}

// rouse takes a worker from the idle ones to look for work, nil if there is none or one
// is looking already. The caller, who holds c.mu, sends it its token after letting go.
func (c *crew) rouse() *crewWorker {
	n := len(c.idle)
	if n == 0 || c.looking.Load() > 0 {
		return nil
	}
	w := c.idle[n-1]
	c.idle = c.idle[:n-1]
	c.asleep.Add(-1)
	c.looking.Add(1)
	w.looking = true
	return w
}

// wakeThese wakes those of the workers that sleep: each has new tasks that no other takes.
func (c *crew) wakeThese(workers []int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, v := range workers {
		w := c.workers[v]
		if i := slices.Index(c.idle, w); i >= 0 {
			c.idle = slices.Delete(c.idle, i, i+1)
			c.asleep.Add(-1)
			w.wake <- struct{}{}
		}
	}
}

// wakeAll wakes every worker that sleeps; c.mu is held.
func (c *crew) wakeAll() {
	for _, w := range c.idle {
		w.wake <- struct{}{}
	}
	c.asleep.Add(-int32(len(c.idle)))
	c.idle = nil
}

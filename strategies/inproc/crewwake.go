package inproc

// park makes worker w sleep until another goroutine wakes it to look for work, and then returns
// true. If park finds work itself, it returns true at once. It returns false if the executor is
// closed and no work is left.
func (c *crew) park(w *crewWorker) (more bool) {
	c.found(w)
	c.mu.Lock()
	over := c.unwatch()
	if c.closed && len(c.leases) == 0 && c.singles.len() == 0 && w.mail.len() == 0 {
		c.mu.Unlock()
		end(over)
		return false
	}
	c.idle.Park(w)
	w.parked = true // a chunk policy may end the goroutine below
	leases := c.leases
	c.mu.Unlock()
	end(over)
	if c.singlesLeft(w) && c.unpark(w) {
		return true
	}
	for _, l := range leases {
		if l.claimable(w.w) && c.unpark(w) {
			return true
		}
	}
	<-w.wake
	w.parked = false
	return true
}

// unpark removes w from the list of sleeping workers and returns true. It returns false if another
// goroutine has removed w already, in order to wake it. That goroutine sends a wake-up token, which
// w must receive.
func (c *crew) unpark(w *crewWorker) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	w.parked = !c.idle.Unpark(w)
	return !w.parked
}

// rise is called after user code has ended the goroutine of worker w by Goexit. If w was parked
// (asleep) at that time, rise removes w from the sleeping workers. If another goroutine has already
// woken w, rise receives the wake-up token. Without rise, w could be parked a second time and get
// two tokens, but its channel has room for only one.
func (c *crew) rise(w *crewWorker) {
	if w.parked && !c.unpark(w) {
		<-w.wake
		w.parked = false
	}
}

// found records that worker w no longer looks for work, because w has found work or goes to sleep.
func (c *crew) found(w *crewWorker) {
	if w.looking {
		w.looking = false
		c.idle.Found()
	}
}

// wakeOne wakes one sleeping worker to look for work, unless another worker is already looking.
func (c *crew) wakeOne() {
	if !c.idle.Wanted() {
		return
	}
	c.mu.Lock()
	w, ok := c.idle.Rouse()
	if ok {
		w.looking = true
	}
	c.mu.Unlock()
	if ok {
		w.wake <- struct{}{}
	}
}

// wakeThese wakes those of the given workers that sleep. All given workers have received tasks.
func (c *crew) wakeThese(workers []int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, v := range workers {
		if w := c.workers[v]; c.idle.Unpark(w) {
			w.wake <- struct{}{}
		}
	}
}

// wakeAll wakes every sleeping worker. The caller holds c.mu.
func (c *crew) wakeAll() {
	for _, w := range c.idle.All() {
		w.wake <- struct{}{}
	}
}

package strategies

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// A crew is persistent goroutines, what the strategies pool, steal and serial
// have in common. Each job at work has a crewLease; how the tasks that it took are
// shared out among the workers is all in which these strategies differ. With several
// jobs, workers go round the leases and share out only a turn's worth at a time.
type crew struct {
	Tally
	name  string
	share func(workers int) sharing // for a new lease
	flat  bool                      // a task cannot wait for jobs of its own crew
	keyed *turns                    // singles go to the worker of their key, or whose turn it is
	lock  *runLock                  // one task runs at a time, while others wait

	workers []*crewWorker
	asleep  atomic.Int32  // workers that are parked or about to
	looking atomic.Int32  // workers that were woken and have found nothing yet
	active  atomic.Int32  // len(leases)
	stopped atomic.Bool   // nothing more is started
	alive   atomic.Int32  // workers that have not ended
	ended   chan struct{} // closed when none is alive

	_       [128]byte // what each submission writes is apart from what workers read for each task
	mu      sync.Mutex
	queued  atomic.Bool  // there are singles, to look at without the lock
	leases  []*crewLease // every lease that is not over
	singles singles
	idle    []*crewWorker // parked; the last one is woken first, its cache being warm
	closed  bool          // workers end when nothing is left
	strays  int           // workers that wait for a task which is past its limit
	quiet   chan struct{} // closed when closed is set, nothing is left and nobody works
}

// crewWorker is a worker's place; its goroutine is replaced when a task ends it.
type crewWorker struct {
	w       int
	wake    chan struct{} // capacity 1: a token for a worker in idle
	looking bool          // counted in crew.looking
	given   single        // what a token came with; nil if it came to look for work
	hand    hand          // singles that it has taken
	mail    singles       // singles that are for it alone, under the crew's lock
	state   locals
	turn    int // where this worker's round of the leases stands
}

func newCrew(name string, workers int, share func(workers int) sharing) *crew {
	return (&crew{name: name, share: share}).hire(workers)
}

// hire gives a crew its workers.
func (c *crew) hire(workers int) *crew {
	c.ended, c.quiet = make(chan struct{}), make(chan struct{})
	for w := range workers {
		c.workers = append(c.workers, &crewWorker{w: w, wake: make(chan struct{}, 1)})
	}
	c.alive.Store(int32(workers))
	for _, w := range c.workers {
		go c.work(w)
	}
	return c
}

// Workers implements [Workers].
func (c *crew) Workers() int { return len(c.workers) }

// Start implements [Executor].
func (c *crew) Start(ctx context.Context, job Job) (Lease, error) {
	if err := refuse(c.name, job.Options(), Capabilities{Limits: !c.flat}); err != nil {
		return nil, err
	}
	if err := c.refuseNested(ctx); err != nil {
		return nil, err
	}
	if job.Options().Limit > 0 && placeOf(ctx, c) != nil {
		return nil, fmt.Errorf("strategy %s: a job with a limit: %w", c.name, ErrNested) // its helper might be left by a task
	}
	if c.lock != nil {
		job = &lockedJob{job, c.lock, len(c.workers)}
	}
	l := &crewLease{crew: c, sharing: c.share(len(c.workers)), job: job, ctx: ctx, seats: make([]seat, len(c.workers)), over: make(chan struct{})}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil, ErrClosed
	}
	for _, other := range c.leases {
		other.recall()
	}
	c.leases = append(slices.Clone(c.leases), l)
	c.active.Store(int32(len(c.leases)))
	c.mu.Unlock()
	c.wakeOne()
	return l, nil
}

// refuseNested returns ErrNested if ctx is that of a task which cannot wait for a job of this
// crew.
func (c *crew) refuseNested(ctx context.Context) error {
	if !c.flat {
		return nil
	}
	return refuseNested(ctx, c, c.name)
}

// refuse returns an OptionError for an option that a strategy with capabilities c
// cannot keep.
func refuse(strategy string, o *Options, c Capabilities) error {
	switch {
	case o.Limit > 0 && !c.Limits:
		return &OptionError{Strategy: strategy, Option: "limit", Value: o.Limit, Reason: "cannot be enforced by this strategy"}
	case o.Retries > 0 && !c.Retries:
		return &OptionError{Strategy: strategy, Option: "retries", Value: o.Retries, Reason: "not kept by this strategy, whose workers are not lost"}
	}
	return nil
}

// Close implements [Executor]. It waits for running jobs, so a task must not call it, but
// not for tasks past their limit: it returns a StrayError for those.
func (c *crew) Close() error {
	c.shut()
	<-c.quiet
	if n := c.lost.Load(); n > 0 {
		return &StrayError{Strategy: c.name, Tasks: int(n)}
	}
	<-c.ended
	return nil
}

// Stop implements [Executor]. Goroutines cannot be ended by force: tasks that run are
// waited for until ctx is done.
func (c *crew) Stop(ctx context.Context) error {
	c.shut()
	c.stopped.Store(true)
	for _, l := range c.snapshot() {
		l.job.Cancel(ErrClosed)
	}
	c.dropSingles()
	select {
	case <-c.ended:
		return nil
	case <-ctx.Done():
	}
	select {
	case <-c.ended: // that counts, even if both are true
		return nil
	case <-c.quiet:
		if n := c.lost.Load(); n > 0 {
			return &StrayError{Strategy: c.name, Tasks: int(n), Cause: context.Cause(ctx)}
		}
		<-c.ended
		return nil
	default:
		return fmt.Errorf("stop %s: tasks are still running: %w", c.name, context.Cause(ctx))
	}
}

func (c *crew) shut() {
	c.mu.Lock()
	if !c.closed {
		c.closed = true
		if len(c.leases) == 0 {
			c.wakeAll()
		}
		c.settle()
	}
	c.mu.Unlock()
}

// remove forgets a lease that is over.
func (c *crew) remove(l *crewLease) {
	c.mu.Lock()
	c.leases = slices.DeleteFunc(slices.Clone(c.leases), func(x *crewLease) bool { return x == l })
	c.active.Store(int32(len(c.leases)))
	if c.closed && len(c.leases) == 0 {
		c.wakeAll()
	}
	c.settle()
	c.mu.Unlock()
}

// lose makes w wait for a task that it left running at its limit.
func (c *crew) lose(w *crewWorker, stray <-chan struct{}) {
	c.found(w)
	c.mu.Lock()
	c.strays++
	c.settle()
	c.mu.Unlock()
	c.wakeOne() // there may be more of what w was at
	<-stray
	c.mu.Lock()
	c.strays--
	c.mu.Unlock()
}

// settle closes quiet if it is time: nothing is left to run, and all workers that have not
// ended wait for strays. The lock is held.
func (c *crew) settle() {
	if !c.closed || len(c.leases) > 0 || int(c.alive.Load()) > c.strays || c.strays > 0 && c.singlesLeft(c.workers[0]) {
		return
	}
	select {
	case <-c.quiet:
	default:
		close(c.quiet)
	}
}

// work is the goroutine of worker w.
func (c *crew) work(w *crewWorker) {
	ended := false
	defer func() {
		switch {
		case !ended:
			go c.work(w) // a task called Goexit
		case c.alive.Add(-1) == 0:
			close(c.ended)
			fallthrough
		default:
			c.mu.Lock()
			c.settle()
			c.mu.Unlock()
		}
	}()
	for c.round(w) || c.park(w) {
	}
	ended = true
}

// round gives every lease a turn and reports whether any had work.
func (c *crew) round(w *crewWorker) (worked bool) {
	worked = c.runSingles(w)
	if c.active.Load() == 0 {
		return worked
	}
	leases := c.snapshot()
	for range leases {
		w.turn++
		did, stray := leases[w.turn%len(leases)].visit(w)
		if did {
			worked = true
		}
		if stray != nil {
			c.lose(w, stray)
		}
	}
	return worked
}

func (c *crew) snapshot() []*crewLease {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leases // copied on write
}

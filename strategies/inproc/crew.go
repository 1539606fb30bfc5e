package inproc

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A crew is an executor of persistent goroutines. Each running job has a crewLease; strategies
// over a crew differ in the sharing of its tasks. With several jobs, the workers visit the leases
// in turn and share out a limited number of tasks at each visit.
type crew struct {
	core  work.Core
	share func(workers int) sharing // returns the sharing of a new lease
	keyed *turns                    // if set, a single goes to the worker of its key, or to the next worker in turn
	lock  *runLock                  // if set, one task runs at a time, except while tasks wait

	workers []*crewWorker
	idle    work.Idle[*crewWorker]
	active  atomic.Int32  // len(leases)
	stopped atomic.Bool   // no further task starts
	alive   atomic.Int32  // workers that have not ended
	ended   chan struct{} // closed when no worker is alive

	_       [128]byte // keeps the fields that a submission writes off the cache lines that workers read for each task
	mu      sync.Mutex
	queued  atomic.Bool  // there are singles; read without the lock
	hands   atomic.Int32 // workers with a handful
	leases  []*crewLease // every lease that has not ended
	singles singles
	watches map[<-chan struct{}]*watch // of queued singles, by the Done of their context
	closed  bool                       // workers end when no work is left
	strays  int                        // workers that wait for a task past its limit
	quiet   chan struct{}              // closed when closed is set, no work is left, and only workers with strays are alive
}

// A crewWorker is the state of a worker. If a task ends the goroutine of the worker, a new
// goroutine continues with the same state.
type crewWorker struct {
	w       int
	wake    chan struct{}           // capacity 1: holds a token for a worker that was idle
	looking bool                    // the worker was roused and has found nothing yet
	given   work.Single             // comes with the token; nil if the worker is to look for work
	hand    atomic.Pointer[handful] // singles that the worker took from the queue
	mail    singles                 // singles for this worker only; guarded by the crew's lock
	turn    int                     // number of leases visited
}

// hire starts the workers of a crew and returns it as an executor. For a bad number of workers
// it returns an executor that refuses every job.
func (c *crew) hire(workers int) work.Executor {
	workers, err := work.WorkerCount(workers)
	if err != nil {
		return work.Refused(c.core.Name, err)
	}
	c.core.Workers, c.core.Keeps, c.core.Queues = workers, true, c.lock == nil && c.keyed == nil
	if c.core.Nests {
		c.core.Free = func() bool { return c.idle.Asleep()+c.idle.Looking() > 0 }
	}
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

// Core implements [work.Executor].
func (c *crew) Core() *work.Core { return &c.core }

// Counts implements [work.Executor].
func (c *crew) Counts() work.Counts {
	return c.core.Counts(len(c.workers) - c.idle.Asleep() - c.idle.Looking() - c.core.Lost())
}

// Start implements [work.Executor].
func (c *crew) Start(ctx context.Context, job work.Job) (work.Lease, error) {
	if err := job.Terms().Refuse(c.core.Name, c.core.Nests, false); err != nil {
		return nil, err
	}
	if err := c.core.Unnested(ctx); err != nil {
		return nil, err
	}
	if job.Terms().Limit > 0 && work.PlaceOf(ctx, &c.core) != nil {
		return nil, fmt.Errorf("strategy %s: a job with a limit: %w", c.core.Name, work.ErrNested) // a task past its limit would hold the goroutine that helps
	}
	if c.lock != nil {
		job = &lockedJob{job, &c.core, c.lock}
	}
	l := &crewLease{crew: c, sharing: c.share(len(c.workers)), job: job, ctx: ctx, seats: make([]seat, len(c.workers)), over: make(chan struct{})}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil, work.ErrClosed
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

// Close implements [work.Executor]. It does not wait for tasks past their limit, but returns a
// StrayError for them.
func (c *crew) Close() error {
	if err := c.core.Closable(); err != nil {
		return err
	}
	c.shut()
	<-c.quiet
	if err := c.core.Stray(nil); err != nil {
		return err
	}
	<-c.ended
	return nil
}

// Stop implements [work.Executor]. Goroutines cannot be ended by force, so Stop waits for running
// tasks until ctx is done.
func (c *crew) Stop(ctx context.Context) error {
	if err := work.CheckContext(ctx); err != nil {
		return err
	}
	c.shut()
	c.stopped.Store(true)
	c.core.Halt()
	for _, l := range c.snapshot() {
		l.job.Cancel(work.ErrClosed)
		l.Stop() // all workers may be held by tasks past their limit
	}
	c.dropSingles()
	return stopped(ctx, &c.core, c.ended, c.quiet)
}

// stopped waits until ended is closed, and then returns nil, or until ctx is done. It then returns
// a StrayError if quiet is closed, which means that only tasks past their limit still run.
// Otherwise it returns an error that wraps the cause of ctx. It returns ErrNested at once if it
// would wait for its caller.
func stopped(ctx context.Context, core *work.Core, ended, quiet <-chan struct{}) error {
	if err := core.Stoppable(); err != nil {
		return err
	}
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
	}
	if core.Idle() { // workers without a stray end now
		select {
		case <-ended:
		case <-quiet:
		}
	}
	select {
	case <-ended: // both were ready
		return nil
	case <-quiet:
		if err := core.Stray(context.Cause(ctx)); err != nil {
			return err
		}
		<-ended
		return nil
	default:
		return fmt.Errorf("stop %s: tasks are still running: %w", core.Name, context.Cause(ctx))
	}
}

// shut refuses new work and lets the workers end when no work is left.
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

// remove removes a lease that has ended.
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

// lose makes w wait for a task that exceeded its limit.
func (c *crew) lose(w *crewWorker, stray <-chan struct{}) {
	c.found(w)
	for _, l := range c.snapshot() {
		l.claimable(w.w) // ends it if its job is over
	}
	c.mu.Lock()
	c.strays++
	c.settle()
	c.mu.Unlock()
	c.wakeOne() // the job may have more tasks
	<-stray
	c.mu.Lock()
	c.strays--
	c.mu.Unlock()
}

// settle closes quiet if the crew is closed, no work is left, and all workers that have not ended
// wait for strays. The caller holds the lock.
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
	c.core.Task(func() {
		for c.round(w) || c.park(w) {
		}
	})
	ended = true
}

// round runs singles, visits every lease once, and reports whether there was any work.
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
	return c.leases // never modified in place
}

package inproc

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A crew is persistent goroutines. Each job at work has a crewLease; the strategies over a
// crew differ in the sharing of its tasks. With several jobs, workers go round the leases and
// share out only a turn's worth at a time.
type crew struct {
	core  work.Core
	share func(workers int) sharing // for a new lease
	keyed *turns                    // singles go to the worker of their key, or whose turn it is
	lock  *runLock                  // one task runs at a time, while others wait

	workers []*crewWorker
	idle    work.Idle[*crewWorker]
	active  atomic.Int32  // len(leases)
	stopped atomic.Bool   // nothing more is started
	alive   atomic.Int32  // workers that have not ended
	ended   chan struct{} // closed when none is alive

	_       [128]byte // a submission writes to other cache lines than workers read for each task
	mu      sync.Mutex
	queued  atomic.Bool  // there are singles; read without the lock
	leases  []*crewLease // every lease that is not over
	singles singles
	closed  bool          // workers end when nothing is left
	strays  int           // workers that wait for a task past its limit
	quiet   chan struct{} // closed when closed is set, nothing is left and no worker is at a task
}

// crewWorker is a worker's place; its goroutine is replaced when a task ends it.
type crewWorker struct {
	w       int
	wake    chan struct{} // capacity 1: a token for a worker that was idle
	looking bool          // was roused, and has found nothing yet
	given   work.Single   // comes with the token; nil if the worker is to look for work
	hand    hand          // singles that it has taken
	mail    singles       // singles for it alone, under the crew's lock
	turn    int           // position of this worker's round of the leases
}

// hire starts the workers of a crew, and returns it as an executor. It returns one that
// refuses every job if the number is bad.
func (c *crew) hire(workers int) work.Executor {
	workers, err := work.WorkerCount(workers)
	if err != nil {
		return work.Refused(c.core.Name, err)
	}
	c.core.Workers, c.core.Keeps, c.core.Queues = workers, true, c.lock == nil && c.keyed == nil
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
		return nil, fmt.Errorf("strategy %s: a job with a limit: %w", c.core.Name, work.ErrNested) // a task could leave its helper
	}
	if c.lock != nil {
		job = &lockedJob{job, c.lock, len(c.workers)}
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

// Close implements [work.Executor]. It waits for running jobs, so a task must not call it. It
// does not wait for tasks past their limit, and returns a StrayError for those.
func (c *crew) Close() error {
	c.shut()
	<-c.quiet
	if err := c.core.Stray(nil); err != nil {
		return err
	}
	<-c.ended
	return nil
}

// Stop implements [work.Executor]. Goroutines cannot be ended by force: Stop waits for running
// tasks until ctx is done.
func (c *crew) Stop(ctx context.Context) error {
	c.shut()
	c.stopped.Store(true)
	for _, l := range c.snapshot() {
		l.job.Cancel(work.ErrClosed)
	}
	c.dropSingles()
	return stopped(ctx, &c.core, c.ended, c.quiet)
}

// stopped waits until ended is closed, or ctx is done: the result is then a StrayError if
// quiet is closed, since only tasks past their limit are left.
func stopped(ctx context.Context, core *work.Core, ended, quiet <-chan struct{}) error {
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
	}
	select {
	case <-ended: // that counts, even if both are true
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
	c.wakeOne() // there may be more of the work that w was at
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

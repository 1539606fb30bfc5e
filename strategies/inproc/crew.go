package inproc

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A crew is an executor of persistent goroutines. It has a crewLease for each running job. The
// strategies that use a crew differ only in their [sharing], which distributes the tasks among the
// workers. While several jobs run, the workers visit the leases of these jobs in turn and take a
// limited number of tasks at each visit.
type crew struct {
	core  work.Core
	share func(workers int) sharing // creates the [sharing] of a new lease
	keyed *turns                    // if set, a single (a job of one task) goes to the worker of its key or, if it has no key, to the next worker in turn
	lock  *runLock                  // if set, one task runs at a time, except while a task waits in Blocking

	workers []*crewWorker
	idle    work.Idle[*crewWorker]
	active  atomic.Int32  // len(leases)
	stopped atomic.Bool   // set when no further task may start
	alive   atomic.Int32  // number of workers that have not ended
	ended   chan struct{} // closed when no worker is alive

	_           [128]byte // separates the fields that a submission writes from the cache lines that workers read for each task
	mu          sync.Mutex
	queued      atomic.Bool  // whether singles are queued; read without the lock
	hands       atomic.Int32 // number of workers that have a [handful] of singles
	leases      []*crewLease // all leases that have not ended
	singles     singles
	watches     map[<-chan struct{}]*watch // for each context of queued singles, the [watch] that cancels them, by the Done channel of the context
	watchesKept int                        // len(watches) after the method sweep last removed watches
	closed      bool                       // set when workers should end as soon as no work is left
	strays      int                        // number of workers that wait for a task past its limit
	quiet       chan struct{}              // closed when closed is set, no work is left, and all live workers wait for a task past its limit
}

// A crewWorker is the state of one worker. If a task ends the worker's goroutine by Goexit, a new
// goroutine continues with the same state.
type crewWorker struct {
	w       int
	wake    chan struct{}           // capacity 1; a token wakes the sleeping worker
	looking bool                    // the worker was woken and has found no work yet
	parked  bool                    // the worker sleeps, or was woken and has not taken its token
	given   work.Single             // single that the woken worker must run first; nil if the worker should look for work
	hand    atomic.Pointer[handful] // singles that the worker took from the queue
	mail    singles                 // singles for this worker only; guarded by the crew's lock
	turn    int                     // number of leases visited so far; decides which lease is next
}

// hire starts the workers of a crew and returns the crew as an executor. If the number of workers
// is invalid, hire returns an executor that refuses every job.
func (c *crew) hire(workers int) work.Executor {
	workers, err := work.WorkerCount(workers)
	if err != nil {
		return work.Refused(c.core.Name, err)
	}
	c.core.Workers, c.core.Keeps, c.core.Queues, c.core.Halts = workers, true, c.lock == nil && c.keyed == nil, c.lock == nil
	c.core.Balances = c.core.Nests
	if c.core.Nests {
		c.core.Dropped = c.dropped
	}
	c.core.Open()
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
		return nil, fmt.Errorf("strategy %s: a task cannot wait for a job with a limit: %w", c.core.Name, work.ErrNested) // a task past its limit would block the goroutine on which Help runs it
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

// Close implements [work.Executor]. It does not wait for tasks past their time limit, but returns a
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

// Stop implements [work.Executor]. Goroutines cannot be ended by force, so Stop waits until the
// running tasks return or ctx is done.
func (c *crew) Stop(ctx context.Context) error {
	if err := work.CheckContext(ctx); err != nil {
		return err
	}
	c.shut()
	c.stopped.Store(true)
	if c.core.Halts {
		c.core.Halt()
	}
	for _, l := range c.snapshot() {
		l.job.Cancel(work.ErrClosed)
		l.Stop() // all workers may be blocked by tasks past their limit
	}
	c.dropSingles()
	return stopped(ctx, &c.core, c.ended, c.quiet, 0)
}

// stopped waits until all workers of an executor have ended or ctx is done. The method Stop of the
// executor, whose core is given, calls it last. The channel ended is closed when all workers have
// ended. The channel quiet is closed when only tasks past their time limit still run. The result is
// one of these:
//
//   - nil: all workers have ended.
//   - a StrayError: ctx is done, and only tasks past their time limit still run.
//   - an error that wraps the cause of ctx: ctx is done, and other work is left.
//   - ErrNested, at once: stopped would wait for its own caller.
//
// If no job is left when ctx is done, the workers will end soon, and stopped still waits for them:
// for at most the duration grace or, if grace is 0, without a bound.
func stopped(ctx context.Context, core *work.Core, ended, quiet <-chan struct{}, grace time.Duration) error {
	if err := core.Stoppable(); err != nil {
		return err
	}
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
	}
	late := context.Background()
	if grace > 0 {
		var cancel context.CancelFunc
		late, cancel = context.WithTimeout(late, grace)
		defer cancel()
	}
	if core.Idle() { // workers that do not wait for a task past its limit end now
		select {
		case <-ended:
		case <-quiet:
		case <-late.Done():
		}
	}
	select {
	case <-ended: // ctx.Done was also ready
		return nil
	case <-quiet:
	default:
		return fmt.Errorf("stop %s: tasks are still running: %w", core.Name, context.Cause(ctx))
	}
	if err := core.Stray(context.Cause(ctx)); err != nil {
		return err
	}
	select {
	case <-ended:
		return nil
	case <-late.Done():
		return fmt.Errorf("stop %s: the workers have not ended: %w", core.Name, context.Cause(ctx))
	}
}

// shut makes the crew refuse new jobs and makes its workers end when no work is left.
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

// remove removes the lease l, whose job has ended, from the crew.
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

// lose is called by worker w when its task has exceeded the time limit. The end of the task closes
// the channel stray, and only then lose returns, so w runs no other task until the task has ended.
func (c *crew) lose(w *crewWorker, stray <-chan struct{}) {
	c.found(w)
	for _, l := range c.snapshot() {
		l.claimable(w.w) // ends the lease if its job is over
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

// settle closes the channel c.quiet if the crew is closed, no work is left, and each worker has
// ended or waits for a task past its time limit. The caller holds the lock.
func (c *crew) settle() {
	if !c.closed || len(c.leases) > 0 || int(c.alive.Load()) > c.strays || c.strays > 0 && c.singlesWait() {
		return
	}
	select {
	case <-c.quiet:
	default:
		close(c.quiet)
	}
}

// work is the main function of the goroutine of worker w.
func (c *crew) work(w *crewWorker) {
	ended := false
	defer func() {
		switch {
		case !ended:
			c.rise(w)
			go c.work(w) // a task or a chunk policy called Goexit; a new goroutine continues
		case c.alive.Add(-1) == 0:
			c.core.End()
			close(c.ended)
			fallthrough
		default:
			c.mu.Lock()
			c.settle()
			c.mu.Unlock()
		}
	}()
	c.core.Task(w.w, func() {
		for c.runSome(w) || c.park(w) {
		}
	})
	ended = true
}

// runSome makes worker w look for work once. First w runs queued singles (jobs of one task), then
// some tasks of each larger job. runSome reports whether w ran any task.
func (c *crew) runSome(w *crewWorker) (worked bool) {
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

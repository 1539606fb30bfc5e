package procs

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// An Executor runs the tasks of its jobs in worker processes. It implements
// [strategies.Executor].
type Executor struct {
	core   work.Core
	config Config
	lanes  []*lane

	leases    atomic.Pointer[[]*lease] // every lease that is not over; copied on write
	asleep    atomic.Int32             // lanes that have nothing to do
	tripping  bool                     // callers may have a lane for a trip
	looking   atomic.Bool              // a lane was woken and has found nothing yet
	lingering atomic.Bool              // a lane holds on to its thread while it waits
	closed    atomic.Bool
	stopped   atomic.Bool // workers must end
	killing   atomic.Bool // at once
	running   sync.WaitGroup
	empty     chan struct{} // closed when closed is set and no lease is left

	mu      sync.Mutex
	idle    []*lane // asleep; the last one is woken first, its cache being warm
	kernels []string
	broken  error // why no worker can be started

	revived  atomic.Int32 // how often starting workers was taken up again
	failures atomic.Int32 // since then: worker processes in a row that started no task
	restarts restarts
	spares   *spares // nil unless workers stand by
}

// Core implements [work.Executor].
func (x *Executor) Core() *work.Core { return &x.core }

// Counts implements [work.Executor].
func (x *Executor) Counts() strategies.Counts {
	return x.core.Counts(len(x.lanes) - int(x.asleep.Load()))
}

// Submit implements [work.Executor].
func (x *Executor) Submit(ctx context.Context, s work.Single) (work.Lease, error) {
	return x.Start(ctx, s)
}

// PIDs returns the process ids of the workers, for those who measure or profile them.
// A worker that is being replaced is missing.
func (x *Executor) PIDs() []int {
	var pids []int
	for _, l := range x.lanes {
		if pid := int(l.pid.Load()); pid != 0 {
			pids = append(pids, pid)
		}
	}
	return pids
}

// Start implements [strategies.Executor]. The context does not reach the tasks, which
// are in other processes. Besides ErrClosed it returns a [KernelError] if the workers do
// not have the kernel. If it had been given up to start workers, that is tried once more.
func (x *Executor) Start(ctx context.Context, job work.Job) (work.Lease, error) {
	x.mu.Lock()
	if x.closed.Load() {
		x.mu.Unlock()
		return nil, strategies.ErrClosed
	}
	o := job.Terms()
	kernel := slices.Index(x.kernels, o.Kernel)
	if kernel < 0 {
		x.mu.Unlock()
		return nil, &KernelError{Kernel: o.Kernel, Path: x.config.Worker[0], Have: x.kernels}
	}
	le := &lease{x: x, ctx: ctx, job: job, terms: o, kernel: uint32(kernel), policy: o.Chunk, limit: o.Limit, ahead: mapAhead, done: make(chan struct{})}
	if o.Stream {
		le.ahead, le.flags = streamAhead, wire.FlagPrompt
	}
	if told := x.config.Prefetch.Time; told > 0 {
		le.ahead = told.Nanoseconds()
	}
	if o.Limit > 0 {
		le.flags |= wire.FlagTimed
	}
	again := x.broken != nil
	if again {
		x.broken = nil
		x.revived.Add(1)
		x.failures.Store(mostFailures - 1) // one more will do
	}
	leases := append(slices.Clone(*x.leases.Load()), le)
	x.leases.Store(&leases)
	x.mu.Unlock()
	if again {
		x.signal()
	}
	if !x.trip(le) {
		x.wake()
	}
	return le, nil
}

// Close implements [strategies.Executor].
func (x *Executor) Close() error {
	x.shut()
	<-x.empty
	x.running.Wait()
	x.spares.clear()
	x.config.helper.close()
	return nil
}

// Stop implements [strategies.Executor]. It takes at most twice Config.Grace, less
// when ctx is done sooner, and what the jobs need to let go.
func (x *Executor) Stop(ctx context.Context) error {
	x.shut()
	x.stopped.Store(true)
	x.cancel(strategies.ErrClosed)
	kill := context.AfterFunc(ctx, func() {
		x.killing.Store(true)
		x.signal()
	})
	defer kill()
	<-x.empty
	x.running.Wait()
	x.spares.clear()
	x.config.helper.close()
	return nil
}

func (x *Executor) shut() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.closed.Swap(true) && len(*x.leases.Load()) == 0 {
		close(x.empty)
	}
	x.spares.end()
	x.signal()
}

// cancel cancels all jobs and lets every lane know.
func (x *Executor) cancel(cause error) {
	for _, le := range *x.leases.Load() {
		le.job.Cancel(cause)
	}
	x.signal()
}

// fail gives up starting workers until the next Start: what is queued fails.
func (x *Executor) fail(cause error) {
	x.mu.Lock()
	if x.broken == nil {
		x.broken = fmt.Errorf("no worker can be started: %w", cause)
	}
	cause = x.broken
	x.mu.Unlock()
	x.cancel(cause)
}

func (x *Executor) failed() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.broken != nil
}

// served reports whether any lane has a worker.
func (x *Executor) served() bool {
	return slices.ContainsFunc(x.lanes, func(l *lane) bool { return l.pid.Load() != 0 })
}

// remove forgets a lease that is over.
func (x *Executor) remove(le *lease) {
	x.mu.Lock()
	defer x.mu.Unlock()
	leases := slices.DeleteFunc(slices.Clone(*x.leases.Load()), func(o *lease) bool { return o == le })
	x.leases.Store(&leases)
	if x.closed.Load() && len(leases) == 0 {
		close(x.empty)
		x.signal()
	}
}

// ending reports whether lanes have nothing left to do.
func (x *Executor) ending() bool { return x.closed.Load() && len(*x.leases.Load()) == 0 }

// signal makes every lane look around.
func (x *Executor) signal() {
	for _, l := range x.lanes {
		l.poller.wake()
	}
}

// wake wakes one lane that is asleep, unless one is looking for work already: that
// one wakes the next if it finds more than it takes.
//
// Who makes tasks claimable publishes them first and reads asleep and looking after;
// a lane writes those first and looks for tasks after. So one of the two sees the
// other, and no wake-up is lost.
func (x *Executor) wake() {
	if x.asleep.Load() == 0 || !x.looking.CompareAndSwap(false, true) {
		return
	}
	x.mu.Lock()
	n := len(x.idle)
	if n == 0 {
		x.looking.Store(false)
		x.mu.Unlock()
		return
	}
	l := x.idle[n-1]
	x.idle = x.idle[:n-1]
	x.asleep.Add(-1)
	l.looking.Store(true)
	x.mu.Unlock()
	l.poller.wake()
}

// park says that l is about to sleep. It must look for work once more before it does.
func (x *Executor) park(l *lane) {
	x.mu.Lock()
	x.idle = append(x.idle, l)
	x.asleep.Add(1)
	x.mu.Unlock()
}

// unpark says that l is awake.
func (x *Executor) unpark(l *lane) {
	x.mu.Lock()
	if i := slices.Index(x.idle, l); i >= 0 {
		x.idle = slices.Delete(x.idle, i, i+1)
		x.asleep.Add(-1)
	}
	x.mu.Unlock()
}

// more reports whether any job has tasks that nobody has claimed.
func (x *Executor) more() bool {
	for _, le := range *x.leases.Load() {
		if le.claimable() {
			return true
		}
	}
	return false
}

package inproc

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A dispatcher is the executor of strategies that hand over chunks one by one: spawn, channel,
// buffered, and any pool with a submit function (see [Peer]). For each job, one goroutine takes
// chunks and hands them over. It hands over the next chunk when the strategy has accepted the
// previous one.
//
// Each chunk travels in a parcel. The worker that receives the parcel claims the chunk in it. If the
// job is cancelled, the method Stop of its lease also tries to claim the chunks of all parcels. Only
// the first claim of a chunk gets the tasks. A job can therefore take chunks back from a queue that
// only the pool can read, even while the goroutine of the job waits for room in this queue.
type dispatcher struct {
	core    work.Core
	hand    func(p *parcel) error // hands p to a worker, which runs it once; if hand returns an error, no worker runs p
	end     func()                // ends the workers after the last hand-over; nil if there is nothing to end
	revive  func()                // called after a task has ended a goroutine of the pool by Goexit; nil if there is nothing to do
	grace   time.Duration         // how long Stop waits for an idle pool after its context has ended; 0 means without limit
	desks   desks
	stopped atomic.Bool   // set when no further task may start
	broken  chan struct{} // closed when the pool has lost a worker permanently; nil for a pool that loses none

	mu     sync.Mutex
	lost   int // workers that the pool has lost permanently
	leases map[*dispatch]bool
	jobs   uint64 // number of leases so far
	closed bool
	empty  chan struct{}  // closed when closed is set and no lease is left
	loops  sync.WaitGroup // counts loop goroutines and calls of revive; the loop of a finished lease may still wait for a worker
	strays sync.WaitGroup // counts tasks past their limit that still run
	ended  chan struct{}  // closed when the workers have ended
}

func newDispatcher(name string, workers int) *dispatcher {
	d := &dispatcher{core: work.Core{Name: name, Workers: workers, Balances: true}, leases: map[*dispatch]bool{}, empty: make(chan struct{}), ended: make(chan struct{})}
	d.desks.add(workers)
	d.core.Open()
	return d
}

// Core implements [work.Executor].
func (d *dispatcher) Core() *work.Core { return &d.core }

// Counts implements [work.Executor]. A dispatcher does not know which tasks run. Tasks wait only
// while all workers are busy, so Counts assumes that each worker runs one unfinished task, and that
// the other unfinished tasks wait.
func (d *dispatcher) Counts() work.Counts { return d.core.Counts(d.core.Workers - d.core.Lost()) }

// Start implements [work.Executor].
func (d *dispatcher) Start(ctx context.Context, job work.Job) (work.Lease, error) {
	if err := job.Terms().Refuse(d.core.Name, true, false); err != nil {
		return nil, err
	}
	if err := d.core.Unnested(ctx); err != nil {
		return nil, err
	}
	l := &dispatch{owner: d, job: job, parent: ctx, wake: make(chan struct{}, 1), over: make(chan struct{})}
	l.ctx = &work.Place{Context: ctx, Core: &d.core}
	l.left.Store(1)
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.closed:
		return nil, work.ErrClosed
	case d.lost >= d.core.Workers:
		return nil, d.loss()
	}
	d.leases[l] = true
	d.jobs++
	l.number = d.jobs
	d.loops.Add(1)
	go l.loop()
	return l, nil
}

// Submit implements [work.Executor].
func (d *dispatcher) Submit(ctx context.Context, s work.Single) (work.Lease, error) {
	return d.Start(ctx, s)
}

// Close implements [work.Executor]. It does not wait for tasks past their time limit, but returns a
// StrayError for them.
func (d *dispatcher) Close() error {
	if err := d.core.Closable(); err != nil {
		return err
	}
	d.shut()
	<-d.empty
	if err := d.core.Stray(nil); err != nil {
		return err
	}
	<-d.ended
	return d.lostAny()
}

// Stop implements [work.Executor]. It waits until the running tasks return or ctx is done.
func (d *dispatcher) Stop(ctx context.Context) error {
	if err := work.CheckContext(ctx); err != nil {
		return err
	}
	d.shut()
	d.stopped.Store(true)
	d.cancel(work.ErrClosed)
	if err := stopped(ctx, &d.core, d.ended, d.empty, d.grace); err != nil {
		return err
	}
	return d.lostAny()
}

// cancel cancels all jobs with the given cause.
func (d *dispatcher) cancel(cause error) {
	d.mu.Lock()
	leases := slices.Collect(maps.Keys(d.leases))
	d.mu.Unlock()
	for _, l := range leases {
		l.job.Cancel(cause)
		l.Stop()
	}
}

// lose records that the pool has lost a worker permanently. If this was the last worker, lose makes
// all jobs fail.
func (d *dispatcher) lose() {
	d.mu.Lock()
	d.lost++
	if d.lost == 1 {
		close(d.broken)
	}
	none := d.lost >= d.core.Workers
	err := d.loss()
	d.mu.Unlock()
	if none {
		d.cancel(err)
	}
}

// loss returns an error with the number of workers that the pool has lost permanently. The caller
// holds the lock.
func (d *dispatcher) loss() error {
	return fmt.Errorf("strategy %s: %d of %d workers are lost permanently; make a new executor: %w", d.core.Name, d.lost, d.core.Workers, work.ErrGoexit)
}

// lostAny returns an error with the number of lost workers if the pool has lost workers
// permanently, else nil.
func (d *dispatcher) lostAny() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lost == 0 {
		return nil
	}
	return d.loss()
}

// finish waits until no job is left, and then ends the workers. It also waits for the goroutines of
// ended jobs, one of which may still wait for a worker to accept a chunk. Some worker will accept
// it: each is free, or becomes free when its task past the time limit returns.
func (d *dispatcher) finish() {
	<-d.empty
	d.loops.Wait()
	d.strays.Wait()
	if d.end != nil {
		over := make(chan struct{})
		go func() {
			defer close(over)
			d.end()
		}()
		select {
		case <-over:
		case <-d.broken: // the pool waits for ever for a worker that it has lost
		}
	}
	d.core.End()
	close(d.ended)
}

// shut makes the dispatcher refuse new work, and starts the method finish, which ends the workers.
func (d *dispatcher) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		d.closed = true
		go d.finish()
		if len(d.leases) == 0 {
			close(d.empty)
		}
	}
}

// remove removes l, whose job has ended, from the dispatcher.
func (d *dispatcher) remove(l *dispatch) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.leases, l)
	if d.closed && len(d.leases) == 0 {
		close(d.empty)
	}
}

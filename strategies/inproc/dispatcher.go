package inproc

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A dispatcher is the executor of strategies that hand chunks over one by one: spawn,
// channel, and any pool with a submit function (see [Peer]). Each job has a goroutine that
// takes chunks and passes each on, waiting as long as the strategy makes it wait.
//
// A worker and a recall meet at the chunk: both claim it, and the second finds nothing. So a
// job can give up its chunks while they wait in a queue that only its pool can read, and even
// while its own goroutine waits there.
type dispatcher struct {
	core    work.Core
	hand    func(p *parcel) error // passes a parcel to a worker, which runs it once; an error says that none will
	end     func()                // ends the workers; nothing is handed over any more
	desks   desks
	stopped atomic.Bool // nothing more is started

	mu     sync.Mutex
	leases map[*dispatch]bool
	closed bool
	empty  chan struct{}  // closed when closed is set and no lease is left
	loops  sync.WaitGroup // those of leases that are over may still wait for a worker
	ended  chan struct{}  // closed when the workers have ended
}

func newDispatcher(name string, workers int) *dispatcher {
	d := &dispatcher{core: work.Core{Name: name, Workers: workers}, leases: map[*dispatch]bool{}, empty: make(chan struct{}), ended: make(chan struct{})}
	d.desks.add(workers)
	return d
}

// Core implements [work.Executor].
func (d *dispatcher) Core() *work.Core { return &d.core }

// Counts implements [work.Executor]. Tasks wait only while all workers are busy, so unfinished
// tasks up to the number of workers are running.
func (d *dispatcher) Counts() work.Counts { return d.core.Counts(d.core.Workers - d.core.Lost()) }

// Start implements [work.Executor].
func (d *dispatcher) Start(ctx context.Context, job work.Job) (work.Lease, error) {
	if err := job.Terms().Refuse(d.core.Name, true, false); err != nil {
		return nil, err
	}
	if err := d.core.Unnested(ctx); err != nil {
		return nil, err
	}
	l := newDispatch(ctx, d, job)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, work.ErrClosed
	}
	d.leases[l] = true
	d.loops.Add(1)
	go l.loop()
	return l, nil
}

// Submit implements [work.Executor].
func (d *dispatcher) Submit(ctx context.Context, s work.Single) (work.Lease, error) {
	return d.Start(ctx, s)
}

// Close implements [work.Executor]. It does not wait for tasks past their limit, and returns a
// StrayError for those.
func (d *dispatcher) Close() error {
	d.shut()
	<-d.empty
	if err := d.core.Stray(nil); err != nil {
		return err
	}
	<-d.ended
	return nil
}

// Stop implements [work.Executor]. It waits for running tasks until ctx is done.
func (d *dispatcher) Stop(ctx context.Context) error {
	d.mu.Lock()
	leases := slices.Collect(maps.Keys(d.leases))
	d.mu.Unlock()
	d.shut()
	d.stopped.Store(true)
	for _, l := range leases {
		l.job.Cancel(work.ErrClosed)
		l.Stop()
	}
	return stopped(ctx, &d.core, d.ended, d.empty)
}

// finish ends the workers when no lease is left. They are free then, or will be when their
// strays return, so every loop that still waits for a worker gets one.
func (d *dispatcher) finish() {
	<-d.empty
	d.loops.Wait()
	d.end()
	close(d.ended)
}

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

func (d *dispatcher) remove(l *dispatch) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.leases, l)
	if d.closed && len(d.leases) == 0 {
		close(d.empty)
	}
}

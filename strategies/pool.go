package strategies

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// PoolStrategy is persistent goroutines that claim from one shared counter.
func PoolStrategy() Strategy {
	return Strategy{
		Name:         "pool",
		Doc:          "persistent goroutines claiming tasks from one shared counter",
		Capabilities: Capabilities{Parallel: true},
		New: func(_ context.Context, c Config) (Executor, error) {
			n, err := c.workers()
			if err != nil {
				return nil, err
			}
			return newPool("pool", n), nil
		},
	}
}

// MaxWorkers is the most workers that an executor accepts: beyond it is a mistake.
const MaxWorkers = 1 << 16

// workers validates the number of workers and fills in the default.
func (c Config) workers() (int, error) {
	switch {
	case c.Workers == 0:
		return runtime.GOMAXPROCS(0), nil
	case c.Workers < 0 || c.Workers > MaxWorkers:
		return 0, &OptionError{Option: "workers", Value: c.Workers, Reason: fmt.Sprintf("must be 1 to %d (0 means GOMAXPROCS)", MaxWorkers)}
	}
	return c.Workers, nil
}

// pool is persistent goroutines. Each job at work has a poolLease with one [Range]
// that all workers claim from; with several jobs, workers go round the leases and
// each range holds only a turn's worth of tasks.
type pool struct {
	name string

	workers []*poolWorker
	asleep  atomic.Int32  // workers that are parked or about to
	looking atomic.Int32  // workers that were woken and have found nothing yet
	active  atomic.Int32  // len(leases)
	alive   atomic.Int32  // workers that have not ended
	ended   chan struct{} // closed when none is alive

	mu     sync.Mutex
	leases []*poolLease  // every lease that is not over
	idle   []*poolWorker // parked; the last one is woken first, its cache being warm
	closed bool          // workers end when no lease is left
}

// poolWorker is a worker's place; its goroutine is replaced when a task ends it.
type poolWorker struct {
	w       int
	wake    chan struct{} // capacity 1: a token for a worker in idle
	looking bool          // counted in pool.looking
	turn    int           // where this worker's round of the leases stands
}

func newPool(name string, workers int) *pool {
	p := &pool{name: name, ended: make(chan struct{})}
	for w := range workers {
		p.workers = append(p.workers, &poolWorker{w: w, wake: make(chan struct{}, 1)})
	}
	p.alive.Store(int32(workers))
	for _, w := range p.workers {
		go p.work(w)
	}
	return p
}

// Workers implements [Workers].
func (p *pool) Workers() int { return len(p.workers) }

// Start implements [Executor].
func (p *pool) Start(ctx context.Context, job Job) (Lease, error) {
	if err := refuse(p.name, job.Options(), Capabilities{}); err != nil {
		return nil, err
	}
	l := &poolLease{pool: p, job: job, ctx: ctx, seats: make([]seat, len(p.workers)), over: make(chan struct{})}
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, ErrClosed
	}
	for _, other := range p.leases {
		other.recall()
	}
	p.leases = append(slices.Clone(p.leases), l)
	p.active.Store(int32(len(p.leases)))
	p.mu.Unlock()
	p.wakeOne()
	return l, nil
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

// Close implements [Executor]. It waits for running jobs, so a task must not call it.
func (p *pool) Close() error {
	p.shut()
	<-p.ended
	return nil
}

// Stop implements [Executor]. Goroutines cannot be ended by force: tasks that run are
// waited for until ctx is done.
func (p *pool) Stop(ctx context.Context) error {
	p.shut()
	p.mu.Lock()
	leases := p.leases
	p.mu.Unlock()
	for _, l := range leases {
		l.job.Cancel(ErrClosed)
	}
	select {
	case <-p.ended:
		return nil
	case <-ctx.Done():
	}
	select {
	case <-p.ended: // that counts, even if both are true
		return nil
	default:
		return fmt.Errorf("stop %s: tasks are still running: %w", p.name, context.Cause(ctx))
	}
}

func (p *pool) shut() {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		if len(p.leases) == 0 {
			p.wakeAll()
		}
	}
	p.mu.Unlock()
}

// remove forgets a lease that is over.
func (p *pool) remove(l *poolLease) {
	p.mu.Lock()
	p.leases = slices.DeleteFunc(slices.Clone(p.leases), func(x *poolLease) bool { return x == l })
	p.active.Store(int32(len(p.leases)))
	if p.closed && len(p.leases) == 0 {
		p.wakeAll()
	}
	p.mu.Unlock()
}

// work is the goroutine of worker w.
func (p *pool) work(w *poolWorker) {
	ended := false
	defer func() {
		switch {
		case !ended:
			go p.work(w) // a task called Goexit
		case p.alive.Add(-1) == 0:
			close(p.ended)
		}
	}()
	for p.round(w) || p.park(w) {
	}
	ended = true
}

// round gives every lease a turn and reports whether any had work.
func (p *pool) round(w *poolWorker) (worked bool) {
	leases := p.snapshot()
	for range leases {
		w.turn++
		if leases[w.turn%len(leases)].visit(w) {
			worked = true
		}
	}
	return worked
}

func (p *pool) snapshot() []*poolLease {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.leases // copied on write
}

// park sleeps until there may be work. It returns false when the pool has ended.
//
// Who makes tasks claimable publishes them first and reads asleep and looking after;
// a worker writes those first and looks for tasks after. So one of the two sees the
// other, and no wake-up is lost.
func (p *pool) park(w *poolWorker) (more bool) {
	p.found(w)
	p.mu.Lock()
	if p.closed && len(p.leases) == 0 {
		p.mu.Unlock()
		return false
	}
	p.idle = append(p.idle, w)
	p.asleep.Add(1)
	leases := p.leases
	p.mu.Unlock()
	for _, l := range leases {
		if l.claimable() && p.unpark(w) {
			return true
		}
	}
	<-w.wake
	return true
}

// unpark takes w back from the idle workers; false means that somebody has just woken
// it, so that there is a token to take.
func (p *pool) unpark(w *poolWorker) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.idle, w)
	if i < 0 {
		return false
	}
	p.idle = slices.Delete(p.idle, i, i+1)
	p.asleep.Add(-1)
	return true
}

// found ends w's looking, whether it found work or goes to sleep.
func (p *pool) found(w *poolWorker) {
	if w.looking {
		w.looking = false
		p.looking.Add(-1)
	}
}

// wakeOne wakes a worker unless one is looking for work already: that one wakes the
// next if it finds more than it can do.
func (p *pool) wakeOne() {
	if p.asleep.Load() == 0 || p.looking.Load() > 0 {
		return
	}
	p.mu.Lock()
	if n := len(p.idle); n > 0 && p.looking.Load() == 0 {
		w := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.asleep.Add(-1)
		p.looking.Add(1)
		w.looking = true
		w.wake <- struct{}{}
	}
	p.mu.Unlock()
}

// wakeAll wakes every worker; p.mu is held.
func (p *pool) wakeAll() {
	for _, w := range p.idle {
		w.wake <- struct{}{}
	}
	p.asleep.Add(-int32(len(p.idle)))
	p.idle = nil
}

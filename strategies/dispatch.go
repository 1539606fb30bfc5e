package strategies

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// ErrNested is what a strategy that cannot let a task wait for a job of its own executor
// answers to such a job: the task holds a worker, and the job would wait for that worker.
var ErrNested = errors.New("a task of this executor waits for this job, and this strategy cannot run it in the task's stead")

// A dispatcher is the executor of strategies that hand chunks over one by one: spawn,
// channel, and whatever has a submit function (see [Peer]). Each job has a goroutine that
// takes chunks and passes each on, waiting as long as the strategy makes it wait.
//
// Who hands over and who lets go meet at the chunk: a worker and a recall both claim it,
// and the one who comes second finds nothing. So a job can be let go of while its chunks
// wait in a queue that nobody can look into, and even while its own goroutine waits there.
type dispatcher struct {
	Tally
	name    string
	workers int
	hand    func(c *chunk) error // passes a chunk to a worker, who runs it once; an error says that none will
	end     func()               // ends the workers; nothing is handed over any more
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
	d := &dispatcher{name: name, workers: workers, leases: map[*dispatch]bool{}, empty: make(chan struct{}), ended: make(chan struct{})}
	d.desks.add(workers)
	return d
}

// Workers implements [Workers].
func (d *dispatcher) Workers() int { return d.workers }

// Start implements [Executor].
func (d *dispatcher) Start(ctx context.Context, job Job) (Lease, error) {
	if err := refuse(d.name, job.Options(), Capabilities{Limits: true}); err != nil {
		return nil, err
	}
	if err := refuseNested(ctx, d, d.name); err != nil {
		return nil, err
	}
	l := newDispatch(ctx, d, job)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, ErrClosed
	}
	d.leases[l] = true
	d.loops.Add(1)
	go l.loop()
	return l, nil
}

// Close implements [Executor]. It does not wait for tasks past their limit: it returns a
// StrayError for those.
func (d *dispatcher) Close() error {
	d.shut()
	<-d.empty
	if n := d.lost.Load(); n > 0 {
		return &StrayError{Strategy: d.name, Tasks: int(n)}
	}
	<-d.ended
	return nil
}

// Stop implements [Executor]. Tasks that run are waited for until ctx is done.
func (d *dispatcher) Stop(ctx context.Context) error {
	d.mu.Lock()
	var leases []*dispatch
	for l := range d.leases {
		leases = append(leases, l)
	}
	d.mu.Unlock()
	d.shut()
	d.stopped.Store(true)
	for _, l := range leases {
		l.job.Cancel(ErrClosed)
		l.Stop()
	}
	select {
	case <-d.ended:
		return nil
	case <-ctx.Done():
	}
	select {
	case <-d.empty: // that counts, even if both are true
		if n := d.lost.Load(); n > 0 {
			return &StrayError{Strategy: d.name, Tasks: int(n), Cause: context.Cause(ctx)}
		}
		<-d.ended
		return nil
	default:
		return fmt.Errorf("stop %s: tasks are still running: %w", d.name, context.Cause(ctx))
	}
}

// finish ends the workers when no lease is left. They are free then, or will be when their
// strays return, and what still waits for one gets it.
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

package strategies

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrNested is what a strategy that cannot let a task wait for a job of its own executor
// answers to such a job: the task holds a worker, and the job would wait for that worker.
var ErrNested = errors.New("a task of this executor waits for this job, and this strategy cannot run it in the task's stead")

// A dispatcher is the executor of strategies that hand chunks over one by one: spawn and
// channel. Each job has a goroutine that takes chunks and passes each on, waiting until
// the strategy accepts it.
type dispatcher struct {
	name    string
	workers int
	// hand passes a chunk to a worker, who calls c.run once. It waits until one accepts
	// it, or the job lets go of it; then it reports false.
	hand func(c chunk) bool
	end  func() // ends the workers; nothing is handed over any more

	mu     sync.Mutex
	leases map[*dispatch]bool
	closed bool
	empty  chan struct{} // closed when closed is set and no lease is left
	ended  sync.Once
}

// A chunk is some tasks on their way to a worker.
type chunk struct {
	lease *dispatch
	span  Span
}

// run runs the chunk as worker w.
func (c chunk) run(w int) {
	l := c.lease
	defer l.running.Done() // a task may end the goroutine
	s := &l.seats[w]
	if s.ctx == nil {
		s.ctx = context.WithValue(l.parent, placeKey{}, &place{owner: l.owner, w: w})
	}
	s.span.Set(c.span)
	l.job.Drain(s.ctx, &s.span, w)
}

func newDispatcher(name string, workers int) *dispatcher {
	return &dispatcher{name: name, workers: workers, leases: map[*dispatch]bool{}, empty: make(chan struct{})}
}

// Workers implements [Workers].
func (d *dispatcher) Workers() int { return d.workers }

// Start implements [Executor].
func (d *dispatcher) Start(ctx context.Context, job Job) (Lease, error) {
	if err := refuse(d.name, job.Options(), Capabilities{}); err != nil {
		return nil, err
	}
	if at, ok := ctx.Value(placeKey{}).(*place); ok && at.owner == d {
		return nil, fmt.Errorf("strategy %s: %w", d.name, ErrNested)
	}
	l := &dispatch{owner: d, job: job, parent: ctx, seats: make([]dispatchSeat, d.workers), wake: make(chan struct{}, 1), letGo: make(chan struct{}), over: make(chan struct{})}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, ErrClosed
	}
	d.leases[l] = true
	go l.loop()
	return l, nil
}

// Close implements [Executor].
func (d *dispatcher) Close() error {
	d.shut()
	<-d.empty
	d.ended.Do(d.end)
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
	for _, l := range leases {
		l.job.Cancel(ErrClosed)
		l.Stop()
	}
	select {
	case <-d.empty:
		d.ended.Do(d.end)
		return nil
	case <-ctx.Done():
	}
	select {
	case <-d.empty: // that counts, even if both are true
		d.ended.Do(d.end)
		return nil
	default:
		return fmt.Errorf("stop %s: tasks are still running: %w", d.name, context.Cause(ctx))
	}
}

func (d *dispatcher) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		d.closed = true
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

// A dispatch is a dispatcher at work on one job.
type dispatch struct {
	owner   *dispatcher
	job     Job
	parent  context.Context
	seats   []dispatchSeat
	wake    chan struct{} // capacity 1
	stop    sync.Once
	letGo   chan struct{} // closed by Stop
	over    chan struct{}
	running sync.WaitGroup // chunks handed over
}

// A dispatchSeat is one worker's place at a dispatch, used by that worker alone.
type dispatchSeat struct {
	ctx  context.Context // what tasks see: the job's, with their place
	span Range
}

// loop takes chunks and hands them over until the job is over.
func (l *dispatch) loop() {
	defer func() {
		l.running.Wait()
		l.owner.remove(l)
		close(l.over)
	}()
	for {
		s, state := l.job.Take(MaxTasks)
		switch state {
		case Ready:
			l.handOver(s)
		case Later:
			<-l.wake
		case Over:
			return
		}
	}
}

// handOver cuts s into chunks and hands them over one by one. What the job lets go of
// meanwhile is skipped.
func (l *dispatch) handOver(s Span) {
	size := l.job.Options().sizer(s.Len(), l.owner.workers)
	size.next.Target /= time.Duration(l.owner.workers) // chunks end that much more often than one takes
	var rest Range
	rest.Set(s)
	for {
		next := rest.Claim(size.size(&rest))
		if next.Len() == 0 {
			return
		}
		l.running.Add(1)
		if !l.owner.hand(chunk{l, next}) {
			l.running.Done()
			var r Range
			r.Set(next)
			l.job.Drain(l.parent, &r, outside)
		}
	}
}

// Wake implements [Lease].
func (l *dispatch) Wake() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Help implements [Lease]: this strategy cannot.
func (l *dispatch) Help(context.Context) bool { return false }

// Stop implements [Lease].
func (l *dispatch) Stop() {
	l.stop.Do(func() { close(l.letGo) })
	l.Wake()
}

// Wait implements [Lease].
func (l *dispatch) Wait() { <-l.over }

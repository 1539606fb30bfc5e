package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/strategies/work"
)

const name = "cluster"

// A Config is the configuration of [New].
type Config struct {
	Options
	Workers int // largest number of tasks that run at the same time; 0 means GOMAXPROCS of this program
	// Patience is the time that tasks wait if no worker has a free slot; 0 means 10 s. After this
	// time, they fail with a [NoWorkersError].
	Patience time.Duration
}

// An Executor runs the tasks of its jobs on other hosts. It implements [work.Executor].
type Executor struct {
	core     work.Core
	options  Options
	patience time.Duration
	conn     *nats.Conn
	lanes    []*lane
	running  sync.WaitGroup // the goroutines of the lanes

	ctx  context.Context // ends when the executor needs no further slot
	quit context.CancelFunc

	mu      sync.Mutex
	leases  []*lease
	closed  bool
	kernels []string        // kernels of the workers, sorted; nil before the first handshake
	without time.Time       // time since which no lane has had a slot; zero if a lane has one
	linked  context.Context // ends when the connection to the server breaks, or with ctx
	cut     context.CancelFunc

	stopped, killing atomic.Bool
	ended            chan struct{} // closed when all lanes have ended
}

// New connects to the server and takes slots. It returns when each lane of the executor has a slot,
// or has found no free slot. If no lane has a slot, New returns an error.
//
// The error of New is one of these:
//
//   - an OptionError for an invalid field or a nil ctx
//   - a [ConnectError] if there is no server, or it refuses the credentials
//   - a [WorkerError] for a worker with another version or other kernels
//   - a [NoWorkersError] if no slot is free
//   - the cause of ctx if ctx ends first
func New(ctx context.Context, c Config) (*Executor, error) {
	if err := work.CheckContext(ctx); err != nil {
		return nil, err
	}
	o, err := c.checked()
	if err != nil {
		return nil, err
	}
	workers, err := work.WorkerCount(c.Workers)
	if err != nil {
		return nil, err
	}
	if c.Patience < 0 {
		return nil, &work.OptionError{Strategy: name, Option: "patience", Value: c.Patience, Reason: "must not be negative"}
	}
	if worker.Forgotten() {
		return nil, errForgotten
	}
	if c.Patience == 0 {
		c.Patience = 10 * time.Second
	}
	x := &Executor{core: work.Core{Name: name, Workers: workers}, options: o, patience: c.Patience, ended: make(chan struct{})}
	x.ctx, x.quit = context.WithCancel(context.Background())
	x.link()
	for w := range workers {
		x.lanes = append(x.lanes, &lane{x: x, w: w, wake: make(chan struct{}, 1), joined: make(chan *session, 1)})
	}
	if x.conn, err = o.dial(x.broke); err != nil {
		x.quit()
		return nil, err
	}
	if err := x.open(ctx, workers); err != nil {
		x.quit()
		x.conn.Close()
		return nil, err
	}
	return x, nil
}

var errForgotten = errors.New("this process was started as a worker, but has not called worker.Serve or worker.Main; call one of them first in main")

// open takes the first slots, and starts the lanes.
func (x *Executor) open(ctx context.Context, workers int) error {
	if _, err := x.conn.Subscribe(x.options.joined(), func(*nats.Msg) { x.news() }); err != nil {
		return err
	}
	errs := make([]error, workers)
	var hellos sync.WaitGroup
	for i, l := range x.lanes {
		hellos.Go(func() {
			s, err := l.hello(ctx)
			l.set(s)
			errs[i] = err
		})
	}
	hellos.Wait()
	err := errors.Join(errs...)
	refused, bad := errors.AsType[*WorkerError](err)
	some := slices.ContainsFunc(x.lanes, func(l *lane) bool { return l.session != nil })
	if err := context.Cause(ctx); err != nil || bad || !some {
		for _, l := range x.lanes {
			l.leave()
		}
		switch {
		case err != nil:
			return err
		case bad:
			return refused
		}
		return slices.MaxFunc(errs, func(a, b error) int { return len(a.Error()) - len(b.Error()) })
	}
	x.without = time.Time{}
	for _, l := range x.lanes {
		x.running.Go(l.serve)
	}
	var beats sync.WaitGroup
	beats.Go(x.beat)
	go func() {
		x.running.Wait()
		x.quit()
		beats.Wait()
		x.conn.Close()
		close(x.ended)
	}()
	return nil
}

// beat sends the heartbeats of all lanes. It has a goroutine of its own, because codecs may keep
// the goroutines of the lanes busy.
func (x *Executor) beat() {
	beats := time.NewTicker(x.options.Period)
	defer beats.Stop()
	for {
		select {
		case <-x.ctx.Done():
			return
		case <-beats.C:
		}
		for _, l := range x.lanes {
			if s := l.has.Load(); s != nil {
				s.beat()
			}
		}
	}
}

// news makes the lanes without a slot look for a slot.
func (x *Executor) news() {
	for _, l := range x.lanes {
		l.news.Store(true)
	}
	x.signal()
}

// link replaces the context for requests by a new one. The end of the old context ends its
// requests.
func (x *Executor) link() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.cut != nil {
		x.cut()
	}
	x.linked, x.cut = context.WithCancel(x.ctx)
}

// requests returns the context for requests.
func (x *Executor) requests() context.Context {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.linked
}

// broke ends the requests of all lanes after the connection broke, because messages may be lost.
// Each lane handles this when it wakes.
func (x *Executor) broke() {
	x.link()
	for _, l := range x.lanes {
		l.broken.Store(true)
	}
	x.signal()
}

// Start implements [work.Executor]. Tasks do not receive ctx, because they run on other hosts. If
// the executor is closed, Start returns ErrClosed. If the workers do not serve the kernel of the
// job, Start returns a [KernelError].
func (x *Executor) Start(ctx context.Context, job work.Job) (work.Lease, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	terms := job.Terms()
	if _, ok := slices.BinarySearch(x.kernels, terms.Kernel); !ok {
		return nil, &KernelError{Kernel: terms.Kernel, Have: x.kernels}
	}
	if x.closed {
		return nil, work.ErrClosed
	}
	le := &lease{x: x, ctx: ctx, job: job, terms: terms, target: chunkTarget, pending: 1, done: make(chan struct{})}
	x.leases = append(x.leases, le)
	x.signal()
	return le, nil
}

// Submit implements [work.Executor].
func (x *Executor) Submit(ctx context.Context, task work.Single) (work.Lease, error) {
	return x.Start(ctx, task)
}

// remove removes the lease le, whose job has ended.
func (x *Executor) remove(le *lease) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.leases = slices.DeleteFunc(slices.Clone(x.leases), func(o *lease) bool { return o == le })
	if x.closed && len(x.leases) == 0 {
		x.signal()
	}
}

// jobs returns the leases of the running jobs. The result over says that the lanes must end.
func (x *Executor) jobs() (leases []*lease, over bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.leases, x.closed && len(x.leases) == 0
}

func (x *Executor) width() int { return len(x.lanes) }

// signal wakes all lanes.
func (x *Executor) signal() {
	for _, l := range x.lanes {
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
}

// admit checks the kernels of a worker: they must equal those of the executor. The first worker
// determines the kernels of the executor.
func (x *Executor) admit(kernels []string) error {
	kernels = slices.Sorted(slices.Values(kernels))
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.kernels == nil {
		x.kernels = kernels
	}
	if !slices.Equal(x.kernels, kernels) {
		return &KernelsError{Have: kernels, Want: x.kernels}
	}
	return nil
}

// found records the result of a lane's search for a slot: err is nil if the lane has a slot. If no
// lane has had a slot for the time Patience, found cancels all jobs.
func (x *Executor) found(err error) {
	x.mu.Lock()
	if err == nil {
		x.without = time.Time{}
		x.mu.Unlock()
		return
	}
	if x.without.IsZero() {
		x.without = time.Now()
	}
	none := !slices.ContainsFunc(x.lanes, func(l *lane) bool { return l.has.Load() != nil })
	if !none {
		x.without = time.Time{}
	}
	up := none && time.Since(x.without) >= x.patience
	leases := x.leases
	x.mu.Unlock()
	if up && len(leases) > 0 {
		x.cancel(leases, err)
	}
}

func (x *Executor) cancel(leases []*lease, cause error) {
	for _, le := range leases {
		le.job.Cancel(cause)
	}
	x.signal()
}

func (x *Executor) refuse() []*lease {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.closed = true
	x.signal()
	return x.leases
}

// Close implements [work.Executor].
func (x *Executor) Close() error {
	if err := x.core.Closable(); err != nil {
		return err
	}
	x.refuse()
	<-x.ended
	return nil
}

// lastWait is the time that Stop waits for jobs after it has given up all slots.
const lastWait = 250 * time.Millisecond

// Stop implements [work.Executor]. Worker processes end as those of package procs do, within twice
// their grace. When ctx is done, Stop gives up the slots, and hosts kill their worker processes.
func (x *Executor) Stop(ctx context.Context) error {
	if err := work.CheckContext(ctx); err != nil {
		return err
	}
	if err := x.core.Stoppable(); err != nil {
		go x.stop(ctx)
		return err
	}
	if err := x.stop(ctx); err != nil {
		return fmt.Errorf("stop %s: %w", x.core.Name, err)
	}
	return nil
}

func (x *Executor) stop(ctx context.Context) error {
	x.stopped.Store(true)
	x.cancel(x.refuse(), work.ErrClosed)
	select {
	case <-x.ended:
		return nil
	case <-ctx.Done():
	}
	x.killing.Store(true)
	x.signal()
	select {
	case <-x.ended:
		return nil
	case <-time.After(x.options.Period + lastWait):
		return fmt.Errorf("a job has not ended after its workers; if it is a stream, end its input: %w", context.Cause(ctx))
	}
}

// Core implements [work.Executor].
func (x *Executor) Core() *work.Core { return &x.core }

// Counts implements [work.Executor].
func (x *Executor) Counts() work.Counts {
	busy := 0
	for _, l := range x.lanes {
		if l.busy.Load() {
			busy++
		}
	}
	return x.core.Counts(busy)
}

// Slots returns the number of slots that the executor has now, at most its number of workers.
func (x *Executor) Slots() (n int) {
	for _, l := range x.lanes {
		if l.has.Load() != nil {
			n++
		}
	}
	return n
}

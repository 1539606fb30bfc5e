package cluster

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A durableLease is the lease of a job on a Durable.
type durableLease struct {
	*lease
	abandon atomic.Bool // do not wait for outcomes, because no worker lives or the server is away
	named   *named      // nil for an unnamed job
}

// Start implements [work.Executor]. The job has no name, so it ends with this executor: workers
// drop its tasks if they notice that this program is gone. [Durable.Job] starts named jobs.
func (x *Durable) Start(ctx context.Context, job work.Job) (work.Lease, error) {
	return x.start(ctx, job, nil)
}

func (x *Durable) start(ctx context.Context, job work.Job, n *named) (work.Lease, error) {
	terms := job.Terms()
	if !slices.Contains(x.kernels, terms.Kernel) {
		return nil, &KernelError{Kernel: terms.Kernel, Have: x.kernels}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return nil, work.ErrClosed
	}
	le := &durableLease{lease: &lease{x: x, ctx: ctx, job: job, terms: terms, target: durableTarget, pending: 1, done: make(chan struct{})}, named: n}
	x.leases = append(slices.Clip(x.leases), le)
	if n != nil {
		s, _ := job.Take(work.MaxTasks) // all tasks; none if the job was cancelled
		le.total, le.pending = s.Len(), 1+s.Len()
		go n.takeUp(le, s)
	}
	x.signal()
	return le, nil
}

// Submit implements [work.Executor].
func (x *Durable) Submit(ctx context.Context, task work.Single) (work.Lease, error) {
	return x.Start(ctx, task)
}

func (x *Durable) width() int { return len(x.lanes) }

// remove removes the lease le, whose job has ended.
func (x *Durable) remove(le *lease) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.leases = slices.DeleteFunc(slices.Clone(x.leases), func(o *durableLease) bool {
		if o.lease == le && o.named != nil {
			o.named.end()
		}
		return o.lease == le
	})
	if x.closed && len(x.leases) == 0 {
		x.signal()
	}
}

// jobs returns the leases of the running jobs. The result over says that the lanes must end.
func (x *Durable) jobs() (leases []*durableLease, over bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.leases, x.closed && len(x.leases) == 0
}

// signal wakes all lanes.
func (x *Durable) signal() {
	for _, l := range x.lanes {
		l.signal()
	}
}

func (x *Durable) refuse() []*durableLease {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.closed = true
	return x.leases
}

// Close implements [work.Executor].
func (x *Durable) Close() error {
	if err := x.core.Closable(); err != nil {
		return err
	}
	x.refuse()
	x.signal()
	<-x.ended
	return nil
}

// Stop implements [work.Executor]. The tasks of unnamed jobs are cancelled. The chunks of named jobs that the
// server has accepted stay in its queue; a later executor can take up these jobs.
func (x *Durable) Stop(ctx context.Context) error {
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

func (x *Durable) stop(ctx context.Context) error {
	x.stopped.Store(true)
	for _, le := range x.refuse() {
		le.job.Cancel(work.ErrClosed)
	}
	x.signal()
	select {
	case <-x.ended:
		return nil
	case <-ctx.Done():
	}
	x.killing.Store(true)
	x.cut()
	x.signal()
	select {
	case <-x.ended:
		return nil
	case <-time.After(x.options.Period + lastWait):
		return fmt.Errorf("a job has not ended after its workers; if it is a stream, end its input: %w", context.Cause(ctx))
	}
}

// Core implements [work.Executor].
func (x *Durable) Core() *work.Core { return &x.core }

// Counts implements [work.Executor].
func (x *Durable) Counts() work.Counts {
	busy := 0
	for _, l := range x.lanes {
		if l.busy.Load() {
			busy++
		}
	}
	return x.core.Counts(busy)
}

package inproc

import (
	"context"
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/strategies/work"
)

// Core implements [work.Executor].
func (l *loop) Core() *work.Core { return &l.core }

// Counts implements [work.Executor].
func (l *loop) Counts() work.Counts { return l.core.Counts(l.running()) }

// Submit implements [work.Executor].
func (l *loop) Submit(ctx context.Context, s work.Single) (work.Lease, error) {
	return l.Start(ctx, s)
}

// Start implements [work.Executor].
func (l *loop) Start(ctx context.Context, job work.Job) (work.Lease, error) {
	terms := job.Terms()
	if err := terms.Refuse("loop", false, false); err != nil {
		return nil, err
	}
	if !terms.Resumes {
		return nil, &work.OptionError{Strategy: "loop", Option: "kernel", Value: terms.Kernel, Reason: "has no resumable form (Begin), without which its tasks would hold up the loop"}
	}
	if err := l.core.Unnested(ctx); err != nil {
		return nil, err
	}
	lease := &loopLease{loop: l, job: job, over: make(chan struct{})}
	lease.ctx = &work.Place{Context: ctx, Core: &l.core}
	lease.unwatch = context.AfterFunc(ctx, func() { l.post(call{nil, lease.interrupt}) })
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		lease.unwatch()
		return nil, work.ErrClosed
	}
	l.leases[lease] = true
	l.mu.Unlock()
	lease.Wake()
	return lease, nil
}

// Close implements [work.Executor].
func (l *loop) Close() error {
	l.shut()
	<-l.ended
	return nil
}

// Stop implements [work.Executor]. Tasks that have begun see their context end. Those that have
// not ended when ctx is done fail, unless one of them holds the loop's goroutine.
func (l *loop) Stop(ctx context.Context) error {
	l.shut()
	l.stopped.Store(true)
	for _, lease := range l.all() {
		lease.job.Cancel(work.ErrClosed)
		lease.Stop()
		lease.Wake()
	}
	select {
	case <-l.ended:
		return nil
	case <-ctx.Done():
	}
	select {
	case <-l.ended: // that counts, even if both are true
		return nil
	default:
	}
	l.post(call{nil, func() {
		for _, lease := range l.all() {
			for _, ev := range slices.Clone(lease.running) {
				ev.fail(work.ErrClosed)
			}
		}
	}})
	return fmt.Errorf("stop loop: tasks have not ended: %w", context.Cause(ctx))
}

func (l *loop) shut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.rouse()
}

func (l *loop) all() (leases []*loopLease) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for lease := range l.leases {
		leases = append(leases, lease)
	}
	return leases
}

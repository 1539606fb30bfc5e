package inproc

import (
	"context"
	"maps"
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
		return nil, &work.OptionError{Strategy: "loop", Option: "kernel", Value: terms.Kernel, Reason: "needs a resumable form (Begin), since a plain function would block the loop"}
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
	l.jobs++
	lease.number = l.jobs
	l.mu.Unlock()
	lease.Wake()
	return lease, nil
}

// Close implements [work.Executor].
func (l *loop) Close() error {
	if err := l.core.Closable(); err != nil {
		return err
	}
	l.shut()
	<-l.ended
	return nil
}

// Stop implements [work.Executor]. It ends the contexts of tasks that have begun. If tasks have not
// ended when ctx is done, Stop makes them fail, unless one of them blocks the loop's goroutine.
func (l *loop) Stop(ctx context.Context) error {
	if err := work.CheckContext(ctx); err != nil {
		return err
	}
	l.shut()
	l.stopped.Store(true)
	for _, lease := range l.all() {
		lease.job.Cancel(work.ErrClosed)
		lease.Stop()
		lease.Wake()
	}
	err := stopped(ctx, &l.core, l.ended, nil, 0)
	if err != nil {
		l.post(call{nil, func() {
			for _, lease := range l.all() {
				for _, ev := range slices.Clone(lease.running) {
					ev.fail(work.ErrClosed)
				}
			}
		}})
	}
	return err
}

// shut makes the loop refuse new jobs and end when no job is left.
func (l *loop) shut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.rouse()
}

// all returns the leases of the jobs that have not ended.
func (l *loop) all() []*loopLease {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Keys(l.leases))
}

package strategies

import (
	"context"
	"fmt"
	"slices"
)

// Start implements [Executor].
func (l *loop) Start(ctx context.Context, job Job) (Lease, error) {
	if err := refuse("loop", job.Options(), Capabilities{}); err != nil {
		return nil, err
	}
	if !job.Resumes() {
		return nil, &OptionError{Strategy: "loop", Option: "kernel", Value: job.Kernel(), Reason: "has no resumable form (Begin), without which its tasks would hold up the loop"}
	}
	if err := refuseNested(ctx, l, "loop"); err != nil {
		return nil, err
	}
	lease := &loopLease{loop: l, job: job, over: make(chan struct{})}
	lease.ctx = &place{Context: ctx, owner: l}
	lease.unwatch = context.AfterFunc(ctx, func() { l.post(call{nil, lease.interrupt}) })
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		lease.unwatch()
		return nil, ErrClosed
	}
	l.leases[lease] = true
	l.mu.Unlock()
	lease.Wake()
	return lease, nil
}

// Close implements [Executor].
func (l *loop) Close() error {
	l.shut()
	<-l.ended
	return nil
}

// Stop implements [Executor]. Tasks that have begun see their context end; those that have
// not ended when ctx does fail, unless one of them holds the loop's goroutine.
func (l *loop) Stop(ctx context.Context) error {
	l.shut()
	l.stopped.Store(true)
	for _, lease := range l.all() {
		lease.job.Cancel(ErrClosed)
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
				ev.fail(ErrClosed)
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

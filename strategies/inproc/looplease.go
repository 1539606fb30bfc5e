package inproc

import (
	"context"
	"sync"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A loopLease is a loop at work on one job.
type loopLease struct {
	loop    *loop
	job     work.Job
	ctx     context.Context // of the tasks
	unwatch func() bool
	running []*events // tasks that have begun and are not forgotten; the loop's goroutine's
	queued  bool      // in loop.ready, under the loop's lock
	over    chan struct{}

	mu       sync.Mutex
	inside   int  // tasks taken and not ended, and goroutines about to take some
	took     bool // Take said work.Over
	ended    bool // over is closed, or about to be
	skipping bool // a goroutine is in skip
	again    bool // it is to look once more
}

func (l *loopLease) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return false
	}
	l.inside++
	return true
}

func (l *loopLease) leave() { l.leaveWith(false) }

// leaveWith is leave; over says that the job has no more tasks.
func (l *loopLease) leaveWith(over bool) {
	l.mu.Lock()
	l.inside--
	l.took = l.took || over
	end := l.took && l.inside == 0 && !l.ended
	l.ended = l.ended || end
	l.mu.Unlock()
	if !end {
		return
	}
	l.unwatch()
	l.loop.mu.Lock()
	delete(l.loop.leases, l)
	l.loop.rouse() // it may be closed
	l.loop.mu.Unlock()
	close(l.over)
}

// interrupt tells the tasks that their context has ended.
func (l *loopLease) interrupt() {
	cause := context.Cause(l.ctx)
	for _, ev := range l.running {
		ev.interrupt(cause)
	}
}

// Wake implements [work.Lease].
func (l *loopLease) Wake() {
	l.loop.mu.Lock()
	defer l.loop.mu.Unlock()
	if !l.queued {
		l.queued = true
		l.loop.ready = append(l.loop.ready, l)
		l.loop.rouse()
	}
}

// Help implements [work.Lease]: this strategy cannot.
func (l *loopLease) Help(context.Context) bool { return false }

// Stop implements [work.Lease]. A task may hold the loop's goroutine for long, so the caller
// itself skips the tasks that were not taken.
func (l *loopLease) Stop() {
	if l.job.Cancelled() != nil {
		l.skip()
	}
}

// skip takes the rest of a job that was cancelled, or has no more tasks to take. One goroutine
// does it at a time, since the job allows one outside the workers; the others leave it to look
// again, and do not wait, since the job may call back.
func (l *loopLease) skip() {
	if !l.enter() {
		return
	}
	l.mu.Lock()
	busy := l.skipping
	l.skipping, l.again = true, true
	l.mu.Unlock()
	if busy {
		l.leave()
		return
	}
	over := false
	for l.skipAgain() {
		s, state := l.job.Take(work.MaxTasks)
		for ; state == work.Ready; s, state = l.job.Take(work.MaxTasks) {
			var r work.Range
			r.Set(s)
			l.job.Drain(l.ctx, &r, work.Outside)
		}
		over = state == work.Over
	}
	l.leaveWith(over)
}

// skipAgain reports whether skip was called since the last skipAgain; if not, skipping has
// ended.
func (l *loopLease) skipAgain() (again bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	again, l.again = l.again, false
	l.skipping = again
	return again
}

// Wait implements [work.Lease]. When it is called every task was taken, or the job cancelled.
func (l *loopLease) Wait() {
	l.skip() // the loop need not come by to see that all is over
	<-l.over
}

// running returns the number of tasks that were taken and have not ended.
func (l *loop) running() (n int) {
	for _, lease := range l.all() {
		lease.mu.Lock()
		n += lease.inside
		lease.mu.Unlock()
	}
	return n
}

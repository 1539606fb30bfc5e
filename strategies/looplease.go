package strategies

import (
	"context"
	"sync"
)

// A loopLease is a loop at work on one job.
type loopLease struct {
	loop    *loop
	job     Job
	ctx     context.Context // what tasks see
	unwatch func() bool
	running []*Events // tasks that have begun and are not forgotten; the loop's goroutine's
	queued  bool      // in loop.ready, under the loop's lock
	over    chan struct{}

	mu       sync.Mutex
	inside   int  // tasks taken and not ended, and who is about to take some
	took     bool // Take said Over
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

// leaveWith is leave, and says whether the job is known to have no more tasks.
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

// Wake implements [Lease].
func (l *loopLease) Wake() {
	l.loop.mu.Lock()
	defer l.loop.mu.Unlock()
	if !l.queued {
		l.queued = true
		l.loop.ready = append(l.loop.ready, l)
		l.loop.rouse()
	}
}

// Help implements [Lease]: this strategy cannot.
func (l *loopLease) Help(context.Context) bool { return false }

// Stop implements [Lease]. A task may hold the loop's goroutine for long, so the caller
// skips by itself what nobody has taken.
func (l *loopLease) Stop() {
	if l.job.Cancelled() != nil {
		l.skip()
	}
}

// skip takes what there is of a job that was cancelled, or has no more tasks to take. One
// goroutine does it at a time, since the job hears of one outside; the others leave it to look
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
		s, state := l.job.Take(MaxTasks)
		for ; state == Ready; s, state = l.job.Take(MaxTasks) {
			var r Range
			r.Set(s)
			l.job.Drain(l.ctx, &r, outside)
		}
		over = state == Over
	}
	l.leaveWith(over)
}

// skipAgain reports whether somebody wanted tasks skipped since it was asked last; if not,
// skipping has ended.
func (l *loopLease) skipAgain() (again bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	again, l.again = l.again, false
	l.skipping = again
	return again
}

// Wait implements [Lease]. When it is called every task was taken, or the job cancelled.
func (l *loopLease) Wait() {
	l.skip() // the loop need not come by to see that all is over
	<-l.over
}

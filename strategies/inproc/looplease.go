package inproc

import (
	"context"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A loopLease is the use of a loop for one job.
type loopLease struct {
	loop    *loop
	number  uint64 // number of the lease, from 1
	job     work.Job
	ctx     context.Context // context of the tasks
	unwatch func() bool
	running []*events     // tasks that have begun and not finished; only the loop's goroutine uses it
	queued  bool          // whether the lease is in loop.ready; guarded by the loop's lock
	over    chan struct{} // closed when every task that the loop took has its outcome

	presence      // the mutex of presence also guards the fields below
	skipping bool // whether a goroutine is in skip
	again    bool // whether the goroutine in skip must look for tasks once more
}

// leave ends a use of the lease that began with a call of the method enter.
func (l *loopLease) leave() { l.leaveWith(false) }

// leaveWith ends a use of the lease that began with a call of the method enter. over says that the
// job has no further tasks. If this was the last use and the job has no further tasks, leaveWith
// also ends the lease.
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
	l.loop.rouse() // a closed loop ends after its last lease, so wake it
	l.loop.mu.Unlock()
	close(l.over)
}

// interrupt is called when the context of the job has ended. It ends the waits of each running task
// of the job with the cause of this context.
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

// Help implements [work.Lease]. It does nothing, since tasks of a loop cannot wait for their own
// executor.
func (l *loopLease) Help(context.Context) bool { return false }

// Stop implements [work.Lease]. If the job was cancelled, Stop skips its tasks on the calling
// goroutine, since a task may block the loop's goroutine for a long time.
func (l *loopLease) Stop() {
	if l.job.Cancelled() != nil {
		l.skip()
	}
}

// skip records the outcomes of the remaining tasks of a cancelled job, which never start. If the
// job has no further tasks, skip ends the lease. Only one goroutine at a time does this work: if
// another goroutine is in skip, the call makes that goroutine look for tasks again, and returns at
// once. It must not wait, since skip calls the job, and the job may call skip.
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

// skipAgain reports whether another call of skip has asked the goroutine in skip to look for tasks
// again. If not, the goroutine must leave skip, and skipAgain clears the flag l.skipping.
func (l *loopLease) skipAgain() (again bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	again, l.again = l.again, false
	l.skipping = again
	return again
}

// Wait implements [work.Lease]. It is called when no task is left in the job or the job was
// cancelled.
func (l *loopLease) Wait() {
	l.skip() // ends the lease if the loop will not look at it again
	<-l.over
}

// running returns the number of tasks that have begun and not ended, plus the number of goroutines
// that are about to take tasks of a job.
func (l *loop) running() (n int) {
	for _, lease := range l.all() {
		lease.mu.Lock()
		n += lease.inside
		lease.mu.Unlock()
	}
	return n
}

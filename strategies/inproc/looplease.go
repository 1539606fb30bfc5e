package inproc

import (
	"context"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A loopLease is the work of a loop on one job.
type loopLease struct {
	loop    *loop
	number  uint64 // from 1
	job     work.Job
	ctx     context.Context // context of the tasks
	unwatch func() bool
	running []*events     // tasks that have begun and not finished; used by the loop's goroutine only
	queued  bool          // the lease is in loop.ready; guarded by the loop's lock
	over    chan struct{} // closed when the loop holds no task of the job any more

	presence      // its lock guards the fields below too
	skipping bool // a goroutine is in skip
	again    bool // that goroutine must look for tasks once more
}

// leave reverses enter.
func (l *loopLease) leave() { l.leaveWith(false) }

// leaveWith reverses enter, and ends the lease when the job is over and nothing is inside. over
// means that Take returned Over.
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
	l.loop.rouse() // a closed loop ends after its last lease
	l.loop.mu.Unlock()
	close(l.over)
}

// interrupt interrupts the running tasks, whose context has ended.
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

// Help implements [work.Lease]. It does nothing: a loop does not nest.
func (l *loopLease) Help(context.Context) bool { return false }

// Stop implements [work.Lease]. It skips tasks on the goroutine of the caller, since a task may
// block the loop's goroutine for long.
func (l *loopLease) Stop() {
	if l.job.Cancelled() != nil {
		l.skip()
	}
}

// skip takes and skips the remaining tasks of a cancelled job, or finds that a job is over. Only one
// goroutine does so at a time, since the job allows one outside the workers. Others make it look
// again and return at once, since the job may call back.
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

// skipAgain reports whether skip was called since the last skipAgain. If not, it ends skipping.
func (l *loopLease) skipAgain() (again bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	again, l.again = l.again, false
	l.skipping = again
	return again
}

// Wait implements [work.Lease]. When it is called, every task was taken or the job was cancelled.
func (l *loopLease) Wait() {
	l.skip() // ends the lease if the loop does not look at it again
	<-l.over
}

// running returns the number of tasks that were taken and have not ended, plus the number of
// goroutines that are about to take some.
func (l *loop) running() (n int) {
	for _, lease := range l.all() {
		lease.mu.Lock()
		n += lease.inside
		lease.mu.Unlock()
	}
	return n
}

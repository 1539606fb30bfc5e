//go:build unix

package lane

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/procs/internal/poll"
)

// weighing is the time between two readings of a worker's memory size.
const weighing = 5 * time.Millisecond

// An ending holds the reason why a worker must end, and the steps that were taken to end it.
type ending struct {
	readyAt  time.Time // when the worker became ready, if Recycle.Age is set
	weighed  time.Time // when the memory size of the worker was last read
	patience time.Time // when the running task of a cancelled job must have ended; zero if there is no such task

	due        bool      // the worker receives no more tasks, and is asked to end when it has none left
	why        *int64    // counter in Restarts to increment; nil if there is none
	counted    bool      // whether the worker was counted as lost
	terminated bool      // whether SIGTERM was sent
	endAt      time.Time // time of the next step
	task       uint32    // number of the task because of which the worker must end
	verdict    error     // outcome of that task; nil if no task is the reason
	atOnce     bool      // record the outcome before the worker has ended
	fault      error     // invalid data or invalid state of the page, caused by the worker
}

// end takes the next step to end the worker, such as closing its input. If there is no reason to
// end the worker, it does nothing.
func (l *lane) end() {
	over := l.pool.over()
	switch {
	case l.life == gone || l.life == lost:
		return
	case over && (l.pool.killing.Load() || l.life == starting):
		l.lose(nil)
	case l.life == retiring:
		l.condemn()
	case l.life == starting:
	case over:
		l.recall()
		l.retire(nil)
	case !l.worker.ending.due && l.worn():
		l.worker.ending.due = true
		l.recall()
	}
	if e := &l.worker.ending; l.life == ready && e.due {
		l.retire(e.why)
	}
}

// worn reports whether the worker must be replaced because it has reached a limit in Recycle. If
// so, it also records which limit this is.
func (l *lane) worn() bool {
	c, w, r := &l.pool.config, l.worker, &l.pool.restarts
	switch e := &w.ending; {
	case c.Recycle.Tasks > 0 && w.outcomes >= c.Recycle.Tasks,
		c.OneChunk && w.outcomes > 0 && l.flight.tasks == 0 && l.held.lo == l.held.hi:
		e.why = &r.Tasks
	case l.checksAge() && time.Since(e.readyAt) >= c.Recycle.Age:
		e.why = &r.Age
	case c.Recycle.Memory > 0 && w.outcomes > 0 && l.tooLarge():
		e.why = &r.Memory
	default:
		return false
	}
	return true
}

// checksAge reports whether the age limit in Recycle applies to the worker now. The limit applies
// once the worker has finished a task, and while it has no tasks. So a worker with tasks finishes
// at least one, however short the limit is.
func (l *lane) checksAge() bool {
	return l.pool.config.Recycle.Age > 0 && (l.worker.outcomes > 0 || l.flight.tasks == 0)
}

// tooLarge reports whether the worker uses more memory than Recycle allows. If the memory size was
// read less than 5 ms ago (the constant weighing), tooLarge returns false.
func (l *lane) tooLarge() bool {
	now, w := time.Now(), l.worker
	if now.Sub(w.ending.weighed) < weighing {
		return false
	}
	w.ending.weighed = now
	return w.Resident(l.arena() != nil) > l.pool.config.Recycle.Memory
}

// retire closes the input of the worker, which asks the worker to end. The worker first finishes
// the task that it is running. The argument why is the counter in Restarts to increment, or nil.
func (l *lane) retire(why *int64) {
	l.outbox.drop()
	l.poller.Drop(poll.In)
	l.worker.Conn.CloseWrite()
	l.pid.Store(0)
	l.move(retiring)
	l.lasting.Store(l.flight.tasks > 0)
	e := &l.worker.ending
	e.due, e.endAt = true, time.Now().Add(l.pool.config.Grace)
	if why != nil {
		l.pool.count(why)
	}
}

// terminate ends the worker because of its running task, which has the number task. The error
// verdict becomes the outcome of this task. The caller must have recalled all other tasks of the
// worker. The argument why is the counter in Restarts to increment.
func (l *lane) terminate(task uint32, verdict error, why *int64) {
	l.retire(why)
	l.worker.ending.task, l.worker.ending.verdict = task, verdict
	l.escalate()
}

// escalate ends the worker by a signal to its process group: SIGTERM at the first call, SIGKILL at
// the second.
func (l *lane) escalate() {
	e := &l.worker.ending
	if e.terminated {
		l.lose(e.fault)
		return
	}
	l.worker.Kill(unix.SIGTERM)
	e.terminated, e.endAt = true, time.Now().Add(l.pool.config.Grace)
}

// condemned reports whether the lane is ending the worker because of one task, and all earlier
// tasks have outcomes. The next outcome from the worker would then be that of this task.
func (l *lane) condemned() bool {
	e := &l.worker.ending
	return e.verdict != nil && e.task == l.worker.finished
}

// condemn records the outcome of a task over its time limit at once, while the lane is still ending
// the worker. It first records the outcomes of earlier tasks that the worker has sent or holds in
// its shared page. If the task itself produces an outcome later, the lane drops that outcome.
//
// For a cancelled task, condemn does nothing. Its job ends with its outcome, and no task may run
// after the end of its job, so the outcome is recorded when the worker has ended.
func (l *lane) condemn() {
	e := &l.worker.ending
	if !e.atOnce || l.flight.tasks == 0 {
		return
	}
	if !l.condemned() {
		l.peek()
	}
	if l.condemned() {
		l.worker.early++
		l.failNext(l.flight.first(), e.verdict) // the last task of its run, since the others were recalled
		if l.pool.more() {                      // this lane claims nothing for a while, so another lane must end jobs that have no more tasks
			l.pool.sleepers.wake()
		}
	}
}

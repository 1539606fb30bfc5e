//go:build unix

package lane

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/procs/internal/poll"
)

// weighing is how often the memory of a worker is looked at.
const weighing = 5 * time.Millisecond

// An ending is how far a worker has come on its way out, and why.
type ending struct {
	readyAt  time.Time // when it became ready, if age counts
	weighed  time.Time // when its memory was last looked at
	patience time.Time // when a task whose job is cancelled must have ended; zero if there is none

	due        bool      // it is sent nothing any more, and asked to end when it has nothing
	why        *int64    // the number of restarts that counts it, nil if none does
	counted    bool      // it was counted as lost
	terminated bool      // it was sent SIGTERM
	endAt      time.Time // when to take the next step
	task       uint32    // the one because of which the worker must end
	verdict    error     // and its outcome; nil if there is none
	atOnce     bool      // the outcome does not wait for the end of the worker
	fault      error     // what the worker did wrong
}

// end moves on the end of the worker, if that is to be.
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

// worn reports whether the worker is to be recycled.
func (l *lane) worn() bool {
	c, w, r := &l.pool.config, l.worker, &l.pool.restarts
	switch e := &w.ending; {
	case c.Recycle.Tasks > 0 && w.outcomes >= c.Recycle.Tasks:
		e.why = &r.Tasks
	case c.OneChunk && w.outcomes > 0 && l.flight.tasks == 0 && l.held.lo == l.held.hi:
		e.why = &r.Tasks
	case c.Recycle.Age > 0 && time.Since(e.readyAt) >= c.Recycle.Age:
		e.why = &r.Age
	case c.Recycle.Memory > 0 && w.outcomes > 0 && l.fat():
		e.why = &r.Memory
	default:
		return false
	}
	return true
}

// fat reports whether the worker occupies too much memory. It looks only so often.
func (l *lane) fat() bool {
	now, w := time.Now(), l.worker
	if now.Sub(w.ending.weighed) < weighing {
		return false
	}
	w.ending.weighed = now
	return w.Resident() > l.pool.config.Recycle.Memory
}

// retire asks the worker to end by ending its input. It finishes the task that it runs.
func (l *lane) retire(why *int64) {
	l.outbox.drop()
	l.poller.Drop(poll.In)
	l.worker.Conn.CloseWrite()
	l.pid.Store(0)
	l.move(asked)
	l.lasting.Store(l.flight.tasks > 0)
	e := &l.worker.ending
	e.due, e.endAt = true, time.Now().Add(l.pool.config.Grace)
	if why != nil {
		l.pool.count(why)
	}
}

// terminate ends the worker because of the task that it runs, which has that outcome. It was
// recalled before.
func (l *lane) terminate(task uint32, verdict error, why *int64) {
	l.retire(why)
	l.worker.ending.task, l.worker.ending.verdict = task, verdict
	l.escalate()
}

// escalate takes the next step in ending a worker: SIGTERM, then SIGKILL, to all of its
// process group.
func (l *lane) escalate() {
	e := &l.worker.ending
	if e.terminated {
		l.lose(e.fault)
		return
	}
	l.worker.Kill(unix.SIGTERM)
	e.terminated, e.endAt = true, time.Now().Add(l.pool.config.Grace)
}

// condemned reports whether the worker must end because of its next task.
func (l *lane) condemned() bool {
	e := &l.worker.ending
	return e.verdict != nil && e.task == l.worker.finished
}

// condemn gives the task that was over its limit its outcome before the worker has ended,
// behind those that the worker holds or has sent. What it may still send of that task is
// dropped. A cancelled task has to wait: once its job is over, nothing of it runs any more.
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
		l.failNext(l.flight.first(), e.verdict) // the last of its run, since those behind it were recalled
		if l.pool.more() {                      // which ends a job that has no more, as this lane will not ask for long
			l.pool.sleepers.wake()
		}
	}
}

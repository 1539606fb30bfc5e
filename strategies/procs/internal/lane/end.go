//go:build unix

package lane

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/procs/internal/poll"
)

// weighing is the interval between two readings of a worker's memory.
const weighing = 5 * time.Millisecond

// An ending says why a worker must end and how far that has progressed.
type ending struct {
	readyAt  time.Time // when it became ready, if age is limited
	weighed  time.Time // when its memory was last read
	patience time.Time // when a running task of a cancelled job must have ended; zero if there is none

	due        bool      // it gets no more tasks, and is asked to end when it has none
	why        *int64    // the counter of restarts for it, nil if there is none
	counted    bool      // it was counted as lost
	terminated bool      // SIGTERM was sent
	endAt      time.Time // time of the next step
	task       uint32    // number of the task that is the reason
	verdict    error     // outcome of that task; nil if no task is the reason
	atOnce     bool      // the outcome does not wait for the worker's end
	fault      error     // invalid data or state left by the worker
}

// end takes the next step in ending the worker, if it must end.
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

// worn reports whether the worker must be recycled, and records why.
func (l *lane) worn() bool {
	c, w, r := &l.pool.config, l.worker, &l.pool.restarts
	switch e := &w.ending; {
	case c.Recycle.Tasks > 0 && w.outcomes >= c.Recycle.Tasks,
		c.OneChunk && w.outcomes > 0 && l.flight.tasks == 0 && l.held.lo == l.held.hi:
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

// fat reports whether the worker exceeds its memory limit. It reads the memory once per weighing.
func (l *lane) fat() bool {
	now, w := time.Now(), l.worker
	if now.Sub(w.ending.weighed) < weighing {
		return false
	}
	w.ending.weighed = now
	return w.Resident() > l.pool.config.Recycle.Memory
}

// retire asks the worker to end by closing its input. The worker first finishes the task that it
// runs.
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

// terminate ends the worker because of the task that it runs, whose outcome will be verdict. All
// other tasks have been recalled.
func (l *lane) terminate(task uint32, verdict error, why *int64) {
	l.retire(why)
	l.worker.ending.task, l.worker.ending.verdict = task, verdict
	l.escalate()
}

// escalate takes the next step in ending the worker's process group: SIGTERM, then SIGKILL.
func (l *lane) escalate() {
	e := &l.worker.ending
	if e.terminated {
		l.lose(e.fault)
		return
	}
	l.worker.Kill(unix.SIGTERM)
	e.terminated, e.endAt = true, time.Now().Add(l.pool.config.Grace)
}

// condemned reports whether the next task is the one for which the worker must end.
func (l *lane) condemned() bool {
	e := &l.worker.ending
	return e.verdict != nil && e.task == l.worker.finished
}

// condemn gives a task over its limit its outcome before the worker has ended, but after the
// outcomes that the worker holds or has sent. A later outcome of the task is dropped. A cancelled
// task has to wait for the worker's end: no task may run after its job is over.
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
		l.failNext(l.flight.first(), e.verdict) // the last of its run: the others were recalled
		if l.pool.more() {                      // another lane must end a job without tasks, as this one does not claim for a while
			l.pool.sleepers.wake()
		}
	}
}

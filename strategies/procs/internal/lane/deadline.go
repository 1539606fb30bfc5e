//go:build unix

package lane

import (
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// running returns the task that the worker has started last: its number, and the lease of its job.
// If the outcome of this task has already arrived, le is nil.
func (l *lane) running() (le *lease, task uint32) {
	started := l.worker.Page.State().Started
	n := int(since(l.worker.finished, started))
	if n == 0 || n > l.flight.tasks {
		return nil, 0
	}
	return l.flight.at(n - 1), (started + wire.Tasks - 1) % wire.Tasks
}

// left returns the time until the running task reaches its time limit. The arguments le and task
// are the results of the method running. If no task runs, or the task has no limit, left returns
// the shortest limit of the tasks sent to the worker, since no task can reach its limit sooner.
func (l *lane) left(le *lease, task uint32) time.Duration {
	if le == nil || le.terms.Limit == 0 {
		return l.flight.limit
	}
	w := l.worker
	if w.seenTask != task || w.seenAt.IsZero() {
		w.seenTask, w.seenAt = task, time.Now()
	}
	return le.terms.Limit - max(w.Page.Ran(), time.Since(w.seenAt))
}

// alarm returns the time until the next scheduled action of the lane, for instance the end of a
// task that reaches its time limit. It returns a negative time if no action is scheduled.
func (l *lane) alarm() time.Duration {
	next := time.Duration(-1)
	in := func(d time.Duration) {
		if d = max(d, 0); next < 0 || d < next {
			next = d
		}
	}
	e := &l.worker.ending
	if l.life == retiring {
		in(time.Until(e.endAt))
		return next
	}
	if !e.patience.IsZero() {
		in(time.Until(e.patience))
	}
	if !e.due && l.checksAge() {
		in(time.Until(e.readyAt.Add(l.pool.config.Recycle.Age)))
	}
	if l.life == busy && l.flight.limit > 0 {
		in(l.left(l.running()))
	}
	return next
}

// ring performs the scheduled actions that are due; see alarm. It ends the worker if the running
// task is over its time limit, if a cancelled task still runs, or if the worker takes too long to
// end. It does not replace old workers; the method round does.
func (l *lane) ring() {
	e := &l.worker.ending
	switch {
	case l.life == retiring:
		if !time.Now().Before(e.endAt) {
			l.escalate()
		}
		return
	case l.life != busy:
		e.patience = time.Time{}
		return
	case !e.patience.IsZero() && !time.Now().Before(e.patience):
		e.patience = time.Time{}
		l.recall()
		if le, task := l.running(); le != nil && le.job.Cancelled() != nil {
			l.terminate(task, le.job.Cancelled(), &l.pool.restarts.Cancelled)
			return
		}
		// The cancelled task has ended, and the worker runs a task of another job. The worker was
		// not checked while the lane waited for the cancelled task.
		l.lookAfter()
	}
	if l.flight.limit == 0 || l.life != busy {
		return
	}
	if le, task := l.running(); le == nil {
		l.lookAfter() // with a short limit there may be no other occasion for the check
	} else if l.left(le, task) <= 0 {
		// After the recall the worker cannot start another task.
		l.recall()
		if le, task := l.running(); le != nil && l.left(le, task) <= 0 {
			l.terminate(task, &work.TimeoutError{Limit: le.terms.Limit}, &l.pool.restarts.Limit)
			e.atOnce = true
		}
	}
}

// checkPage checks s, the state of the memory that the worker shares with this process. It returns
// an error if no correct worker can cause this state.
func (l *lane) checkPage(s wire.PageState) error {
	n, what := since(l.worker.finished, s.Started), ""
	switch {
	case int(n) > l.flight.tasks:
		what = fmt.Sprintf("it counts %d running tasks, but the worker has only %d", n, l.flight.tasks)
	case n == 0 && s.Epoch != l.worker.epoch && l.life == busy:
		// A worker in this state would skip all tasks that it receives. A worker that received
		// SIGTERM does so too, but should have ended by now.
		what = fmt.Sprintf("it counts %d recalls of tasks instead of %d", s.Epoch, l.worker.epoch)
	default:
		return nil
	}
	return &wire.PageError{Reason: "corrupt: " + what}
}

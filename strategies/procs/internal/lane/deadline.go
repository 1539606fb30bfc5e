//go:build unix

package lane

import (
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A seen is the task that was found running, and when first. The page's note of when it began,
// which the worker may have spoilt, cannot keep it from its limit.
type seen struct {
	number uint32
	at     time.Time
}

// A running is a task that the worker has started and that has no outcome.
type running struct {
	lease  *lease
	number uint32
}

// running returns the task that was started last, if its outcome has not come.
func (l *lane) running() (t running, ok bool) {
	started := l.worker.Page.State().Started
	n := int(since(l.worker.finished, started))
	if n == 0 || n > l.flight.tasks {
		return running{}, false
	}
	return running{l.flight.at(n - 1), (started + wire.Tasks - 1) % wire.Tasks}, true
}

// left returns for how much longer the running task may go on, at least. If none runs that has
// a limit, none can be over its limit before the shortest has gone by.
func (l *lane) left(t running, ok bool) time.Duration {
	if !ok || t.lease.terms.Limit == 0 {
		return l.flight.limit
	}
	w := l.worker
	if w.seen.number != t.number || w.seen.at.IsZero() {
		w.seen = seen{t.number, time.Now()}
	}
	return t.lease.terms.Limit - max(w.Page.Ran(), time.Since(w.seen.at))
}

// alarm returns how long it is until something is due about the worker; negative if nothing
// is.
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
	if !e.readyAt.IsZero() && !e.due {
		in(time.Until(e.readyAt.Add(l.pool.config.Recycle.Age)))
	}
	if l.life == busy && l.flight.limit > 0 {
		in(l.left(l.running()))
	}
	return next
}

// ring does what is due. What is done at the end of a round anyway is not done here.
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
		if t, ok := l.running(); ok && t.lease.job.Cancelled() != nil {
			l.terminate(t.number, t.lease.job.Cancelled(), &l.pool.restarts.Cancelled)
			return
		}
		// The cancelled task has run, and what runs is another job's. While the lane was
		// patient, the worker was never quiet for long enough to be looked after.
		l.lookAfter()
	}
	if l.flight.limit == 0 || l.life != busy {
		return
	}
	if t, ok := l.running(); !ok {
		l.lookAfter() // a limit may be too short for it to be done otherwise
	} else if l.left(t, ok) <= 0 {
		// A worker that goes on to the next task now does not start it.
		l.recall()
		if t, ok := l.running(); ok && l.left(t, ok) <= 0 {
			l.terminate(t.number, &work.TimeoutError{Limit: t.lease.terms.Limit}, &l.pool.restarts.Limit)
			e.atOnce = true
		}
	}
}

// insane returns why the worker cannot have left the page as it is in state s; nil if it can
// have.
func (l *lane) insane(s wire.PageState) error {
	n, what := since(l.worker.finished, s.Started), ""
	switch {
	case int(n) > l.flight.tasks:
		what = fmt.Sprintf("it says that %d tasks run, and %d can", n, l.flight.tasks)
	case n == 0 && s.Epoch != l.worker.epoch && l.life == busy:
		// It would pass over all that it was sent. One that was sent SIGTERM does so too, and
		// should have ended.
		what = fmt.Sprintf("its epoch is %d, and was set to %d", s.Epoch, l.worker.epoch)
	default:
		return nil
	}
	return &wire.PageError{Reason: "corrupt: " + what}
}

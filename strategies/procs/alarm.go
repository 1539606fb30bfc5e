package procs

import (
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire"
)

// alarm returns how long it is until something is due about the worker; negative if
// nothing is.
func (l *lane) alarm() time.Duration {
	next := time.Duration(-1)
	in := func(d time.Duration) {
		if d = max(d, 0); next < 0 || d < next {
			next = d
		}
	}
	e := &l.leaving
	if l.life == retiring {
		in(time.Until(e.endAt))
		return next
	}
	if !e.patience.IsZero() {
		in(time.Until(e.patience))
	}
	if !e.bornAt.IsZero() && !e.due {
		in(time.Until(e.bornAt.Add(l.x.config.Recycle.Age)))
	}
	if l.life == busy && l.limit > 0 {
		in(l.spare(l.running(l.p.page.State())))
	}
	return next
}

// ring does what is due. What is done at the end of a round anyway is not done here.
func (l *lane) ring() {
	e := &l.leaving
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
		if t, ok := l.running(l.p.page.State()); ok && t.lease.job.Cancelled() != nil {
			l.terminate(t.number, t.lease.job.Cancelled(), &l.x.restarts.cancelled)
			return
		}
		// The cancelled task has run, and what runs is another job's. While it is waited for,
		// the worker is never quiet for long enough to be looked after.
		l.lookAfter()
	}
	if l.limit == 0 || l.life != busy {
		return
	}
	if t, ok := l.running(l.p.page.State()); !ok {
		l.lookAfter() // a limit may be too short for it to be done otherwise
	} else if l.spare(t, ok) <= 0 {
		// A worker that goes on to the next task now does not start it.
		l.recall()
		if t, ok := l.running(l.p.page.State()); ok && l.spare(t, ok) <= 0 {
			l.terminate(t.number, &strategies.TimeoutError{Limit: t.lease.limit}, &l.x.restarts.limit)
			l.leaving.atOnce = true
		}
	}
}

// A running is a task that the worker has claimed.
type running struct {
	lease  *lease
	number uint32
}

// running returns the task that was claimed last, if its outcome has not come.
func (l *lane) running(state wire.PageState) (running, bool) {
	n := int(since(l.p.finished, state.Started))
	if n == 0 || n > l.flight.tasks {
		return running{}, false
	}
	return running{l.flight.at(n - 1), (state.Started + wire.Tasks - 1) % wire.Tasks}, true
}

// spare returns for how much longer the running task may go on, at least. If none runs
// that has a limit, none can be over its limit before the shortest has gone by.
func (l *lane) spare(t running, ok bool) time.Duration {
	if !ok || t.lease.limit == 0 {
		return l.limit
	}
	if l.seen.number != t.number || l.seen.at.IsZero() {
		l.seen = seen{t.number, time.Now()}
	}
	return t.lease.limit - max(l.p.page.Ran(), time.Since(l.seen.at))
}

// A seen is the task that was found running, and when first. What the page says of when it
// began, which the worker may have spoilt, cannot keep it from its limit.
type seen struct {
	number uint32
	at     time.Time
}

// insane says why the worker cannot have left the page as it is; nil if it can have.
func (l *lane) insane(s wire.PageState) error {
	n, what := since(l.p.finished, s.Started), ""
	switch {
	case int(n) > l.flight.tasks:
		what = fmt.Sprintf("it says that %d tasks run, and %d can", n, l.flight.tasks)
	case n == 0 && s.Epoch != l.p.epoch && l.life == busy:
		// It would pass over all that it was sent. One that was sent SIGTERM does so too, and
		// should have ended.
		what = fmt.Sprintf("its epoch is %d, and was set to %d", s.Epoch, l.p.epoch)
	default:
		return nil
	}
	return &wire.PageError{Reason: "corrupt: " + what}
}

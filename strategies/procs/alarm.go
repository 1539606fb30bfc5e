package procs

import (
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
	if l.limit > 0 && l.life == busy && l.spare(l.running(l.p.page.State())) <= 0 {
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
	return t.lease.limit - l.p.page.Ran()
}

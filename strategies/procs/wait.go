package procs

import "time"

// wait waits for the worker, for room in its input, for something that is due, or to be
// woken.
func (l *lane) wait() {
	idle := l.life == ready && !l.unsent()
	if idle {
		l.x.park(l)
		l.rest()
		if l.fill() {
			l.x.unpark(l)
			if l.x.more() {
				l.x.wake()
			}
			return
		}
		l.ask()
	}
	if load := l.flight.load; l.flight.tasks > 1 {
		l.load.Store(load)
	} else {
		l.load.Store(0)
	}
	timeout, quiet, peek := l.alarm(), false, false
	if l.life == busy && (timeout < 0 || l.quiet < timeout) {
		timeout, quiet = l.quiet, true // it grows while nothing comes
	}
	if l.life == busy && (timeout < 0 || peekAfter < timeout) && l.mayHold() {
		timeout, quiet, peek = peekAfter, false, true
	}
	writing := l.unsent()
	if (timeout < 0 || timeout > longestLinger) && l.linger() {
		return
	}
	spin := l.x.config.spin
	if idle {
		spin = 0 // nothing is expected of the worker
	}
	doze := idle && l.warm && timeout < 0 && l.x.tripping
	if doze {
		timeout = firstQuiet // deaf to the worker: whoever makes a trip listens
	} else if l.p.arm(writing, spin) {
		if idle {
			l.x.unpark(l)
		}
		return
	}
	l.poller.expect(!doze, writing)
	before := l.trips
	r := l.sleep(timeout, doze)
	l.p.conn.Disarm()
	if idle || l.trips != before {
		l.x.unpark(l)
	}
	if doze && r == 0 {
		l.warm = false
	}
	if r&readyStderr != 0 {
		l.listen(l.p)
	}
	switch {
	case peek && r == 0:
		l.peekedAt = l.p.outcomes
		l.fetch()
	case peek:
	case r == 0 && quiet:
		l.lookAfter()
	case timeout >= 0 && !quiet:
		l.ring()
	}
}

// ask makes the lane with the most work to spare take back what its worker has not
// started, so that this one finds some.
func (l *lane) ask() {
	var most *lane
	load := int64(spareLoad)
	for _, other := range l.x.lanes {
		if n := other.load.Load(); n > load && other != l {
			most, load = other, n
		}
	}
	if most != nil && !most.asked.Swap(true) {
		most.poller.wake()
	}
}

// listen takes in what the worker wrote to standard error.
func (l *lane) listen(p *process) {
	if !p.listen() {
		l.poller.dropStderr()
		closeAll(p.stderr)
		p.stderr = -1
	}
}

// rest ends l's looking for work, and reports whether it was.
func (l *lane) rest() bool {
	if !l.looking.Load() || !l.looking.Swap(false) {
		return false
	}
	l.x.looking.Store(false)
	return true
}

const (
	firstQuiet = 16 * time.Millisecond
	lastQuiet  = 32 * time.Millisecond
)

// lookAfter is called when the worker has not been heard of for a while. Tasks that
// wait behind a slow one go to lanes that are asleep. A worker that was stopped by a signal,
// or whose page makes no sense, is ended.
func (l *lane) lookAfter() {
	l.quiet = min(2*l.quiet, lastQuiet)
	l.p.unhalt()
	l.fetch()
	if err := l.insane(l.p.page.State()); err != nil {
		l.lose(err)
		return
	}
	if behind := l.flight.tasks; behind > 1 && l.x.asleep.Load() > 0 {
		l.recall()
		l.slow = true                // this lane is awake and would claim them again, before those that sleep come
		if l.flight.tasks < behind { // else it holds outcomes that it does not send
			l.quiet = firstQuiet
		}
	}
}

// waitAlone waits while there is no worker that could be sent or send anything. It
// returns false when the lane has ended.
func (l *lane) waitAlone() bool {
	if l.life == gone && l.x.ending() {
		return false
	}
	if l.rest() {
		l.x.wake() // somebody else
	}
	timeout := time.Duration(-1)
	if end := l.leaving.endAt; l.life == lost && !end.IsZero() {
		if timeout = time.Until(end); timeout <= 0 {
			l.leaving.endAt = time.Time{}
			l.p.hangUp()
			timeout = -1
		}
	}
	if l.life == gone && !l.x.stopped.Load() && !l.x.failed() {
		timeout = max(time.Until(l.retryAt), 0)
		if l.x.config.Start.onDemand() && timeout == 0 {
			l.x.park(l)
			defer l.x.unpark(l)
			if l.x.more() {
				return true
			}
			timeout = -1
		}
	}
	l.poller.wait(timeout)
	return true
}

//go:build unix

package lane

import "context"

// One task there and back, for a caller who waits for it, is mostly goroutines and threads
// that wake one another: the caller the lane, the lane the worker, that the lane again, and the
// lane the caller. So a caller with one task borrows a lane whose goroutine dozes, and does its
// work for as long as it has nothing else: it encodes and writes the task in Start, and in Help
// looks for the answer on its own thread, yielding its core between two looks; in Start already
// if the job is one that is awaited. The worker does the same, for a little while after its
// last answer, so that tasks that follow each other this way wake no thread at all.
//
// A caller need not say that it goes away. A goroutine has the lane by holding its mu, which
// the lane's own gives up while it waits for the worker; and that waits all the while. The
// caller leaves it deaf to the worker only while it listens itself. So if no caller helps, or
// the answer is late, the lane's goroutine hears it and goes on as if it had sent the task
// itself. What else may happen, the end of the worker, a cancel, Stop, wakes it as ever, and it
// has the lane once the caller lets go: within longestSpin.
//
// A lane dozes for a little while after a task: its goroutine waits with a timeout, as it does
// while the worker is busy. To set one takes waking a thread, so a borrower does not; a lane
// that sleeps for long is woken for its task, and the next caller finds it dozing.

// borrow sends the one task of le by a lane that dozes, on the caller's goroutine. It returns
// false if the lanes have to be woken.
func (p *Pool) borrow(le *lease) bool {
	if !p.lendable || le.terms.Limit > 0 || !p.sleepers.any() || !le.claimable() || le.unclaimed() != 1 || le.job.Cancelled() != nil {
		return false
	}
	l := p.sleepers.lend()
	if l == nil {
		return false
	}
	defer l.release()
	if s := le.claim(1); s.Len() > 0 {
		le.lane = l
		l.hold(le, s, 1)
		l.send()
		l.write()
		if le.terms.Awaited && l.spin() {
			return true
		}
		if l.life == busy && l.listenTo(true) {
			l.poller.Wake()
		}
	}
	return true
}

// lend gives the lane to the caller if it dozes, and reports whether it does.
func (l *lane) lend() bool {
	if !l.mu.TryLock() {
		return false
	}
	if !l.rest.warm || l.life != ready || l.worker.ending.due || l.inbox.interrupted {
		l.mu.Unlock()
		return false
	}
	l.rest.loans++
	return true
}

// Help implements [work.Lease]. The tasks run in other processes, so a caller cannot run them;
// it waits a little for the task that it sent.
func (le *lease) Help(context.Context) (again bool) {
	l := le.lane
	if le.terms.Awaited || l == nil || !l.mu.TryLock() {
		return false // Start did so, or there is none, or another goroutine has the lane
	}
	if l.life != busy || l.flight.tasks != 1 || l.flight.first().lease != le {
		l.mu.Unlock() // as it was: a lane that is parked is not parked again
		return false
	}
	defer l.release()
	l.rest.loans++
	l.listenTo(false)
	if !l.spin() && l.life == busy && l.listenTo(true) {
		l.read(0)
	}
	return false
}

// listenTo makes the lane's goroutine, which waits, hear the worker or not. It reports whether
// there is already something, which the goroutine would not hear.
func (l *lane) listenTo(worker bool) (ready bool) {
	if worker {
		ready = l.worker.Arm(false, 0)
	} else {
		l.worker.Conn.Disarm()
	}
	l.poller.ExpectOut(worker)
	return ready
}

// release gives a lane back. Its goroutine is woken if there is more to do than to hear the
// worker.
func (l *lane) release() {
	p := l.pool
	sent := !l.outbox.unsent() && !l.inbox.interrupted && !l.worker.ending.due
	switch {
	case sent && l.life == ready:
		p.sleepers.park(l)
		l.mu.Unlock()
		if p.more() {
			p.sleepers.wake()
		}
	case sent && l.life == busy && !p.more():
		l.mu.Unlock()
	default:
		l.mu.Unlock()
		l.poller.Wake()
	}
}

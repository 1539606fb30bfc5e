//go:build unix

package lane

import "context"

// A round trip of one task costs mostly switches of goroutines and threads: the caller wakes the
// lane, the lane the worker, the worker the lane, and the lane the caller. So a caller with one
// task borrows a lane that dozes, and does the lane's work on its own goroutine. It encodes and writes the task in Start. It polls for the outcome on its own thread,
// yielding the CPU between polls: in Start if the job is awaited, else in Help. The worker polls
// the same way for a short time after its last outcome, so tasks in quick succession wake no
// thread.
//
// A caller may leave at any time. The goroutine that holds mu has the lane. The lane's own
// goroutine releases mu while it waits for the worker, and goes on waiting while the lane is
// borrowed. The worker does not wake it while the caller polls. If no caller helps, or the
// outcome is late, the lane's goroutine receives the outcome as if it had sent the task. Other
// events, such as the end of the worker, a cancel or Stop, wake it as usual. It gets the lane
// when the caller releases it, within longestSpin.
//
// A lane dozes for a short time after a task: its goroutine waits with a timeout, as it does
// while the worker is busy. To set a timeout wakes a thread, so a borrower does not set one. A
// lane that sleeps longer is woken for its task, and the next caller finds it dozing.

// borrow sends the only task of le through a lane that dozes, on the caller's goroutine. It
// returns false if a lane must be woken instead.
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

// lend locks mu for the caller and returns true if the lane dozes. Else it returns false.
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

// Help implements [work.Lease]. Tasks run in other processes, so a caller cannot run them. It
// waits a short time for the task that it sent.
func (le *lease) Help(context.Context) (again bool) {
	l := le.lane
	if le.terms.Awaited || l == nil || !l.mu.TryLock() {
		return false // Start has waited, the caller sent no task, or another goroutine has the lane
	}
	if l.life != busy || l.flight.tasks != 1 || l.flight.first().lease != le {
		l.mu.Unlock() // not by release, which would park the lane a second time
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

// listenTo sets whether the worker wakes the lane's goroutine when it sends data. It reports whether
// data is already there: for that no wake-up comes, so the goroutine must not wait.
func (l *lane) listenTo(worker bool) (ready bool) {
	if worker {
		ready = l.worker.Arm(false, 0)
	} else {
		l.worker.Conn.Disarm()
	}
	l.poller.ExpectOut(worker)
	return ready
}

// release gives a lane back. It wakes the lane's goroutine if there is more to do than to wait
// for the worker.
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

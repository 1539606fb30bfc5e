//go:build unix

package lane

import "context"

// Most of the time of a round trip of one task is spent on switches between goroutines and threads:
// the caller wakes the lane, the lane wakes the worker, the worker wakes the lane, and the lane
// wakes the caller. Therefore a caller with a single task borrows a lane that dozes, and does the
// work of the lane on its own goroutine. It encodes and writes the task in Start. It then polls for
// the outcome on its own thread, yielding the CPU between polls: in Start if the job is awaited,
// else in Help. The worker polls in the same way for a short time after its last outcome, so tasks
// in quick succession wake no thread.
//
// A caller may stop polling at any time. The goroutine that holds mu owns the lane. The lane's own
// goroutine releases mu while it waits for the worker, and continues to wait while the lane is
// borrowed. The worker does not wake this goroutine while the caller polls. If no caller helps, or
// the outcome is late, the lane's goroutine receives the outcome as if it had sent the task. Other
// events, such as the end of the worker, a cancellation or Stop, wake it as usual. It then gets the
// lane when the caller releases it, within longestSpin.
//
// A lane dozes for a short time after a task: its goroutine waits with a timeout, as it does while
// the worker is busy. Setting a timeout wakes a thread, so a borrower does not set one. If a lane
// has slept for longer, it is woken for its task, and the next caller finds it dozing.

// borrow runs a job with a single task without waking a lane. It borrows a [lane] that dozes (waits
// briefly for its next task), and sends the task on the goroutine of the caller. It sends nothing
// and returns false if the job has several tasks or a time limit, or if no lane dozes. The caller
// must then wake a sleeping lane.
func (p *Pool) borrow(le *lease) bool {
	if !p.lendable || le.terms.Limit > 0 || !p.sleepers.any() || !le.claimable() || le.unclaimed() != 1 || le.job.Cancelled() != nil {
		return false
	}
	l := p.sleepers.lend()
	if l == nil {
		return false
	}
	defer l.release()
	p.config.Core.Task(0, func() { l.sendOne(le) }) // marks the goroutine, as that of the lane is
	return true
}

// sendOne claims the only task of a job and sends it to the worker of the lane. The argument le is
// the lease of the job. If the caller waits for the job, sendOne then polls for the outcome for a
// short time.
func (l *lane) sendOne(le *lease) {
	s := le.claim(1)
	if s.Len() == 0 {
		return
	}
	le.lane = l
	l.hold(le, s, 1)
	l.send()
	l.write()
	if le.terms.Awaited && l.spin() {
		return
	}
	if l.life == busy && l.listenTo(true) {
		l.poller.Wake()
	}
}

// lend lends the lane to the caller if the lane dozes, that is, waits briefly for its next task. In
// this case it returns true with l.mu locked, and the caller does the lane's work. Otherwise it
// returns false, and l.mu is not locked.
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

// Help implements [work.Lease]. If Start sent the only task of the job on the goroutine of its
// caller, Help polls for the outcome for a short time. Help runs no task itself, so it always
// returns false.
func (le *lease) Help(context.Context) (again bool) {
	l := le.lane
	if le.terms.Awaited || l == nil || !l.mu.TryLock() {
		return false // Start has already polled, the caller did not send the task, or another goroutine has the lane
	}
	if l.life != busy || l.flight.tasks != 1 || l.flight.first().lease != le {
		l.mu.Unlock() // do not call release, which would park the lane a second time
		return false
	}
	defer l.release()
	l.rest.loans++
	l.listenTo(false)
	le.pool.config.Core.Task(0, func() {
		if !l.spin() && l.life == busy && l.listenTo(true) {
			l.read(0)
		}
	})
	return false
}

// listenTo sets whether data from the worker wakes the lane's goroutine. It returns true if data
// has already arrived: such data wakes no goroutine, so the caller must read it or call
// poller.Wake.
func (l *lane) listenTo(worker bool) (ready bool) {
	if worker {
		ready = l.worker.Arm(false, 0)
	} else {
		l.worker.Conn.Disarm()
	}
	l.poller.ExpectOut(worker)
	return ready
}

// release gives back a borrowed lane. It wakes the lane's goroutine if that goroutine has anything
// to do except wait for the worker.
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

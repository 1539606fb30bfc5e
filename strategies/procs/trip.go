package procs

import (
	"context"
	"time"
)

// A trip is one task and back of a caller who waits for it. What it takes is mostly
// goroutines and threads that wake one another: the caller the lane, the lane the worker,
// that the lane again, and the lane the caller. So a caller with one task takes a lane whose
// goroutine dozes, and does its work for as long as it has nothing else: it encodes and
// writes the task in Start, and in Help looks for the answer on its own thread, yielding its
// core between two looks; in Start already if the job is one that is awaited. The worker does
// the same, for a little while after its last answer, so that trips that follow each other wake
// nobody at all.
//
// Nobody has to be told when the caller goes away. A lane is had by holding its mu, which its
// goroutine gives up while it waits for the worker; and that waits all the while. The caller
// leaves it deaf to the worker only while it listens itself. So if no caller helps, or the
// answer is late, the goroutine hears it and goes on as if it had sent the task itself. What
// else may happen, the end of the worker, a cancel, Stop, wakes it as ever, and it has the
// lane once the caller lets go: within longestLinger.
//
// A lane dozes for a little while after a task: its goroutine waits with a timeout, as it does
// while the worker is busy. To set one takes waking a thread, so that a trip does not; a lane
// that sleeps for long is woken for its task, and the next trip finds it dozing.

// trip sends the one task of le by a lane that dozes, on the caller's goroutine. It
// returns false if the lanes have to be woken.
func (x *Executor) trip(le *lease) bool {
	if !x.tripping || le.limit > 0 || x.asleep.Load() == 0 || !le.claimable() || le.unclaimed() != 1 || le.job.Cancelled() != nil {
		return false
	}
	l := x.dozing()
	if l == nil {
		return false
	}
	defer l.release()
	l.trips++
	if s := le.claim(1); s.Len() > 0 {
		le.lane = l
		l.hold(le, s, 1)
		l.send()
		l.write()
		if le.terms.Awaited && l.linger() {
			return true
		}
		if l.life == busy && l.listenTo(true) {
			l.poller.wake()
		}
	}
	return true
}

// dozing returns a lane that dozes, taken out of those that are asleep; nil if there is none.
func (x *Executor) dozing() *lane {
	x.mu.Lock()
	defer x.mu.Unlock()
	n := len(x.idle)
	if n == 0 {
		return nil
	}
	l := x.idle[n-1]
	if !l.mu.TryLock() {
		return nil
	}
	if !l.warm || l.life != ready || l.leaving.due || l.interrupted {
		l.mu.Unlock()
		return nil
	}
	x.idle = x.idle[:n-1]
	x.asleep.Add(-1)
	return l
}

// Help implements [work.Lease]. A task of this executor runs in another process and cannot wait
// for a job here. For a caller that sent its one task, Help waits a little for the outcome.
func (le *lease) Help(context.Context) (again bool) {
	l := le.lane
	if le.terms.Awaited || l == nil || !l.mu.TryLock() {
		return false // Start did so, or there is none, or another caller has it
	}
	if l.life != busy || l.flight.tasks != 1 || l.flight.first().lease != le {
		l.mu.Unlock() // as it was: a lane that is parked is not parked again
		return false
	}
	defer l.release()
	l.trips++
	l.listenTo(false)
	if !l.linger() && l.life == busy && l.listenTo(true) {
		l.read()
	}
	return false
}

// listenTo makes the lane's goroutine, which waits, hear the worker or not. It reports whether
// there is already something, which the goroutine would not hear.
func (l *lane) listenTo(worker bool) (ready bool) {
	if worker {
		ready = l.p.arm(false, 0)
	} else {
		l.p.conn.Disarm()
	}
	l.poller.expect(worker, l.poller.writing)
	return ready
}

// release lets go of a lane that a caller had. Its goroutine is woken if there is more to do
// than to hear the worker.
func (l *lane) release() {
	sent := !l.unsent() && !l.interrupted && !l.leaving.due
	switch {
	case sent && l.life == ready:
		l.x.park(l)
		l.mu.Unlock()
		if l.x.more() {
			l.x.wake()
		}
	case sent && l.life == busy && !l.x.more():
		l.mu.Unlock()
	default:
		l.mu.Unlock()
		l.poller.wake()
	}
}

// sleep waits as the poller does, and lets callers have the lane meanwhile. With doze, time
// is not up as long as they have it again and again.
func (l *lane) sleep(timeout time.Duration, doze bool) (r sign) {
	for {
		seen := l.trips
		l.mu.Unlock()
		r = l.poller.wait(timeout)
		l.mu.Lock()
		if r != 0 || !doze || l.trips == seen || l.life != ready {
			return r
		}
	}
}

//go:build unix

package lane

import (
	"io"
	"time"

	"github.com/payoff-bench/payoff/strategies/procs/internal/poll"
)

// rest is what a lane knows of its waits.
type rest struct {
	warm  bool          // it had a task not long ago
	loans int           // callers that borrowed the lane
	quiet time.Duration // how long to wait for the worker before looking after it
	slow  bool          // what was behind the task that runs went elsewhere: nothing goes there until it ends
}

const (
	firstQuiet = 16 * time.Millisecond
	lastQuiet  = 32 * time.Millisecond
)

// What a lane does when it has waited for so long that the time was up.
const (
	toRing      = iota // what is due
	toLookAfter        // see whether the worker, of which nothing comes, is well
	toPeek             // look for outcomes that the worker holds
)

// wait waits for the worker, for room in its input, for something that is due, or to be woken.
func (l *lane) wait() {
	p, w := l.pool, l.worker
	writing := l.outbox.unsent()
	idle := l.life == ready && !writing
	if idle {
		p.sleepers.park(l)
		p.sleepers.found(l)
		if l.fill() {
			p.sleepers.unpark(l)
			if p.more() {
				p.sleepers.wake()
			}
			return
		}
		l.askForWork()
	}
	if load := l.flight.load; l.flight.tasks > 1 {
		l.load.Store(load)
	} else {
		l.load.Store(0)
	}
	timeout, then := l.alarm(), toRing
	if l.life == busy && (timeout < 0 || l.rest.quiet < timeout) {
		timeout, then = l.rest.quiet, toLookAfter // it grows while nothing comes
	}
	if l.life == busy && (timeout < 0 || peekAfter < timeout) && l.mayHold() {
		timeout, then = peekAfter, toPeek
	}
	if (timeout < 0 || timeout > longestSpin) && l.spin() {
		return
	}
	spin := p.config.Spin
	if idle {
		spin = 0 // nothing is expected of the worker
	}
	doze := idle && l.rest.warm && timeout < 0 && p.lendable
	if doze {
		timeout = firstQuiet // deaf to the worker: a caller that borrows the lane listens
	} else if w.Arm(writing, spin) {
		if idle {
			p.sleepers.unpark(l)
		}
		return
	}
	l.poller.ExpectOut(!doze)
	l.poller.ExpectIn(writing)
	before := l.rest.loans
	r := l.sleep(timeout, doze)
	w.Conn.Disarm()
	if idle || l.rest.loans != before {
		p.sleepers.unpark(l)
	}
	if doze && r == 0 {
		l.rest.warm = false
	}
	if r&poll.In != 0 && !writing { // which was not asked for: the worker has closed its input
		l.lose(io.EOF)
	}
	if r&poll.Stderr != 0 && !w.Listen() {
		l.poller.Drop(poll.Stderr)
		w.CloseStderr()
	}
	switch {
	case then == toPeek && r == 0:
		w.peekedAt = w.outcomes
		l.peek()
	case then == toLookAfter && r == 0:
		l.lookAfter()
	case then == toRing && timeout >= 0:
		l.ring()
	}
}

// sleep waits as the poller does, and lends the lane to callers meanwhile. With doze, time is
// not up as long as it is borrowed again and again.
func (l *lane) sleep(timeout time.Duration, doze bool) (r poll.Sign) {
	for {
		seen := l.rest.loans
		l.mu.Unlock()
		r = l.poller.Wait(timeout)
		l.mu.Lock()
		if r != 0 || !doze || l.rest.loans == seen || l.life != ready {
			return r
		}
	}
}

// longestSpin is more than it takes to wake a worker, to run a small task and to hear of it.
const longestSpin = 100 * time.Microsecond

// spin waits a little for the outcome of a task, if there is nothing else to wait for, by
// holding on to its thread, and reports whether there was anything. That saves the way through
// Go's scheduler: a thread that finds nothing to run, goes to sleep and is woken again, and
// another that is woken to look whether there is more to do, on a core that the worker needs.
// It costs a place in the scheduler for as long, so the channel does it less where it is in
// vain. One lane of a pool does so at a time: the others of this process shall have a core.
func (l *lane) spin() (heard bool) {
	p := l.pool
	if l.life != busy || l.flight.tasks != 1 || l.outbox.unsent() || p.more() || !p.spinning.CompareAndSwap(false, true) {
		return false
	}
	defer p.spinning.Store(false)
	return l.read(longestSpin)
}

// lookAfter is called when nothing has come from the worker for a while. Tasks that wait
// behind a slow one go to lanes that are asleep. A worker that was stopped by a signal, or
// whose page makes no sense, is ended.
func (l *lane) lookAfter() {
	l.rest.quiet = min(2*l.rest.quiet, lastQuiet)
	l.worker.KillStopped()
	l.peek()
	if err := l.insane(l.worker.Page.State()); err != nil {
		l.lose(err)
		return
	}
	if behind := l.flight.tasks; behind > 1 && l.pool.sleepers.any() {
		l.recall()
		l.rest.slow = true           // this lane is awake and would claim them again, before those that sleep come
		if l.flight.tasks < behind { // else it holds outcomes that it does not send
			l.rest.quiet = firstQuiet
		}
	}
}

// waitAlone waits while there is no worker that could be sent or send anything. It returns
// false when the lane has ended.
func (l *lane) waitAlone() bool {
	p := l.pool
	if l.life == gone && p.drained() {
		return false
	}
	if p.sleepers.found(l) {
		p.sleepers.wake() // another lane
	}
	timeout := time.Duration(-1)
	if l.life == lost && !l.worker.ending.endAt.IsZero() {
		if timeout = time.Until(l.worker.ending.endAt); timeout <= 0 {
			l.worker.ending.endAt = time.Time{}
			l.worker.HangUp()
			timeout = -1
		}
	}
	if l.life == gone && !p.stopped.Load() && !p.health.broken.Load() {
		timeout = max(time.Until(l.starts.retryAt), 0)
		if p.config.OnDemand && timeout == 0 {
			p.sleepers.park(l)
			defer p.sleepers.unpark(l)
			if p.more() {
				return true
			}
			timeout = -1
		}
	}
	l.poller.Wait(timeout)
	return true
}

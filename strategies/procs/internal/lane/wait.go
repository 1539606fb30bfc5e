//go:build unix

package lane

import (
	"io"
	"time"

	"github.com/payoff-bench/payoff/strategies/procs/internal/poll"
)

// rest holds the fields that control how a lane waits for tasks and outcomes. (A lane is the
// goroutine that owns one worker process.)
type rest struct {
	warm  bool          // the lane had a task a short time ago
	loans int           // how often callers have borrowed the lane
	quiet time.Duration // how long the worker is silent before the lane checks it
	slow  bool          // tasks behind the running task were given to other lanes: send no tasks until it ends
}

const (
	firstQuiet = 16 * time.Millisecond
	lastQuiet  = 32 * time.Millisecond
)

// Actions of a lane when a wait has timed out.
const (
	toRing      = iota // perform the actions that are due
	toLookAfter        // check a silent worker
	toPeek             // search the page for outcomes
)

// wait waits for data from the worker, for room in its input, for a scheduled action, or for a
// wake-up.
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
	} else {
		l.found() // it may have been woken just as it found work by itself
	}
	if load := l.flight.load; l.flight.tasks > 1 {
		l.load.Store(load)
	} else {
		l.load.Store(0)
	}
	timeout, then := l.alarm(), toRing
	if l.life == busy && (timeout < 0 || l.rest.quiet < timeout) {
		timeout, then = l.rest.quiet, toLookAfter // quiet grows while the worker is silent
	}
	if l.life == busy && (timeout < 0 || peekAfter < timeout) && l.mayHold() {
		timeout, then = peekAfter, toPeek
	}
	if (timeout < 0 || timeout > longestSpin) && l.spin() {
		return
	}
	spin := p.config.Spin
	if idle {
		spin = 0 // no outcome is expected
	}
	doze := idle && l.rest.warm && timeout < 0 && p.lendable
	if doze {
		timeout = firstQuiet // data from the worker does not wake this lane, since a caller that borrows the lane polls for it
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
	if r&poll.In != 0 && !writing { // In was not requested, so the worker has closed its input
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

// sleep waits for an event of the poller, or until the timeout has passed. During the wait, callers
// of the pool may borrow the lane and do its work on their own goroutine. If doze is true, the wait
// continues after the timeout while callers keep borrowing the lane.
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

// longestSpin is longer than it takes to wake a worker, run a small task and receive its outcome.
const longestSpin = 100 * time.Microsecond

// spin polls for a short time for the outcome of the only task in flight. It reports whether data
// has arrived.
//
// During the poll the goroutine keeps its thread, so Go's scheduler is not involved. Otherwise this
// thread would sleep and be woken again. The scheduler would meanwhile wake another thread to look
// for work, on a core that the worker needs.
//
// But a poll occupies a processor of the scheduler. So the channel polls less often after polls
// without success, and only one lane of a pool spins at a time.
func (l *lane) spin() (heard bool) {
	p := l.pool
	if l.life != busy || l.flight.tasks != 1 || l.outbox.unsent() || p.more() || !p.spinning.CompareAndSwap(false, true) {
		return false
	}
	defer p.spinning.Store(false)
	return l.read(longestSpin)
}

// lookAfter checks a worker that has sent nothing for a while. It gives tasks that wait behind a
// slow task to idle workers. It ends a worker that a signal has stopped or whose shared page is
// invalid.
func (l *lane) lookAfter() {
	l.rest.quiet = min(2*l.rest.quiet, lastQuiet)
	l.worker.KillStopped()
	l.peek()
	if err := l.checkPage(l.worker.Page.State()); err != nil {
		l.lose(err)
		return
	}
	if behind := l.flight.tasks; behind > 1 && l.pool.sleepers.any() {
		l.recall()
		l.rest.slow = true           // this lane is awake, and would otherwise claim the tasks again before the sleeping lanes do
		if l.flight.tasks < behind { // otherwise the worker holds back outcomes
			l.rest.quiet = firstQuiet
		}
	}
}

// waitAlone waits for an event while the lane has no process, or a process that is starting or was
// lost. It returns false when the lane has ended.
func (l *lane) waitAlone() bool {
	p := l.pool
	if l.life == gone {
		if p.drained() {
			return false
		}
		if p.stopped.Load() {
			l.beStill()
		}
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

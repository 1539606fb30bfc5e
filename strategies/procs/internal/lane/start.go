//go:build unix

package lane

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// Limits for worker processes that start no task.
//
// The pool gives up only while no lane has a worker. A worker that is killed after it has answered
// says less about the next than one that fails, so more of them are allowed.
const (
	mostFailures = 5                     // failed processes in a row over all lanes, before queued tasks fail
	mostKills    = 8                     // processes in a row on one lane, the last of them killed, before queued tasks fail
	firstRetry   = 10 * time.Millisecond // delay of the next attempt; doubles each time
	lastRetry    = time.Second
)

// health records whether the pool can start worker processes. Changes of the fields broken and era
// require the lock of the pool.
type health struct {
	broken   atomic.Bool  // the pool has given up starting workers
	era      atomic.Int32 // number of times that it has tried again after that
	failures atomic.Int32 // in this era, processes in a row that failed before they started a task
}

// starts records the failed starts of one lane. A start fails if the process ends without having
// started a task.
type starts struct {
	era      int32 // of the pool, to which failures and retryAt belong
	failures int   // in a row
	retryAt  time.Time
	first    chan<- error // receives the result of the first start; nil afterwards
}

// wanted reports whether the lane should start a worker process. With the setting OnDemand, wanted
// also claims tasks for the new worker, and returns false if there are none.
func (l *lane) wanted() bool {
	p := l.pool
	if p.health.broken.Load() {
		return false
	}
	if era := p.health.era.Load(); era != l.starts.era { // the job of this era may succeed
		l.starts = starts{era: era, first: l.starts.first}
	}
	if p.over() || time.Now().Before(l.starts.retryAt) {
		return false
	}
	if !p.config.OnDemand || l.starts.first != nil {
		return true
	}
	leases := *p.leases.Load()
	for range leases {
		le := leases[l.turn%len(leases)]
		l.turn++
		n := 1
		chunk := le.chunk(le.unclaimed())
		if p.config.OneChunk {
			n = l.room(chunk)
		}
		if s := le.claim(n); s.Len() > 0 {
			l.hold(le, s, chunk)
			l.found()
			return true
		}
	}
	return false
}

// launch starts a worker process.
func (l *lane) launch() {
	l.move(starting)
	l.worker = &worker{Process: l.pool.starter.Start(l.poller, l.starts.era), peekedAt: -1}
}

// hear handles the events that the supervisor of the process has reported: the process has answered
// or ended.
func (l *lane) hear() {
	w := l.worker
	if w == nil {
		return
	}
	ended := w.Ended() // read before Answered, which is set before Ended
	if l.life == starting && w.Answered() {
		l.adopt()
	}
	switch {
	case !ended:
	case w.Answered():
		l.bury()
	default:
		l.stillborn()
	}
}

// adopt makes a new process, which has answered, the worker of the lane.
func (l *lane) adopt() {
	w := l.worker
	w.id = l.identity()
	if err := w.Watch(l.poller); err != nil {
		l.lose(err)
		return
	}
	l.move(ready)
	l.pid.Store(int32(w.PID()))
	l.rest.quiet = firstQuiet
	if l.pool.config.Recycle.Age > 0 {
		w.ending.readyAt = time.Now()
	}
	l.report(nil)
}

// stillborn handles a process that ended before it answered.
func (l *lane) stillborn() {
	w := l.worker
	cause := w.Err()
	if l.pool.over() {
		cause = work.ErrClosed // the process was no longer wanted
	}
	err := l.pool.config.StartError(l.identity(), cause, w.Loss().Stderr)
	l.unhold(l.giveBack)
	l.clear()
	l.fruitless(err, w.Era())
	l.report(err)
}

// clear releases the resources of a process that has ended.
func (l *lane) clear() {
	l.poller.DropAll()
	l.worker.Close()
	for _, pin := range l.worker.pins {
		l.arena().Unpin(pin)
	}
	l.worker = nil
	l.pid.Store(0)
	l.lasting.Store(false)
	if l.life != lost {
		l.move(lost)
	}
	l.move(gone)
	l.generation++
	l.inbox.undecoded = nil
}

// fruitless counts a process that failed before it started a task, because of the error cause. The
// argument era is the value of health.era when the process was started; see [Pool.giveUp].
func (l *lane) fruitless(cause error, era int32) {
	if errors.Is(cause, work.ErrClosed) {
		return
	}
	p := l.pool
	p.count(&p.restarts.Failed)
	l.delay()
	p.giveUp(era, func() bool { return p.health.failures.Add(1) >= mostFailures },
		fmt.Errorf("no worker can be started: %w", cause))
}

// killed counts a worker that a signal ended before it started a task. The argument cause is the
// error for this worker. The argument era is the value of health.era when the worker was started;
// see [Pool.giveUp].
func (l *lane) killed(cause error, era int32) {
	l.delay()
	n := l.starts.failures
	l.pool.giveUp(era, func() bool { return n >= mostKills },
		fmt.Errorf("signals ended %d workers in a row before they started a task; find the sender of the signals (the system sends them if memory is short): %w", n, cause))
}

// delay sets the earliest time at which the lane starts another process. Each failed start doubles
// the delay. The delay becomes short again when a worker has started a task.
func (l *lane) delay() {
	s := &l.starts
	s.retryAt = time.Now().Add(min(firstRetry<<min(s.failures, 20), lastRetry))
	s.failures++
}

// fruitful sets the counts of failed starts to 0, because the worker has started a task.
func (l *lane) fruitful() {
	l.starts.failures = 0
	l.pool.health.failures.Store(0)
}

// report sends the result of the lane's first start to New.
func (l *lane) report(err error) {
	if l.starts.first != nil {
		l.starts.first <- err
		l.starts.first = nil
	}
}

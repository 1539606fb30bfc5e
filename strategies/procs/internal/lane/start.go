//go:build unix

package lane

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// These constants limit how often workers are started when the worker processes end before they
// start a task.
const (
	mostFailures = 5                     // number of failures in a row over all lanes, while no lane has a worker, after which queued tasks fail
	firstRetry   = 10 * time.Millisecond // delay of the next attempt; it doubles with each failure
	lastRetry    = time.Second
)

// health records whether the pool can start worker processes.
type health struct {
	broken   atomic.Bool  // set when the pool has given up starting workers
	revived  atomic.Int32 // how often the pool has tried again after it had given up
	failures atomic.Int32 // number of processes in a row that started no task, since the last increment of revived
}

// starts records the failed starts of one lane: processes that started no task.
type starts struct {
	failures int // number of failures in a row
	retryAt  time.Time
	first    chan<- error // receives the result of the first start; nil afterwards
}

// wanted reports whether a worker process should be started. With OnDemand it first claims tasks
// for the worker and holds them until the worker is ready.
func (l *lane) wanted() bool {
	p := l.pool
	if p.health.broken.Load() {
		l.starts.failures, l.starts.retryAt = 0, time.Time{} // the start for the next job may succeed
		return false
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
	l.worker = &worker{Process: l.pool.starter.Start(l.poller, l.pool.health.revived.Load()), peekedAt: -1}
}

// hear handles the events that the supervisor of the process has reported.
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

// adopt takes over a process that has answered, as the worker of the lane.
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

// clear releases a process that has ended.
func (l *lane) clear() {
	l.poller.DropAll()
	l.worker.Close()
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

// fruitless counts a process that started no task. era is the value of health.revived when the
// process was started.
func (l *lane) fruitless(cause error, era int32) {
	if errors.Is(cause, work.ErrClosed) {
		return
	}
	p := l.pool
	p.count(&p.restarts.Failed)
	l.delay()
	if era != p.health.revived.Load() {
		return // a later job has made the pool try again, and this failure is older
	}
	if p.health.failures.Add(1) >= mostFailures && len(p.PIDs()) == 0 {
		p.fail(cause)
	}
}

// delay sets the time before which the lane starts no process. The delay doubles until a worker has
// started a task.
func (l *lane) delay() {
	s := &l.starts
	s.retryAt = time.Now().Add(min(firstRetry<<min(s.failures, 20), lastRetry))
	s.failures++
}

// fruitful records that the worker has started a task.
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

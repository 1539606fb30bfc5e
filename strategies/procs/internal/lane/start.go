//go:build unix

package lane

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// Of worker processes that start no task.
const (
	mostFailures = 5                     // in a row over all lanes, while no lane has a worker, before what is queued fails
	firstRetry   = 10 * time.Millisecond // until a lane tries again; it doubles
	lastRetry    = time.Second
)

// health is whether the processes of a pool can be started.
type health struct {
	broken   atomic.Bool  // no worker can be started
	revived  atomic.Int32 // how often starting workers was taken up again
	failures atomic.Int32 // since then: processes in a row that started no task
}

// revive takes up starting workers again if it had been given up, and reports whether it had.
func (h *health) revive() bool {
	if !h.broken.Swap(false) {
		return false
	}
	h.revived.Add(1)
	h.failures.Store(mostFailures - 1) // one more will do
	return true
}

// starts are the processes of a lane that started no task.
type starts struct {
	failures int // in a row
	retryAt  time.Time
	first    chan<- error // gets how the first start went; nil after that
}

// wanted reports whether a worker should be started. Where workers are started on demand that
// takes a chunk, which is held from then on.
func (l *lane) wanted() bool {
	p := l.pool
	if p.health.broken.Load() {
		l.starts.failures, l.starts.retryAt = 0, time.Time{} // it may be possible when the next job comes
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

// launch has a worker process started.
func (l *lane) launch() {
	l.move(launched)
	l.worker = &worker{Process: l.pool.starter.Start(l.poller, l.pool.health.revived.Load()), peekedAt: -1}
}

// hear takes in what the process's supervisor has seen.
func (l *lane) hear() {
	w := l.worker
	if w == nil {
		return
	}
	ended := w.Ended() // before Answered, which comes before it
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

// adopt makes a process that has answered the lane's worker.
func (l *lane) adopt() {
	w := l.worker
	w.id = l.identity()
	if err := w.Watch(l.poller); err != nil {
		l.lose(err)
		return
	}
	l.move(answered)
	l.pid.Store(int32(w.PID()))
	l.rest.quiet = firstQuiet
	if l.pool.config.Recycle.Age > 0 {
		w.ending.readyAt = time.Now()
	}
	l.report(nil)
}

// stillborn clears away a process that has not answered.
func (l *lane) stillborn() {
	w := l.worker
	cause := w.Err()
	if l.pool.over() {
		cause = work.ErrClosed // it was not wanted any more
	}
	err := l.pool.config.StartError(l.identity(), cause, w.Loss().Stderr)
	l.unhold(l.giveBack)
	l.clear()
	l.fruitless(err, w.Era())
	l.report(err)
}

// clear forgets a process that has ended.
func (l *lane) clear() {
	l.poller.DropAll()
	l.worker.Close()
	l.worker = nil
	l.pid.Store(0)
	l.lasting.Store(false)
	if l.life != lost {
		l.move(failed)
	}
	l.move(reaped)
	l.generation++
	l.inbox.undecoded = nil
}

// fruitless counts a process that has started no task, and that was started when starting
// workers had been taken up again era times.
func (l *lane) fruitless(cause error, era int32) {
	if errors.Is(cause, work.ErrClosed) {
		return
	}
	p, s := l.pool, &l.starts
	p.count(&p.restarts.Failed)
	s.retryAt = time.Now().Add(min(firstRetry<<min(s.failures, 20), lastRetry))
	s.failures++
	if era != p.health.revived.Load() {
		return // a job has come since it was started, and depends on how it is now
	}
	if p.health.failures.Add(1) >= mostFailures && len(p.PIDs()) == 0 {
		p.fail(cause)
	}
}

// fruitful notes that the worker has started a task.
func (l *lane) fruitful() {
	l.starts.failures = 0
	l.pool.health.failures.Store(0)
}

// report reports how the first start went.
func (l *lane) report(err error) {
	if l.starts.first != nil {
		l.starts.first <- err
		l.starts.first = nil
	}
}

package procs

import (
	"errors"
	"io"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
)

// Of worker processes that start no task.
const (
	mostFailures = 5                     // in a row over all lanes, while no lane has a worker, before what is queued fails
	firstRetry   = 10 * time.Millisecond // until a lane tries again; it doubles
	lastRetry    = time.Second
)

// wanted reports whether a worker should be started, which is gone. Where workers are
// started on demand that takes a chunk, which is held from then on.
func (l *lane) wanted() bool {
	x := l.x
	if x.failed() {
		l.failures, l.retryAt = 0, time.Time{} // it may have become possible when somebody asks again
		return false
	}
	if x.stopped.Load() || x.ending() || time.Now().Before(l.retryAt) {
		return false
	}
	if !x.config.Start.onDemand() || l.first != nil {
		return true
	}
	leases := *x.leases.Load()
	for range leases {
		le := leases[l.turn%len(leases)]
		l.turn++
		n := 1
		chunk := le.chunk(le.unclaimed())
		if x.config.Start == Chunk {
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

// launch has a worker process started, or takes one that stands by.
func (l *lane) launch() {
	l.leaving = leaving{}
	l.life = l.life.on(launched)
	if l.p = l.x.spares.take(l.poller); l.p == nil {
		l.p = l.x.begin(l.poller)
	}
	l.x.spares.fill(l.x)
}

// hear takes in what the supervisor has seen.
func (l *lane) hear() {
	if l.p == nil {
		return
	}
	news := l.p.news.Load()
	if news&newsAnswered != 0 && l.life == starting {
		l.adopt()
	}
	switch {
	case news&newsEnded == 0:
	case news&newsAnswered == 0:
		l.stillborn()
	default:
		l.bury()
	}
}

// adopt makes a process that has answered the lane's worker.
func (l *lane) adopt() {
	p := l.p
	p.worker = p.identity(l.w, l.generation)
	if err := l.poller.watch(p.in, p.out, p.stderr); err != nil {
		l.lose(err)
		return
	}
	l.life = l.life.on(answered)
	l.pid.Store(int32(p.pid))
	l.quiet, l.peekedAt = firstQuiet, -1
	if age := l.x.config.Recycle.Age; age > 0 {
		l.leaving.bornAt = time.Now()
	}
	l.tell(nil)
}

// stillborn clears away a process that has not answered.
func (l *lane) stillborn() {
	p := l.p
	e := &StartError{
		Path: l.x.config.Worker[0], Worker: p.identity(l.w, l.generation), Err: p.err, Stderr: p.last.String(),
	}
	if l.x.stopped.Load() || l.x.ending() {
		e.Err = strategies.ErrClosed // nobody wants it any more
	}
	l.unhold()
	l.clear()
	l.fruitless(e, p.revived)
	l.tell(e)
}

// clear forgets a process that has ended.
func (l *lane) clear() {
	l.poller.dropAll()
	l.p.close()
	l.p = nil
	l.pid.Store(0)
	if l.life != lost {
		l.life = l.life.on(failed)
	}
	l.life = l.life.on(reaped)
	l.generation++
	l.leaving, l.seen = leaving{}, seen{}
	l.undecoded = nil
}

// lose gives the worker up. Once there is no process any more it is buried. One whose
// channel has ended is probably ending by itself, and how it does is worth knowing.
func (l *lane) lose(why error) {
	if l.life == lost {
		return
	}
	l.life = l.life.on(failed)
	l.poller.dropAll()
	l.pid.Store(0)
	l.leaving.fault, l.leaving.endAt = why, time.Time{}
	if why == io.EOF {
		l.leaving.endAt = time.Now().Add(hangUp)
		return
	}
	l.p.kill(unix.SIGKILL)
}

// hangUp is how long a worker may live on whose channel has ended.
const hangUp = 100 * time.Millisecond

// fruitless counts a worker process that has started no task and that was started when
// starting workers had been taken up again so often.
func (l *lane) fruitless(cause error, revived int32) {
	if errors.Is(cause, strategies.ErrClosed) {
		return
	}
	l.x.restarts.failed.Add(1)
	l.retryAt = time.Now().Add(min(firstRetry<<min(l.failures, 20), lastRetry))
	l.failures++
	if revived != l.x.revived.Load() {
		return // somebody has asked since it was started, and wants to know how it is now
	}
	if l.x.failures.Add(1) >= mostFailures && !l.x.served() {
		l.x.fail(cause)
	}
}

// fruitful says that the worker has started a task.
func (l *lane) fruitful() {
	l.failures = 0
	l.x.failures.Store(0)
}

// tell reports how the first start went.
func (l *lane) tell(err error) {
	if l.first != nil {
		l.first <- err
		l.first = nil
	}
}

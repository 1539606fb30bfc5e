//go:build unix

package lane

import (
	"io"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// hangUp is how long a worker may live after its channel has ended.
const hangUp = 100 * time.Millisecond

// lose gives up the worker, which is buried when its process has ended. A worker whose channel
// has ended is probably ending by itself: it gets time, so that its exit status is known.
func (l *lane) lose(why error) {
	if l.life == lost {
		return
	}
	l.move(lost)
	l.poller.DropAll()
	l.pid.Store(0)
	e := &l.worker.ending
	e.fault, e.endAt = why, time.Time{}
	if why == io.EOF {
		e.endAt = time.Now().Add(hangUp)
	} else {
		l.worker.Kill(unix.SIGKILL)
	}
}

// bury handles the end of the process. Outcomes that the worker had not sent come from the
// channel and the page. The running task fails or, if allowed, runs again; tasks that were not
// started run elsewhere.
func (l *lane) bury() {
	w := l.worker
	l.pid.Store(0) // before callers see the outcomes
	unexpected := !w.ending.due && !l.pool.over()
	if unexpected && !w.ending.counted {
		w.ending.counted = true // if a codec ends this goroutine, the next calls bury again
		l.pool.count(&l.pool.restarts.Lost)
	}
	fault := w.ending.fault
	if !w.spoilt {
		l.drain()
	}
	state := w.Page.State()
	l.salvage(w.Page.Results(state))
	loss := w.Loss()
	if err := l.insane(state); err != nil && (fault == nil || fault == io.EOF) {
		fault = err // any task that it was sent may have run
	}
	if fault != nil && fault != io.EOF {
		loss.Cause = fault.Error()
	}
	for n := since(w.finished, state.Started); n > 0 && l.flight.tasks > 0; n-- {
		l.blame(loss)
	}
	if len(l.flight.runs) > 0 { // invalid data after an outcome kept it from being published
		l.publish(l.flight.first())
	}
	l.outbox.drop()
	l.flight.cut(0, l.giveBack)
	l.unhold(l.giveBack)
	l.forgetBack()
	started := state.Started > 0 || w.outcomes > 0
	l.clear()
	switch {
	case started:
		l.fruitful()
	case unexpected && loss.Signal != 0 && (fault == nil || fault == io.EOF):
		l.delay() // it was killed, which says nothing of the next
	case unexpected:
		l.fruitless(l.pool.config.StartError(w.id, loss, ""), w.Era())
	}
}

// drain delivers the outcomes left in the channel of a worker that has ended. It ignores invalid
// data.
func (l *lane) drain() {
	l.inbox.salvaging = false
	for l.dispatch() == nil {
		if n, err := l.worker.Receive(0); n == 0 || err != nil {
			return
		}
	}
}

// salvage delivers the outcomes in b that have not come through the channel. It ignores invalid
// data.
func (l *lane) salvage(b []byte) {
	d := &l.worker.Decoder
	*d = wire.Decoder{}
	for len(b) > 0 {
		n := copy(d.Space(), b)
		d.Wrote(n)
		b = b[n:]
	}
	l.inbox.salvaging = true
	l.dispatch()
	l.inbox.salvaging = false
}

// blame ends the next task, which was started and has no outcome, with the error that applies,
// or lets it run again.
func (l *lane) blame(loss error) {
	r, e := l.flight.first(), &l.worker.ending
	switch le := r.lease; {
	case l.pool.stopped.Load():
		loss = work.ErrClosed
	case l.condemned():
		loss = e.verdict
	case le.job.Cancelled() == nil && le.attempts.again(r.next, le.terms.Retries):
		l.publish(r)
		s := work.Span{Lo: r.next, Hi: r.next + 1}
		r.lo++
		l.next(r, 1)
		l.giveBack(le, s)
		return
	}
	l.failNext(r, loss)
	if r.lo < r.next {
		l.publish(r)
	}
}

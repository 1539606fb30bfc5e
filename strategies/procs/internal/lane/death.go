//go:build unix

package lane

import (
	"io"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// hangUp is how long a worker may live on whose channel has ended.
const hangUp = 100 * time.Millisecond

// lose gives the worker up. Once there is no process any more it is buried. One whose channel
// has ended is probably ending by itself, and how it does is worth knowing.
func (l *lane) lose(why error) {
	if l.life == lost {
		return
	}
	l.move(failed)
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

// bury is called when the process has ended. Outcomes that the worker had not sent come from
// the channel and the page; the task that was running fails or, if it may, runs again; those
// behind it run elsewhere.
func (l *lane) bury() {
	w := l.worker
	l.pid.Store(0) // before its outcomes make anybody look
	unexpected := !w.ending.due && !l.pool.over()
	if unexpected && !w.ending.counted {
		w.ending.counted = true // a codec may end this goroutine, and the next begin here again
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
		fault = err // and any task that it was sent may have run
	}
	if fault != nil && fault != io.EOF {
		loss.Cause = fault.Error()
	}
	for n := since(w.finished, state.Started); n > 0 && l.flight.tasks > 0; n-- {
		l.blame(loss)
	}
	if len(l.flight.runs) > 0 { // nonsense behind an outcome kept it from being published
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
	case unexpected:
		l.fruitless(l.pool.config.StartError(w.id, loss, ""), w.Era())
	}
}

// drain passes on what is left in the channel of a worker that has ended. What makes no sense
// there is lost.
func (l *lane) drain() {
	l.inbox.salvaging = false
	for l.dispatch() == nil {
		if n, err := l.worker.Receive(0); n == 0 || err != nil {
			return
		}
	}
}

// salvage passes on the outcomes in b that had not come through the channel. What makes no
// sense there is lost.
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

// blame gives the next task, which was started and has no outcome, the outcome that it
// deserves, or lets it run again.
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

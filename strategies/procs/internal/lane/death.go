//go:build unix

package lane

import (
	"io"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// hangUp is how long a worker may continue to run after its channel was closed.
const hangUp = 100 * time.Millisecond

// lose stops using the worker. The argument why is a fault of the worker, or nil if the worker has
// none. If why is io.EOF, the worker has closed its channel and is probably ending, so lose gives
// it time to exit with a status. Otherwise lose kills it. When the process has ended, the method
// bury handles its tasks.
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

// bury handles the end of the worker process. It first reads the remaining outcomes from the
// channel and the shared page. The task that was running fails or, if its job allows retries, runs
// again. Other workers run the tasks that were not started.
func (l *lane) bury() {
	w := l.worker
	l.pid.Store(0) // cleared before callers see the outcomes
	unexpected := !w.ending.due && !l.pool.over()
	if unexpected && !w.ending.counted {
		w.ending.counted = true // if a codec calls Goexit, the next goroutine calls bury again
		l.pool.count(&l.pool.restarts.Lost)
	}
	fault := w.ending.fault
	if !w.spoilt {
		l.drain()
	}
	state := w.Page.State()
	l.salvage(w.Page.Results(state))
	loss := w.Loss()
	if err := l.checkPage(state); err != nil && (fault == nil || fault == io.EOF) {
		fault = err // any task that was sent to the worker may have run
	}
	if fault != nil && fault != io.EOF {
		loss.Cause = fault.Error()
	}
	for n := since(w.finished, state.Started); n > 0 && l.flight.tasks > 0; n-- {
		l.blame(loss)
	}
	if len(l.flight.runs) > 0 { // invalid data followed an outcome, which is therefore not published yet
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
		l.killed(l.pool.config.StartError(w.id, loss, ""), w.Era())
	case unexpected:
		l.fruitless(l.pool.config.StartError(w.id, loss, ""), w.Era())
	}
}

// drain delivers the outcomes that remain in the channel of a worker that has ended. It ignores
// invalid data.
func (l *lane) drain() {
	l.inbox.salvaging = false
	for l.dispatch() == nil {
		if n, err := l.worker.Receive(0); n == 0 || err != nil {
			return
		}
	}
}

// salvage delivers outcomes from b, a copy of the outcomes that the worker held in the shared page.
// It ignores invalid data, and outcomes that have already arrived through the channel.
func (l *lane) salvage(b []byte) {
	l.worker.Decoder = wire.DecoderOf(b)
	l.inbox.salvaging = true
	l.dispatch()
	l.inbox.salvaging = false
}

// blame handles the oldest task that has no outcome and that the lost worker had started. If the
// task may run again, blame returns it to its job for another attempt. Otherwise blame records an
// error as its outcome: the argument loss, or a more specific error. A task with references to
// buffers never runs again, because the lost attempt may have changed their bytes.
func (l *lane) blame(loss error) {
	r, e := l.flight.first(), &l.worker.ending
	switch le := r.lease; {
	case l.pool.stopped.Load():
		loss = work.ErrClosed
	case l.condemned():
		loss = e.verdict
	case le.job.Cancelled() == nil && r.pin == 0 && le.attempts.again(r.next, le.terms.Retries):
		l.publish(r)
		s := work.Span{Lo: r.next, Hi: r.next + 1}
		r.lo++
		l.advance(r, 1)
		l.giveBack(le, s)
		return
	}
	l.failNext(r, loss)
	if r.lo < r.next {
		l.publish(r)
	}
}

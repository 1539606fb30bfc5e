package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// receive handles the records that have arrived.
func (l *durableLane) receive() {
	l.mu.Lock()
	arrived := l.arrived
	l.arrived = nil
	l.mu.Unlock()
	for _, a := range arrived {
		if l.job == nil || a.message.Subject != l.x.store.news(l.name) {
			continue
		}
		r, err := l.x.store.parseRecord(l.x.calls, a.seq, a.message.Header, a.message.Data)
		switch {
		case err != nil:
			l.stale.Store(true)
		case r.kind == trouble:
			l.job.job.Cancel(l.refusal(r, &StoreError{Subject: l.x.store.ledgerOf(l.name), Err: errors.New(r.why)}))
			l.job.abandon.Store(true)
		default:
			l.record(r)
		}
	}
}

// catchUp looks for records that the lane may have missed. NATS delivers news of a record at most
// once.
func (l *durableLane) catchUp() {
	quiet := time.Since(l.heard) > lossAfter*l.x.options.Period
	if l.job == nil || !l.stale.Load() && !quiet || !l.x.conn.IsConnected() {
		return
	}
	l.stale.Store(false)
	l.heard = time.Now()
	ctx, end := l.call()
	defer end()
	err := l.history(ctx)
	if err == nil && l.job != nil {
		err = l.present(ctx)
	}
	if err != nil {
		l.stale.Store(true)
	}
}

// present gives up the chunk if the server has neither its message nor records. In this case
// workers removed them, because this program did not answer for some time.
func (l *durableLane) present(ctx context.Context) error {
	s := l.x.store
	_, err := s.queue.GetLastMsgForSubject(ctx, s.queued(l.name))
	if !errors.Is(err, jetstream.ErrMsgNotFound) {
		return err
	}
	if m, err := s.get(ctx, 0, s.ledgerOf(l.name)); m != nil || err != nil {
		return err
	}
	l.giveUp(&work.LostError{Cause: "workers removed the task from the server, because this program was not connected to it", ExitCode: -1})
	return nil
}

// history handles the records in the ledger that the lane has not handled yet.
func (l *durableLane) history(ctx context.Context) error {
	return l.x.store.history(ctx, l.name, l.state.last+1, func(r record) error {
		l.record(r)
		return nil
	})
}

// recall is for a chunk whose job is cancelled. It makes sure that tasks of the chunk that have not
// started never start. If a worker has claimed the chunk, recall asks it to end the tasks.
func (l *durableLane) recall() {
	x, le := l.x, l.job
	switch {
	case x.killing.Load(), x.stopped.Load() && le.named != nil:
		l.giveUp(work.ErrClosed)
		return
	case l.asked.IsZero():
		l.asked = time.Now()
	}
	lost := le.abandon.Load() || time.Since(l.asked) > lossAfter*x.options.Period && !x.conn.IsConnected()
	if l.state.claims == 0 {
		ctx, end := context.WithTimeout(x.calls, x.options.Period)
		defer end()
		r := record{kind: released, by: x.author()}
		seq, err := x.store.advance(ctx, l.name, l.state.last, r)
		if err == nil {
			r.seq = seq
			l.record(r)
			return
		}
		if err == errMoved {
			err = l.history(ctx)
		}
		if l.job == nil || err != nil && !lost {
			return
		}
	}
	cause := le.job.Cancelled()
	var full *StoreError
	switch {
	case lost && errors.As(cause, &full):
		l.giveUp(cause)
		return
	case lost:
		l.giveUp(&work.LostError{Cause: fmt.Sprintf("%v; the task may have started", cause), ExitCode: -1})
		return
	}
	x.conn.Publish(x.store.cancels(l.name), nil)
}

// giveUp fails the tasks of the chunk without an outcome with the error err.
func (l *durableLane) giveUp(err error) {
	le := l.job
	for i, done := range l.state.done {
		if !done {
			l.fail(le, l.chunk.Lo+i, err)
		}
	}
	l.leave()
}

// record handles a record of the chunk.
func (l *durableLane) record(r record) {
	le := l.job
	if le == nil {
		return
	}
	l.heard = time.Now()
	if r.ran != nil {
		w := *r.ran
		w.Name = fmt.Sprintf("w%d@%s", l.w, w.Name)
		l.process = &w
	}
	attempts := max(1, l.state.claims)
	left := l.state.left
	err := l.state.add(r, func(h *wire.Header, tasks work.Span, payload []byte) error {
		return l.outcome(le, h, work.Span{Lo: l.chunk.Lo + tasks.Lo, Hi: l.chunk.Lo + tasks.Hi}, payload, attempts)
	})
	if n := left - l.state.left; n > 0 && (!le.terms.Stream || l.state.left == 0) {
		le.took(len(l.state.done)-l.state.left, time.Since(l.sent))
	}
	switch {
	case err != nil:
		le.job.Cancel(l.refusal(r, err))
		l.giveUp(&work.LostError{Cause: err.Error(), ExitCode: -1})
	case l.state.left == 0:
		l.leave()
	case r.kind == rejected:
		le.job.Cancel(l.refusal(r, errors.New(r.why)))
		l.unstarted()
	case r.kind == released:
		l.unstarted()
	}
}

func (l *durableLane) refusal(r record, err error) error {
	e := &WorkerError{Err: err}
	if r.ran != nil {
		e.Worker = r.ran.Name
	}
	return e
}

// unstarted gives back the tasks of the chunk without an outcome. No worker has started them.
func (l *durableLane) unstarted() {
	le := l.job
	for _, s := range undone(l.state.done) {
		s = work.Span{Lo: l.chunk.Lo + s.Lo, Hi: l.chunk.Lo + s.Hi}
		if le.job.Cancelled() != nil {
			le.skip(s, l.w)
		} else {
			le.giveBack(s)
		}
	}
	l.leave()
	l.x.signal()
}

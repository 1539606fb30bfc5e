//go:build unix

package lane

import (
	"io"
	"time"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// An inbox holds outcomes on their way from the worker to their jobs.
type inbox struct {
	undecoded   []byte    // outputs received
	span        work.Span // tasks whose outputs are being decoded, beginning with the current one
	interrupted bool      // a codec ended the goroutine; the next continues here
	salvaging   bool      // the outcomes come from the page of a worker that has ended

	came time.Time // time of the last outcomes
	back []*lease  // jobs with outcomes that are not timed yet
}

// read receives data from the worker, and waits for it for up to limit; see transport.Conn.Await.
// It reports whether there was any, the end of the channel included.
func (l *lane) read(limit time.Duration) (heard bool) {
	var n int
	var err error
	if l.inbox.interrupted {
		err = l.dispatch()
	}
	if err == nil {
		if n, err = l.worker.Receive(limit); err == nil && n > 0 {
			err = l.dispatch()
		}
	}
	if err != nil {
		l.worker.spoilt = err != io.EOF
		l.lose(err)
	}
	return n > 0 || err != nil
}

// dispatch delivers the outcomes that have arrived. If a codec ends the goroutine, the next one
// continues.
func (l *lane) dispatch() error {
	for again := true; again; {
		var err error
		if again, err = l.outcomes(); err != nil {
			return err
		}
	}
	w := l.worker
	n := w.outcomes - w.settled
	if n == 0 {
		return nil
	}
	before := w.settled
	w.settled = w.outcomes
	now := time.Now()
	took := int64(now.Sub(l.inbox.came)) / int64(n)
	l.inbox.came, l.rest.quiet = now, firstQuiet
	for _, le := range l.inbox.back { // jobs that came back together get the same time per task
		le.mean.Store(newMean(le.mean.Load(), took))
	}
	l.forgetBack()
	if len(l.flight.runs) > 0 {
		l.publish(l.flight.first())
	} else if l.life == busy {
		l.move(ready)
	}
	if before == 0 {
		l.fruitful()
	}
	return nil
}

func (l *lane) forgetBack() {
	clear(l.inbox.back)
	l.inbox.back = l.inbox.back[:0]
}

// outcomes delivers the outcomes in the decoder. It returns again after a codec has panicked. After a
// codec has ended the goroutine, the next read continues.
func (l *lane) outcomes() (again bool, err error) {
	in, coding := &l.inbox, false
	defer func() {
		if !coding {
			return
		}
		in.interrupted, again = true, true
		r := l.flight.first()
		l.next(r, in.span.Lo-r.next)
		l.failNext(r, refused(r.lease.job, work.DecodingOutput, work.Caught(recover())))
	}()
	in.interrupted = false
	for {
		for len(in.undecoded) > 0 {
			r := l.flight.first()
			in.span = work.Span{Lo: r.next, Hi: r.hi}
			if e := &l.worker.ending; e.verdict != nil {
				if l.condemned() {
					_, in.undecoded, _ = wire.NextTask(in.undecoded)
					l.failNext(r, e.verdict)
					continue
				}
				in.span.Hi = r.next + 1
			}
			coding = true
			var give func() bool
			if len(in.undecoded) > work.LentFrom {
				give = l.worker.Decoder.Give
			}
			failure := r.lease.job.SetOutputs(&in.undecoded, &in.span, give)
			coding = false
			l.next(r, in.span.Lo-r.next)
			if failure != nil {
				l.failNext(r, failure)
			}
		}
		d := &l.worker.Decoder
		ok, err := d.Next()
		if err == nil && ok {
			err = l.arrived(&d.Header, d.Payload)
		}
		if err != nil || !ok {
			return false, err
		}
	}
}

// arrived delivers an error, and keeps outputs to be decoded. It drops outcomes that have come in
// another way before.
func (l *lane) arrived(h *wire.Header, payload []byte) error {
	bad := func(reason string) error { return &wire.FrameError{Header: *h, Reason: reason} }
	n, whole := 1, true
	switch h.Kind {
	case wire.KindOutputs:
		if n, whole = wire.CountTasks(payload); !whole || n == 0 {
			return bad("outputs are cut short")
		}
	case wire.KindError:
	default:
		return bad("not an outcome")
	}
	w := l.worker
	if old := since(h.Number, w.finished); old > 0 {
		k := min(int(old), n)
		if !l.inbox.salvaging || old >= wire.Tasks/2 { // else they came through the channel
			if int(old) > w.early {
				return bad("not the next outcome")
			}
			w.early -= k // they came through the page
		}
		if n -= k; n == 0 {
			return nil
		}
		for range k {
			_, payload, _ = wire.NextTask(payload)
		}
	}
	if n > l.flight.tasks || n == l.flight.tasks && len(l.outbox.lent) > 0 { // the last is not sent completely
		return bad("not the next outcome")
	}
	if h.Kind == wire.KindOutputs {
		l.inbox.undecoded = payload
		return nil
	}
	r := l.flight.first()
	failure := l.worker.ending.verdict
	if !l.condemned() {
		var err error
		if failure, err = wire.ParseError(r.lease.terms.Kernel, payload); err != nil {
			return err
		}
		if remote, ok := failure.(*work.RemoteError); ok && remote.Declared == 0 && w.ending.terminated && l.pool.stopped.Load() {
			remote.Err = work.ErrClosed // Stop ended the context of the task
		}
	}
	l.failNext(r, failure)
	return nil
}

// failNext records err as the outcome of the next task of r.
func (l *lane) failNext(r *run, err error) {
	by := l.by()
	by.Attempt = r.lease.attempts.of(r.next)
	r.lease.job.Fail(r.next, by, err)
	l.next(r, 1)
}

// next advances by n tasks of the oldest run, whose outcomes have come.
func (l *lane) next(r *run, n int) {
	if n == 0 {
		return
	}
	l.worker.finished = (l.worker.finished + uint32(n)) % wire.Tasks
	l.worker.outcomes += n
	l.flight.came(r, n)
	l.rest.slow = false
	if n := len(l.inbox.back); n == 0 || l.inbox.back[n-1] != r.lease {
		l.inbox.back = append(l.inbox.back, r.lease)
	}
	if r.next == r.hi {
		l.publish(r)
		l.flight.pop()
	}
}

// publish publishes the outcomes of r that have come.
func (l *lane) publish(r *run) {
	s := work.Span{Lo: r.lo, Hi: r.next}
	r.lo = r.next
	r.lease.finish(s, l.by())
}

const (
	peekAfter = 150 * time.Microsecond       // silence of a worker before its page is searched
	fastTask  = int64(50 * time.Microsecond) // outcomes of slower tasks are sent one by one
)

// mayHold reports whether the worker may hold outcomes of a stream, and its page was not searched
// since the last outcome.
//
// A worker sends outcomes of a stream when they are 50 µs old, but reads the time between tasks
// only. Outcomes of fast tasks therefore stay in its page while it runs a slow task. After
// peekAfter of silence the lane searches the page. One search is enough: a worker sends the
// outcome of a slow task when that has ended.
func (l *lane) mayHold() bool {
	if l.flight.tasks < 2 || l.worker.peekedAt == l.worker.outcomes {
		return false
	}
	le := l.flight.first().lease
	return le.flags&wire.FlagPrompt != 0 && le.mean.Load() < fastTask
}

// peek delivers outcomes that the worker has in its buffer and does not send, because a slow task
// follows fast ones. It reads them from the shared page. When they come through the channel too,
// they are dropped.
func (l *lane) peek() {
	w := l.worker
	if w.Decoder.Buffered() > 0 || l.inbox.interrupted {
		return // in the middle of a frame of the channel
	}
	state := w.Page.State()
	b := w.Page.Results(state)
	if len(b) == 0 || w.Page.State() != state {
		return // nothing, or the worker has continued
	}
	channel, before := w.Decoder, w.outcomes
	defer func() { // a codec may end the goroutine
		w.Decoder, l.inbox.salvaging, l.inbox.undecoded = channel, false, nil
		w.early += w.outcomes - before
	}()
	l.salvage(b)
}

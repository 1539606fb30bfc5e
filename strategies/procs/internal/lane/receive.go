//go:build unix

package lane

import (
	"io"
	"time"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// An inbox holds outcomes that have arrived from the worker and are not yet delivered to their
// jobs.
type inbox struct {
	undecoded   []byte    // encoded outputs that have arrived
	span        work.Span // tasks whose outputs are being decoded, from the current task on
	interrupted bool      // a codec ended the goroutine by Goexit; the next goroutine continues here
	salvaging   bool      // the outcomes come from the page of the worker and not from the channel

	came time.Time // when the last outcomes arrived
	back []*lease  // jobs whose field mean does not include their last outcomes yet
}

// read receives data from the worker and delivers the outcomes in it. It waits for data for at most
// the time limit; see transport.Conn.Await. The result heard is true if there was data, or if the
// channel has ended.
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

// dispatch takes the outcomes that have arrived, and delivers each to its job. If a codec ends the goroutine by
// Goexit, the next goroutine of the lane continues the delivery.
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
	for _, le := range l.inbox.back { // jobs whose outcomes arrived together get the same time per task
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

// outcomes decodes the outcomes that have arrived and delivers them to their jobs. If the result
// again is true, a codec has panicked, and the caller must call outcomes again for the remaining
// tasks. If a codec calls Goexit, the next call of the method read continues the delivery.
func (l *lane) outcomes() (again bool, err error) {
	in, coding := &l.inbox, false
	defer func() {
		if !coding {
			return
		}
		in.interrupted, again = true, true
		r := l.flight.first()
		l.advance(r, in.span.Lo-r.next)
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
			if st := r.lease.terms.Stamps; st != nil {
				st.Came(in.span)
			}
			coding = true
			var give func() bool
			if len(in.undecoded) > work.LentFrom {
				give = l.worker.Decoder.Give
			}
			failure := r.lease.job.SetOutputs(&in.undecoded, &in.span, give)
			coding = false
			l.advance(r, in.span.Lo-r.next)
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

// arrived handles one frame from the worker: it records an error, or keeps outputs for decoding. It
// drops the outcomes that the lane has already read, from the page (memory that it shares with the
// worker) or from an earlier frame.
func (l *lane) arrived(h *wire.Header, payload []byte) error {
	bad := func(reason string) error { return &wire.FrameError{Header: *h, Reason: reason} }
	n, whole := 1, true
	switch h.Kind {
	case wire.KindOutputs:
		if n, whole = wire.CountTasks(payload); !whole || n == 0 {
			return bad("outputs are incomplete")
		}
	case wire.KindError:
	default:
		return bad("not an outcome")
	}
	w := l.worker
	if old := since(h.Number, w.finished); old > 0 {
		k := min(int(old), n)
		if !l.inbox.salvaging || old >= wire.Tasks/2 { // otherwise they have already arrived through the channel
			if int(old) > w.early {
				return bad("the frame does not have the outcome of the next task")
			}
			w.early -= k // they were already read from the page
		}
		if n -= k; n == 0 {
			return nil
		}
		for range k {
			_, payload, _ = wire.NextTask(payload)
		}
	}
	if n > l.flight.tasks || n == l.flight.tasks && len(l.outbox.lent) > 0 { // the last task is not sent completely
		return bad("the frame does not have the outcome of the next task")
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

// failNext records err as the outcome of task r.next, the first task of r that has no outcome.
func (l *lane) failNext(r *run, err error) {
	by := l.by()
	by.Attempt = r.lease.attempts.number(r.next)
	r.lease.job.Fail(r.next, by, err)
	l.advance(r, 1)
}

// advance records that the next n tasks of r have outcomes. The run r (the tasks of one frame) must
// be the oldest in flight.
func (l *lane) advance(r *run, n int) {
	if n == 0 {
		return
	}
	l.worker.finished = (l.worker.finished + uint32(n)) % wire.Tasks
	l.worker.outcomes += n
	l.flight.advance(r, n)
	l.rest.slow = false
	if n := len(l.inbox.back); n == 0 || l.inbox.back[n-1] != r.lease {
		l.inbox.back = append(l.inbox.back, r.lease)
	}
	if r.next == r.hi {
		l.publish(r)
		l.flight.pop()
	}
}

// publish informs the job of r about all outcomes of r that have arrived since the last call.
func (l *lane) publish(r *run) {
	s := work.Span{Lo: r.lo, Hi: r.next}
	r.lo = r.next
	r.lease.finish(s, l.by())
}

const (
	peekAfter = 150 * time.Microsecond       // how long a worker is silent before its page is searched for outcomes
	fastTask  = int64(50 * time.Microsecond) // ns per task from which workers send outcomes one by one
)

// mayHold reports whether the worker may hold back outcomes of a stream in its shared page. It
// returns false if the lane has searched the page since the last outcome.
//
// A worker sends outcomes of a stream when they are 50 µs old, but it reads the time only between
// tasks. So outcomes of fast tasks stay in its shared page while it runs a slow task. When the
// worker has been silent for 150 µs (peekAfter), the lane searches the shared page. One search is
// enough, because the worker sends the outcome of the slow task when this task ends.
func (l *lane) mayHold() bool {
	if l.flight.tasks < 2 || l.worker.peekedAt == l.worker.outcomes {
		return false
	}
	le := l.flight.first().lease
	return le.flags&wire.FlagPrompt != 0 && le.mean.Load() < fastTask
}

// peek delivers outcomes that the worker holds in its shared page and does not send, because it
// runs a slow task after fast ones. When these outcomes later arrive through the channel too, the
// lane drops them.
func (l *lane) peek() {
	w := l.worker
	if w.Decoder.Buffered() > 0 || l.inbox.interrupted {
		return // a frame from the channel is incomplete
	}
	state := w.Page.State()
	b := w.Page.Results(state)
	if len(b) == 0 || w.Page.State() != state {
		return // there are no outcomes, or the worker has continued
	}
	channel, before := w.Decoder, w.outcomes
	defer func() { // deferred, since a codec may call Goexit
		w.Decoder, l.inbox.salvaging, l.inbox.undecoded = channel, false, nil
		w.early += w.outcomes - before
	}()
	l.salvage(b)
}

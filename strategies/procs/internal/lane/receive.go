//go:build unix

package lane

import (
	"io"
	"time"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// An inbox is outcomes on their way from the worker to their jobs.
type inbox struct {
	undecoded   []byte    // outputs that have come
	span        work.Span // of tasks whose outputs are being decoded, from the one that a codec is at
	interrupted bool      // a codec ended the goroutine; the next goes on from here
	salvaging   bool      // the outcomes come from the page of a worker that has ended

	came time.Time // when the last outcomes did
	back []*lease  // whose outcomes have come and are not timed
}

// read takes in what the worker has sent, and waits for that for up to limit; see
// transport.Conn.Await. It reports whether there was anything, the channel's end included.
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

// dispatch passes on the outcomes that have arrived. A codec may end the goroutine; the next
// goes on from there.
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
	for _, le := range l.inbox.back { // several jobs that came back together count alike
		le.mean.Store(newMean(le.mean.Load(), took))
	}
	l.forgetBack()
	if len(l.flight.runs) > 0 {
		l.publish(l.flight.first())
	} else if l.life == busy {
		l.move(drained)
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

// outcomes passes on what the decoder has. It returns again after a codec that panicked; after
// one that ended the goroutine the next read goes on.
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

// arrived passes on a failure, and keeps outputs to be decoded. Those that came before in
// another way are dropped.
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
		if !l.inbox.salvaging || old >= wire.Tasks/2 { // else they had come through the channel
			if int(old) > w.early {
				return bad("not the outcome that is next")
			}
			w.early -= k // they had come through the page
		}
		if n -= k; n == 0 {
			return nil
		}
		for range k {
			_, payload, _ = wire.NextTask(payload)
		}
	}
	if n > l.flight.tasks || n == l.flight.tasks && len(l.outbox.lent) > 0 { // the last has not been sent to its end
		return bad("not the outcome that is next")
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
	}
	l.failNext(r, failure)
	return nil
}

// failNext records err as the outcome of the next task of r, and goes on behind it.
func (l *lane) failNext(r *run, err error) {
	by := l.by()
	by.Attempt = r.lease.attempts.of(r.next)
	r.lease.job.Fail(r.next, by, err)
	l.next(r, 1)
}

// next goes on by n tasks of the oldest run, whose outcomes have come.
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
	peekAfter = 150 * time.Microsecond
	fastTask  = int64(50 * time.Microsecond) // outcomes of slower ones are sent one by one
)

// mayHold reports whether the worker may hold outcomes of a stream that were not looked for
// since the last one came.
//
// A worker sends outcomes of a stream when they are 50 µs old, and asks for the time between
// tasks only. So those of fast tasks lie there while it runs a slow one in their midst, until
// the worker has been silent for peekAfter. To look once is enough: a worker that runs a task
// for long sends when that has ended.
func (l *lane) mayHold() bool {
	if l.flight.tasks < 2 || l.worker.peekedAt == l.worker.outcomes {
		return false
	}
	le := l.flight.first().lease
	return le.flags&wire.FlagPrompt != 0 && le.mean.Load() < fastTask
}

// peek passes on outcomes that a worker has in its buffer and does not send, since a slow task
// came behind fast ones. They are in the shared page; when they come through the channel too
// they are dropped.
func (l *lane) peek() {
	w := l.worker
	if w.Decoder.Buffered() > 0 || l.inbox.interrupted {
		return // in the middle of what comes through the channel
	}
	state := w.Page.State()
	b := w.Page.Results(state)
	if len(b) == 0 || w.Page.State() != state {
		return // nothing, or the worker goes on by itself
	}
	channel, before := w.Decoder, w.outcomes
	defer func() { // a codec may end the goroutine
		w.Decoder, l.inbox.salvaging, l.inbox.undecoded = channel, false, nil
		w.early += w.outcomes - before
	}()
	l.salvage(b)
}

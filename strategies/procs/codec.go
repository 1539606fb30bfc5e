package procs

import (
	"encoding/binary"
	"runtime/debug"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// send encodes what is held into frames, up to the bytes that may be in flight, and
// reports whether there was any. Each frame is on its way before the next is encoded, so that
// the worker need not wait for all of them; and behind what a task has lent there can be none.
func (l *lane) send() (worked bool) {
	for l.held.lo < l.held.hi && l.ready() {
		l.frame()
		l.write()
		worked = true
	}
	return worked
}

// ready reports whether another frame may be made.
func (l *lane) ready() bool { return l.life.able() && len(l.lent) == 0 && !l.flight.full() }

// frame encodes one frame of the held tasks. It ends before a task that cannot be
// encoded, and that one fails.
func (l *lane) frame() {
	if l.sent > len(l.out)/2 {
		l.out = l.out[:copy(l.out, l.out[l.sent:])]
		l.sent = 0
	}
	job, at := l.held.lease.job, len(l.out)
	l.coded = append(l.out, make([]byte, wire.HeaderLen)...)
	l.span = work.Span{Lo: l.held.lo, Hi: l.held.hi}
	var rest []byte
	var failure error
	coding := true
	defer func() {
		if coding {
			failure = caught(job, work.EncodingInput, recover())
		}
		l.seal(at, rest, failure)
	}()
	rest, failure = job.AppendInputs(&l.coded, &l.span, at+frameBytes)
	coding = false
	if len(l.coded)-at+len(rest) > wire.MaxPayload-frameBytes {
		l.coded, rest = l.coded[:last(l.coded, at+wire.HeaderLen)], nil
		l.span.Lo--
		failure = &strategies.CodecError{Kernel: job.Terms().Kernel, Step: work.EncodingInput.String(), Err: wire.ErrTooLarge}
	}
}

// last returns where the last task in b begins, of which the end may be missing, the first
// being at.
func last(b []byte, at int) int {
	for {
		next := at + wire.TaskHeaderLen + int(binary.LittleEndian.Uint32(b[at:]))
		if next >= len(b) {
			return at
		}
		at = next
	}
}

// seal completes the frame that begins at coded[at:] and ends with rest, with the held tasks
// up to span.Lo; with failure, that is the one that could not be encoded. A part of rest goes
// along with the header, so that the worker is not woken for a header alone.
func (l *lane) seal(at int, rest []byte, failure error) {
	le, lo, hi, out := l.held.lease, l.held.lo, l.span.Lo, l.coded
	l.coded = nil
	if hi > lo {
		size := len(out) - at + len(rest)
		wire.Header{
			Len: uint32(size - wire.HeaderLen), Kind: wire.KindTasks, Flags: le.flags,
			Epoch: l.p.epoch, Kernel: le.kernel, Number: uint32(hi - lo),
		}.Put(out[at:])
		if l.flight.tasks == 0 {
			l.came = time.Now()
			l.quiet, l.warm = firstQuiet, true
			l.life = l.life.on(sent)
			l.limit = 0
		}
		if limit := le.limit; limit > 0 && (l.limit == 0 || limit < l.limit) {
			l.limit = limit
		}
		l.flight.push(run{lease: le, lo: lo, next: lo, hi: hi, each: l.held.each, bytes: size})
		along := min(len(rest), frameBytes)
		l.out, l.lent = append(out, rest[:along]...), rest[along:]
	}
	l.held.lo = hi
	if failure != nil {
		l.held.lo++
		le.job.Fail(hi, work.By{Worker: l.w}, failure)
		le.finish(work.Span{Lo: hi, Hi: hi + 1}, l.w)
	}
}

// caught is the error of a codec that panicked with p or, p being nil, called
// runtime.Goexit.
func caught(job work.Job, step work.Step, p any) error {
	err := strategies.ErrGoexit
	if p != nil {
		err = &strategies.PanicError{Value: p, Stack: debug.Stack()}
	}
	return &strategies.CodecError{Kernel: job.Terms().Kernel, Step: step.String(), Err: err}
}

// dispatch passes on the outcomes that have arrived. A codec may end its goroutine; the next
// one goes on from there.
func (l *lane) dispatch() error {
	for {
		again, err := l.outcomes()
		if err != nil {
			return err
		}
		if !again {
			break
		}
	}
	n := l.p.outcomes - l.p.settled
	if n == 0 {
		return nil
	}
	before := l.p.settled
	l.p.settled = l.p.outcomes
	now := time.Now()
	took := int64(now.Sub(l.came)) / int64(n)
	l.came, l.quiet = now, firstQuiet
	l.timed(took)
	if len(l.flight.runs) > 0 {
		l.publish(l.flight.first())
	} else if l.life == busy {
		l.life = l.life.on(drained)
	}
	if before == 0 {
		l.fruitful()
	}
	return nil
}

// timed notes that the last tasks took so many ns each. Of several jobs that came
// back together none can be told apart.
func (l *lane) timed(took int64) {
	for _, le := range l.back {
		le.mean.Store(newMean(le.mean.Load(), took))
	}
	clear(l.back)
	l.back = l.back[:0]
}

func (l *lane) publish(r *run) {
	s := r.published()
	r.lo = r.next
	r.lease.finish(s, l.w)
}

// outcomes passes on what the decoder has. It returns again after a codec that
// panicked; after one that ended the goroutine the next read goes on.
func (l *lane) outcomes() (again bool, err error) {
	coding := false
	defer func() {
		if !coding {
			return
		}
		l.interrupted, again = true, true
		r := l.flight.first()
		l.next(r, l.span.Lo-r.next)
		l.failed(r, caught(r.lease.job, work.DecodingOutput, recover()))
		l.next(r, 1)
	}()
	l.interrupted = false
	for {
		for len(l.undecoded) > 0 {
			r := l.flight.first()
			l.span = work.Span{Lo: r.next, Hi: r.hi}
			if l.leaving.verdict != nil {
				if verdict := l.verdict(); verdict != nil {
					_, l.undecoded, _ = wire.NextTask(l.undecoded)
					l.failed(r, verdict)
					l.next(r, 1)
					continue
				}
				l.span.Hi = r.next + 1
			}
			coding = true
			var give func() bool
			if len(l.undecoded) > work.LentFrom {
				give = l.p.decoder.Give
			}
			failure := r.lease.job.SetOutputs(&l.undecoded, &l.span, give)
			coding = false
			l.next(r, l.span.Lo-r.next)
			if failure != nil {
				l.failed(r, failure)
				l.next(r, 1)
			}
		}
		ok, err := l.p.decoder.Next()
		if err != nil || !ok {
			return false, err
		}
		if err := l.arrived(&l.p.decoder.Header, l.p.decoder.Payload); err != nil {
			return false, err
		}
	}
}

// arrived passes on a failure, and keeps outputs to be decoded. Those that came before in
// another way are dropped.
func (l *lane) arrived(h *wire.Header, payload []byte) error {
	n := 1
	switch h.Kind {
	case wire.KindOutputs:
		whole := false
		if n, whole = wire.CountTasks(payload); !whole || n == 0 {
			return &wire.FrameError{Header: *h, Reason: "outputs are cut short"}
		}
	case wire.KindError:
	default:
		return &wire.FrameError{Header: *h, Reason: "not an outcome"}
	}
	if old := since(h.Number, l.p.finished); old > 0 {
		k := min(int(old), n)
		switch {
		case l.salvaging && old < wire.Tasks/2: // they had come through the channel
		case int(old) <= l.p.early: // they had come through the page
			l.p.early -= k
		default:
			return &wire.FrameError{Header: *h, Reason: "not the outcome that is next"}
		}
		if n -= k; n == 0 {
			return nil
		}
		for range k {
			_, payload, _ = wire.NextTask(payload)
		}
	}
	if n > l.flight.tasks || n == l.flight.tasks && len(l.lent) > 0 { // the last has not been sent to its end
		return &wire.FrameError{Header: *h, Reason: "not the outcome that is next"}
	}
	if h.Kind == wire.KindOutputs {
		l.undecoded = payload
		return nil
	}
	r := l.flight.first()
	failure := error(nil)
	if l.leaving.verdict != nil {
		failure = l.verdict()
	}
	if failure == nil {
		var err error
		if failure, err = wire.ParseError(r.lease.terms.Kernel, payload); err != nil {
			return err
		}
	}
	l.failed(r, failure)
	l.next(r, 1)
	return nil
}

// failed records the error of the next task of r.
func (l *lane) failed(r *run, err error) {
	r.lease.job.Fail(r.next, work.By{Worker: l.w, Process: l.p.worker, Attempt: r.lease.attempt(r.next)}, err)
}

// next goes on by n tasks of the oldest run, whose outcomes have come.
func (l *lane) next(r *run, n int) {
	if n == 0 {
		return
	}
	l.p.finished = (l.p.finished + uint32(n)) % wire.Tasks
	l.p.outcomes += n
	l.flight.came(r, n)
	l.slow = false
	if n := len(l.back); n == 0 || l.back[n-1] != r.lease {
		l.back = append(l.back, r.lease)
	}
	if r.next == r.hi {
		l.publish(r)
		l.flight.pop()
	}
}

// since returns how many tasks come from number a to number b.
func since(a, b uint32) uint32 { return (b - a) % wire.Tasks }

package procs

import (
	"encoding/binary"
	"runtime/debug"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire"
)

// send encodes what is held into frames, up to the bytes that may be in flight, and
// reports whether there was any.
func (l *lane) send() (worked bool) {
	for l.held.lo < l.held.hi && l.flight.bytes < prefetchBytes {
		l.frame()
		worked = true
	}
	return worked
}

// frame encodes one frame of the held tasks. It ends before a task that cannot be
// encoded, and that one fails.
func (l *lane) frame() {
	job, i := l.held.lease.job, l.held.lo
	at := len(l.out)
	out := append(l.out, make([]byte, wire.HeaderLen)...)
	var failure error
	coding := false
	defer func() {
		if coding {
			failure = caught(job, "encode input", recover())
		}
		l.seal(out, at, i, failure)
	}()
	for ; i < l.held.hi && len(out)-at < frameBytes; i++ {
		coding = true
		b, err := job.AppendInput(append(out, 0, 0, 0, 0), i)
		coding = false
		if n := len(b) - len(out) - wire.TaskHeaderLen; err == nil && n > wire.MaxPayload-2*frameBytes {
			err = &strategies.CodecError{Kernel: job.Kernel(), Step: "encode input", Err: wire.ErrTooLarge}
		}
		if failure = err; err != nil {
			return
		}
		binary.LittleEndian.PutUint32(b[len(out):], uint32(len(b)-len(out)-wire.TaskHeaderLen))
		out = b
	}
}

// seal completes the frame that begins at out[at:] with the held tasks up to hi; with
// failure, task hi is the one that could not be encoded.
func (l *lane) seal(out []byte, at, hi int, failure error) {
	le, lo := l.held.lease, l.held.lo
	if hi > lo {
		wire.Header{
			Len: uint32(len(out) - at - wire.HeaderLen), Kind: wire.KindTasks, Flags: le.flags,
			Epoch: l.p.epoch, Kernel: le.kernel, Number: uint32(hi - lo),
		}.Put(out[at:])
		if l.flight.tasks == 0 {
			l.came = time.Now()
			l.quiet = firstQuiet
			l.life = l.life.on(sent)
			l.limit = 0
		}
		if limit := le.limit; limit > 0 && (l.limit == 0 || limit < l.limit) {
			l.limit = limit
		}
		l.flight.push(run{lease: le, lo: lo, next: lo, hi: hi, each: l.held.each, bytes: len(out) - at})
		l.out = out
	}
	l.held.lo = hi
	if failure != nil {
		l.held.lo++
		le.job.Fail(hi, failure)
		le.finish(strategies.Span{Lo: hi, Hi: hi + 1}, l.w)
	}
}

// caught is the error of a codec that panicked with p or, p being nil, called
// runtime.Goexit.
func caught(job strategies.Job, step string, p any) error {
	err := strategies.ErrGoexit
	if p != nil {
		err = &strategies.PanicError{Value: p, Stack: debug.Stack()}
	}
	return &strategies.CodecError{Kernel: job.Kernel(), Step: step, Err: err}
}

// dispatch passes on the outcomes that have arrived.
func (l *lane) dispatch() error {
	before := l.p.outcomes
	for {
		again, err := l.outcomes()
		if err != nil {
			return err
		}
		if !again {
			break
		}
	}
	n := l.p.outcomes - before
	if n == 0 {
		return nil
	}
	now := time.Now()
	took := int64(now.Sub(l.came)) / int64(n)
	l.came, l.quiet = now, firstQuiet
	l.timed(took)
	if len(l.flight.runs) > 0 {
		l.publish(l.flight.first())
	} else if l.life != lost {
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
	p, f := l.p, &l.flight
	var r *run
	coding := false
	defer func() {
		if !coding {
			return
		}
		l.interrupted, again = true, true
		l.failed(r, caught(r.lease.job, "decode output", recover()))
		l.next(r)
	}()
	l.interrupted = false
	for {
		ok, err := p.decoder.Next()
		h := &p.decoder.Header
		if err != nil || !ok {
			return false, err
		}
		if h.Number != p.finished || f.tasks == 0 {
			if l.salvaging && since(h.Number, p.finished) < wire.Tasks/2 {
				continue // it had come through the channel
			}
			if p.twice(h) {
				continue
			}
			return false, &wire.FrameError{Header: *h, Reason: "not the outcome that is next"}
		}
		r = f.first()
		switch {
		case l.leaving.verdict != nil && l.verdict() != nil:
			l.failed(r, l.verdict())
		case h.Kind == wire.KindOutput:
			coding = true
			err = r.lease.job.SetOutput(r.next, p.decoder.Payload)
			coding = false
			if err != nil {
				l.failed(r, err)
			}
		case h.Kind == wire.KindError:
			failure, err := wire.ParseError(r.lease.job.Kernel(), p.decoder.Payload)
			if err != nil {
				return false, err
			}
			l.failed(r, failure)
		default:
			return false, &wire.FrameError{Header: *h, Reason: "not an outcome"}
		}
		l.next(r)
	}
}

// failed records the error of the next task of r.
func (l *lane) failed(r *run, err error) {
	r.lease.job.Fail(r.next, &strategies.WorkerError{Worker: l.p.worker, Attempt: r.lease.attempt(r.next), Err: err})
}

// next goes on to the next task, whose outcome is to come.
func (l *lane) next(r *run) {
	l.p.finished = (l.p.finished + 1) % wire.Tasks
	l.p.outcomes++
	l.flight.came(r)
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

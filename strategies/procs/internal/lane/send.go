//go:build unix

package lane

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
	"github.com/payoff-bench/payoff/strategies/work"
)

const (
	keepBytes  = 4 << 20  // of a buffer that has been written
	frameBytes = 16 << 10 // of a frame, unless one task has more: tasks run when their frame has arrived
)

// An outbox is frames on their way to the worker.
type outbox struct {
	out  []byte // the bytes, of which so many were written
	sent int
	lent []byte // what comes behind them: the rest of the last task's input, in memory of its job

	// The frame that is being encoded. They are fields because a codec may end the goroutine.
	coded []byte    // out, with the frame
	span  work.Span // of its tasks, from the one that a codec is at
}

// unsent reports whether there is something to be written.
func (o *outbox) unsent() bool { return o.sent < len(o.out) || len(o.lent) > 0 }

// write writes what the channel takes.
func (o *outbox) write(conn transport.Conn) error {
	n, err := conn.TryWrite(o.out[o.sent:])
	o.sent += n
	if o.sent == len(o.out) && err == nil {
		n, err = conn.TryWrite(o.lent)
		o.lent = o.lent[n:]
	}
	return err
}

// drop forgets what was to be written. A buffer that a large task has grown goes too.
func (o *outbox) drop() {
	o.out, o.sent, o.lent = o.out[:0], 0, nil
	if cap(o.out) > keepBytes {
		o.out = nil
	}
}

// begin begins a frame and returns where.
func (o *outbox) begin(s work.Span) (at int) {
	if o.sent > len(o.out)/2 {
		o.out = o.out[:copy(o.out, o.out[o.sent:])]
		o.sent = 0
	}
	o.coded, o.span = append(o.out, make([]byte, wire.HeaderLen)...), s
	return len(o.out)
}

// shorten drops the last task of the frame that begins at at. The end of the task may be
// missing.
func (o *outbox) shorten(at int) {
	for at += wire.HeaderLen; ; {
		next := at + wire.TaskHeaderLen + int(binary.LittleEndian.Uint32(o.coded[at:]))
		if next >= len(o.coded) {
			break
		}
		at = next
	}
	o.coded = o.coded[:at]
	o.span.Lo--
}

// write writes what the channel takes.
func (l *lane) write() {
	o := &l.outbox
	if o.unsent() {
		switch err := o.write(l.worker.Conn); {
		case errors.Is(err, unix.EPIPE):
			l.lose(io.EOF)
		case err != nil:
			l.lose(fmt.Errorf("write: %w", err))
		case o.unsent():
			return
		}
	}
	o.drop()
}

// send encodes what is held into frames, up to the bytes that may be in flight, and reports
// whether there was any. Each frame is on its way before the next is encoded, so that the
// worker need not wait for all of them.
func (l *lane) send() (worked bool) {
	for l.held.lo < l.held.hi && l.sendable() {
		l.frame()
		l.write()
		worked = true
	}
	return worked
}

// sendable reports whether another frame may be made. There can be none behind bytes that a
// task has lent.
func (l *lane) sendable() bool {
	return l.life.able() && len(l.outbox.lent) == 0 && !l.flight.full()
}

// frame encodes one frame of the held tasks. It ends before a task that cannot be encoded,
// and that one fails.
func (l *lane) frame() {
	o, job := &l.outbox, l.held.lease.job
	at := o.begin(work.Span{Lo: l.held.lo, Hi: l.held.hi})
	var rest []byte
	var failure error
	coding := true
	defer func() {
		if coding {
			failure = refused(job, work.EncodingInput, work.Caught(recover()))
		}
		l.seal(at, rest, failure)
	}()
	rest, failure = job.AppendInputs(&o.coded, &o.span, at+frameBytes)
	coding = false
	if len(o.coded)-at+len(rest) > wire.MaxPayload-frameBytes {
		o.shorten(at)
		rest, failure = nil, refused(job, work.EncodingInput, wire.ErrTooLarge)
	}
}

// seal completes the frame that begins at coded[at:] and ends with rest, with the held tasks
// up to span.Lo; with failure, that is the one that could not be encoded. A part of rest goes
// along with the header, so that the worker is not woken for a header alone.
func (l *lane) seal(at int, rest []byte, failure error) {
	o, le, lo, hi := &l.outbox, l.held.lease, l.held.lo, l.outbox.span.Lo
	out := o.coded
	o.coded = nil
	if hi > lo {
		size := len(out) - at + len(rest)
		wire.Header{
			Len: uint32(size - wire.HeaderLen), Kind: wire.KindTasks, Flags: le.flags,
			Epoch: l.worker.epoch, Kernel: le.kernel, Number: uint32(hi - lo),
		}.Put(out[at:])
		if l.flight.tasks == 0 {
			l.inbox.came = time.Now()
			l.rest.quiet, l.rest.warm = firstQuiet, true
			l.move(sent)
		}
		l.flight.push(run{lease: le, lo: lo, next: lo, hi: hi, each: l.held.each, bytes: size})
		along := min(len(rest), frameBytes)
		o.out, o.lent = append(out, rest[:along]...), rest[along:]
	}
	l.held.lo = hi
	if failure != nil {
		l.held.lo++
		le.job.Fail(hi, work.By{Worker: l.w}, failure)
		le.finish(work.Span{Lo: hi, Hi: hi + 1}, l.by())
	}
}

// refused returns the error of a codec.
func refused(job work.Job, step work.Step, err error) error {
	return &work.CodecError{Kernel: job.Terms().Kernel, Step: step.String(), Err: err}
}

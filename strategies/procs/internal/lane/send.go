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
	"github.com/payoff-bench/payoff/strategies/wire/shared"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
	"github.com/payoff-bench/payoff/strategies/work"
)

const (
	keepBytes  = 4 << 20  // size of the largest buffer that is kept after it was written
	frameBytes = 16 << 10 // size of a frame, unless one task is larger; a worker starts tasks only when their whole frame has arrived
)

// An outbox holds frames that are to be written to the worker's channel.
type outbox struct {
	out  []byte // bytes to write
	sent int    // number of bytes of out that are written
	lent []byte // bytes to write after out: the end of the last task's input, in memory of its job

	// The frame that is being encoded. These are fields, since a codec may end the goroutine by
	// Goexit.
	coded []byte     // out, followed by this frame
	span  work.Span  // tasks of this frame, from the current task on
	pin   shared.Pin // keeps the memory of buffers to which this frame refers
}

// unsent reports whether there are bytes to write.
func (o *outbox) unsent() bool { return o.sent < len(o.out) || len(o.lent) > 0 }

// write writes as many bytes of the outbox as the channel has room for.
func (o *outbox) write(conn transport.Conn) error {
	n, err := conn.TryWrite(o.out[o.sent:])
	o.sent += n
	if o.sent == len(o.out) && err == nil {
		n, err = conn.TryWrite(o.lent)
		o.lent = o.lent[n:]
	}
	return err
}

// drop discards the bytes that have not been written yet. If a large task has enlarged the buffer,
// drop also frees the buffer.
func (o *outbox) drop() {
	o.out, o.sent, o.lent = o.out[:0], 0, nil
	if cap(o.out) > keepBytes {
		o.out = nil
	}
}

// begin begins a frame for the tasks of s and returns the offset of the frame in o.coded.
func (o *outbox) begin(s work.Span) (at int) {
	if o.sent > len(o.out)/2 {
		o.out = o.out[:copy(o.out, o.out[o.sent:])]
		o.sent = 0
	}
	o.coded, o.span = append(o.out, make([]byte, wire.HeaderLen)...), s
	return len(o.out)
}

// shorten removes the last task from the frame at offset at of o.coded. The encoding of this task
// may be incomplete.
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

// write writes as many bytes of the outbox as the channel has room for.
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

// send encodes the claimed tasks into frames, until no more frames may be in flight. It writes each
// frame before it encodes the next, so that the worker can start early. It reports whether it
// encoded any tasks.
func (l *lane) send() (worked bool) {
	for l.held.lo < l.held.hi && l.sendable() {
		le, s := l.held.lease, work.Span{Lo: l.held.lo, Hi: l.held.hi}
		l.frame()
		if l.held.lease != nil {
			s.Hi = l.held.lo
		}
		l.write()
		if le.terms.Stamps != nil {
			le.terms.Stamps.Sent(s)
		}
		worked = true
	}
	return worked
}

// sendable reports whether another frame may be sent to the worker. The end of a large input is
// written directly from the memory of its job, without a copy. Until it has been written, no other
// frame may follow.
func (l *lane) sendable() bool {
	return l.life.able() && len(l.outbox.lent) == 0 && !l.flight.full()
}

// frame encodes one frame of tasks that the lane has claimed. If a task cannot be encoded, the
// frame ends before this task, and the task fails.
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
	o.pin = l.arena().Open()
	rest, failure = job.AppendInputs(&o.coded, &o.span, at+frameBytes)
	coding = false
	if len(o.coded)-at+len(rest) > wire.MaxPayload-frameBytes {
		o.shorten(at)
		rest, failure = nil, refused(job, work.EncodingInput, wire.ErrTooLarge)
	}
}

// seal completes a frame and adds it to the outbox. The bytes of the frame are those of o.coded
// from the offset at, followed by rest. The first bytes of rest are written together with the
// header, so that a header alone does not wake the worker.
//
// The frame holds the claimed tasks before the task o.span.Lo. If failure is not nil, the task
// o.span.Lo could not be encoded, and seal records failure as its outcome.
func (l *lane) seal(at int, rest []byte, failure error) {
	o, le, lo, hi := &l.outbox, l.held.lease, l.held.lo, l.outbox.span.Lo
	out, pin := o.coded, l.arena().Shut(o.pin)
	o.coded, o.pin = nil, 0
	if hi > lo {
		size := len(out) - at + len(rest)
		wire.Header{
			Len: uint32(size - wire.HeaderLen), Kind: wire.KindTasks, Flags: le.flags,
			Epoch: l.worker.epoch, Kernel: le.kernel, Number: uint32(hi - lo),
		}.Put(out[at:])
		if l.flight.tasks == 0 {
			l.inbox.came = time.Now()
			l.rest.quiet, l.rest.warm = firstQuiet, true
			l.move(busy)
		}
		l.flight.push(run{lease: le, lo: lo, next: lo, hi: hi, each: l.held.each, bytes: size, pin: pin})
		along := min(len(rest), frameBytes)
		o.out, o.lent = append(out, rest[:along]...), rest[along:]
	} else {
		l.arena().Unpin(pin)
	}
	l.held.lo = hi
	if failure != nil {
		l.held.lo++
		le.job.Fail(hi, work.By{Worker: l.w}, failure)
		le.finish(work.Span{Lo: hi, Hi: hi + 1}, l.by())
	}
	if l.held.lo == l.held.hi {
		l.held = run{} // so that an idle lane keeps no job in memory
	}
}

// arena returns the memory that the workers share with this process. It is nil if there is none.
func (l *lane) arena() *shared.Arena { return l.pool.config.Process.Arena }

// unpin releases the buffers of a frame whose tasks all have outcomes. A task over its time limit
// still runs after its outcome was recorded, so unpin keeps its buffers until the worker has ended.
func (l *lane) unpin(pin shared.Pin) {
	if pin != 0 && l.worker.ending.atOnce {
		l.worker.pins = append(l.worker.pins, pin)
		return
	}
	l.arena().Unpin(pin)
}

// refused returns a CodecError for err, the error of a codec. The error names the kernel of the job
// and the step, such as encoding, in which the codec failed.
func refused(job work.Job, step work.Step, err error) error {
	return &work.CodecError{Kernel: job.Terms().Kernel, Step: step.String(), Err: err}
}

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
	keepBytes  = 4 << 20  // largest buffer kept after it has been written
	frameBytes = 16 << 10 // of a frame, unless one task is larger; a worker starts tasks when their frame has arrived
)

// An outbox holds frames on their way to the worker.
type outbox struct {
	out  []byte // to be written
	sent int    // bytes of out that were written
	lent []byte // written after out: the rest of the last task's input, in memory of its job

	// The frame being encoded. These are fields because a codec may end the goroutine.
	coded []byte    // out, followed by the frame
	span  work.Span // its tasks, beginning with the current one
}

// unsent reports whether anything is to be written.
func (o *outbox) unsent() bool { return o.sent < len(o.out) || len(o.lent) > 0 }

// write writes as much as the channel takes.
func (o *outbox) write(conn transport.Conn) error {
	n, err := conn.TryWrite(o.out[o.sent:])
	o.sent += n
	if o.sent == len(o.out) && err == nil {
		n, err = conn.TryWrite(o.lent)
		o.lent = o.lent[n:]
	}
	return err
}

// drop discards unwritten data, and a buffer that a large task has grown.
func (o *outbox) drop() {
	o.out, o.sent, o.lent = o.out[:0], 0, nil
	if cap(o.out) > keepBytes {
		o.out = nil
	}
}

// begin begins a frame and returns its offset in coded.
func (o *outbox) begin(s work.Span) (at int) {
	if o.sent > len(o.out)/2 {
		o.out = o.out[:copy(o.out, o.out[o.sent:])]
		o.sent = 0
	}
	o.coded, o.span = append(o.out, make([]byte, wire.HeaderLen)...), s
	return len(o.out)
}

// shorten drops the last task of the frame at offset at. The end of that task may be missing.
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

// write writes as much as the channel takes.
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

// send encodes held tasks into frames, as many as may be in flight, and reports whether there were
// any. It writes each frame before it encodes the next, so that the worker can start early.
func (l *lane) send() (worked bool) {
	for l.held.lo < l.held.hi && l.sendable() {
		l.frame()
		l.write()
		worked = true
	}
	return worked
}

// sendable reports whether another frame may be sent. No frame can follow lent memory.
func (l *lane) sendable() bool {
	return l.life.able() && len(l.outbox.lent) == 0 && !l.flight.full()
}

// frame encodes one frame of held tasks. It ends before a task that cannot be encoded, which
// fails.
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

// seal completes the frame that consists of coded[at:] and rest, with the held tasks up to
// span.Lo. If failure is not nil, the task at span.Lo could not be encoded. The first bytes of
// rest go out with the header, so that a header alone does not wake the worker.
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
			l.move(busy)
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
	if l.held.lo == l.held.hi {
		l.held = run{} // an idle lane holds no job
	}
}

// refused returns err as an error of the kernel's codec.
func refused(job work.Job, step work.Step, err error) error {
	return &work.CodecError{Kernel: job.Terms().Kernel, Step: step.String(), Err: err}
}

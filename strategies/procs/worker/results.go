//go:build unix

package worker

import (
	"encoding/binary"
	"fmt"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// A results holds outcomes that the worker has not sent to the parent yet. Most of them are in the
// buffer of the shared page, the memory that worker and parent share.
type results struct {
	conn   transport.Conn
	page   *wire.Page
	state  wire.PageState // state of the page when last read
	filled int            // number of bytes of the buffer that hold outcomes
	open   int            // offset in the buffer of the outputs frame to which outputs are still added; -1 if there is none
	large  []byte         // memory for encoding the next output if the last output did not fit into the buffer; else nil

	kernel, number uint32 // kernel and number of the task whose outcome is added
}

// newResults returns a results without outcomes. The first outcome of a worker is that of its
// initialiser. Its number is one less than that of the first task. So if the shared page still
// holds this outcome when the parent has sent tasks, the parent recognises the number and ignores
// the outcome.
func newResults(page *wire.Page, conn transport.Conn) results {
	return results{page: page, conn: conn, open: -1, number: wire.Tasks - 1}
}

// put completes an output of n bytes that was encoded directly in the buffer, beginning at the
// offset at.
func (r *results) put(at, n int) {
	if r.open < 0 {
		r.open = r.filled
		r.header(wire.KindOutputs, wire.OpenLen).Put(r.page.Buffer[r.filled:])
	}
	binary.LittleEndian.PutUint32(r.page.Buffer[at-wire.TaskHeaderLen:], uint32(n))
	r.filled = at + n
}

// shut completes the last frame in the buffer, so that no further outputs are added to it.
func (r *results) shut() {
	if r.open >= 0 {
		binary.LittleEndian.PutUint32(r.page.Buffer[r.open:], uint32(r.filled-r.open-wire.HeaderLen))
		r.open = -1
	}
}

func (r *results) header(k wire.Kind, n int) wire.Header {
	return wire.Header{Len: uint32(n), Kind: k, Kernel: r.kernel, Number: r.number}
}

// keepBytes is the largest amount of memory kept for the next large output.
const keepBytes = 4 << 20

// headLen is the length of the headers of an output that has its own frame.
const headLen = wire.HeaderLen + wire.TaskHeaderLen

// send adds the output out, which was encoded outside the buffer. It copies a small output into the
// buffer, and writes a large output directly to the channel.
func (r *results) send(out []byte) error {
	if headLen+len(out) > wire.BufferSize {
		err := r.pass(nil, out)
		// The memory of out is not reused, since it may belong to the kernel.
		if n := len(out) + len(out)/8; n > cap(r.large) && n <= keepBytes {
			r.large = make([]byte, 0, n)
		}
		return err
	}
	if r.filled+headLen+len(out) > wire.BufferSize {
		if err := r.flush(); err != nil {
			return err
		}
	}
	r.large = nil // outputs are small again
	at := r.filled + wire.TaskHeaderLen
	if r.open < 0 {
		at += wire.HeaderLen
	}
	copy(r.page.Buffer[at:], out)
	r.put(at, len(out))
	return nil
}

// pass writes a large output directly to the channel. The output consists of head, which may use
// the free part of the buffer, and then rest. The first bytes of rest are written together with the
// header, so that a header alone does not wake the parent.
func (r *results) pass(head, rest []byte) error {
	if headLen+len(head)+alongBytes > wire.BufferSize {
		head, rest = nil, append(head, rest...)
	}
	n := len(head) + len(rest)
	if err := r.flush(); err != nil {
		return err
	}
	b := r.page.Buffer // the parent ignores the buffer while the page publishes no bytes
	k := headLen + copy(b[headLen:], head)
	r.header(wire.KindOutputs, wire.TaskHeaderLen+n).Put(b)
	binary.LittleEndian.PutUint32(b[wire.HeaderLen:], uint32(n))
	along := min(len(rest), alongBytes)
	k += copy(b[k:], rest[:along])
	if err := r.write(b[:k]); err != nil {
		return err
	}
	return r.write(rest[along:])
}

// alongBytes is the number of bytes of a large output that are copied and written together with its
// header.
const alongBytes = 16 << 10

// add adds b, a frame with the error of a task, to the results. The first bytes of b are reserved
// for the header, which add writes.
func (r *results) add(b []byte) error {
	if r.filled+len(b) > wire.BufferSize {
		if err := r.flush(); err != nil {
			return err
		}
	}
	r.shut()
	r.header(wire.KindError, len(b)-wire.HeaderLen).Put(b)
	if len(b) > wire.BufferSize {
		return r.write(b)
	}
	r.filled += copy(r.page.Buffer[r.filled:], b)
	return nil
}

// flush writes the results in the buffer to the channel, and empties the buffer. It first publishes
// them in the shared page, so the parent finds them there if the worker ends during the write.
func (r *results) flush() error {
	if r.filled == 0 {
		return nil
	}
	r.shut()
	r.page.Publish(r.filled)
	if err := r.write(r.page.Buffer[:r.filled]); err != nil {
		return err
	}
	r.filled = 0
	r.state = r.page.Publish(0)
	return nil
}

func (r *results) write(b []byte) error {
	if _, err := r.conn.Write(b); err != nil {
		return fmt.Errorf("write to the parent: %w", err)
	}
	return nil
}

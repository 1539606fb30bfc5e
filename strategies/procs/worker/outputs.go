package worker

import (
	"encoding/binary"
	"fmt"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// put completes an output of n bytes that lies in its place in the buffer, at.
func (s *server) put(at, n int) {
	if s.open < 0 {
		s.open = s.filled
		s.header(wire.KindOutputs, wire.OpenLen).Put(s.page.Buffer[s.filled:])
	}
	binary.LittleEndian.PutUint32(s.page.Buffer[at-wire.TaskHeaderLen:], uint32(n))
	s.filled = at + n
}

// shut closes the frame of outputs that was added to.
func (s *server) shut() {
	if s.open >= 0 {
		binary.LittleEndian.PutUint32(s.page.Buffer[s.open:], uint32(s.filled-s.open-wire.HeaderLen))
		s.open = -1
	}
}

func (s *server) header(k wire.Kind, n int) wire.Header {
	return wire.Header{Len: uint32(n), Kind: k, Kernel: s.frame.Kernel, Number: s.number}
}

// refused returns the error of a codec of the kernel at work.
func (s *server) refused(err error) error {
	return &work.CodecError{Kernel: s.kernels[s.frame.Kernel].KernelName(), Step: s.step.String(), Err: err}
}

// keepBytes is the most that is kept for the next large output.
const keepBytes = 4 << 20

// headLen is what is in front of an output that has a frame of its own.
const headLen = wire.HeaderLen + wire.TaskHeaderLen

// send adds an output that lies elsewhere: through the buffer if it fits, else behind it.
func (s *server) send(out []byte) error {
	if headLen+len(out) > wire.BufferSize {
		err := s.pass(nil, out)
		// The codec's own memory is not used again: it may be the kernel's.
		if n := len(out) + len(out)/8; n > cap(s.large) && n <= keepBytes {
			s.large = make([]byte, 0, n)
		}
		return err
	}
	if s.filled+headLen+len(out) > wire.BufferSize {
		if err := s.flush(); err != nil {
			return err
		}
	}
	s.large = nil // they are small again
	at := s.filled + wire.TaskHeaderLen
	if s.open < 0 {
		at += wire.HeaderLen
	}
	copy(s.page.Buffer[at:], out)
	s.put(at, len(out))
	return nil
}

// pass sends a large output, whose beginning may lie in the buffer behind what fills that.
// A part goes along with the header, so that the reader is not woken for a header alone.
func (s *server) pass(head, rest []byte) error {
	if headLen+len(head)+alongBytes > wire.BufferSize {
		head, rest = nil, append(head, rest...)
	}
	n := len(head) + len(rest)
	if n > wire.MaxPayload-wire.TaskHeaderLen {
		s.step = work.EncodingOutput
		return s.fail(s.refused(wire.ErrTooLarge))
	}
	if err := s.flush(); err != nil {
		return err
	}
	b := s.page.Buffer // nobody looks at it while it is said to be empty
	k := headLen + copy(b[headLen:], head)
	s.header(wire.KindOutputs, wire.TaskHeaderLen+n).Put(b)
	binary.LittleEndian.PutUint32(b[wire.HeaderLen:], uint32(n))
	along := min(len(rest), alongBytes)
	k += copy(b[k:], rest[:along])
	if err := s.write(b[:k]); err != nil {
		return err
	}
	return s.write(rest[along:])
}

// alongBytes is how much of a large output is copied to go with its header.
const alongBytes = 16 << 10

// fail adds the error of the task that runs.
func (s *server) fail(failure error) error {
	b := wire.AppendError(make([]byte, wire.HeaderLen), failure, s.kernels[s.frame.Kernel].Declared())
	if s.filled+len(b) > wire.BufferSize {
		if err := s.flush(); err != nil {
			return err
		}
	}
	s.shut()
	s.header(wire.KindError, len(b)-wire.HeaderLen).Put(b)
	if len(b) > wire.BufferSize {
		return s.write(b)
	}
	s.filled += copy(s.page.Buffer[s.filled:], b)
	return nil
}

// flush sends what is in the buffer. The page says that it is there until it is sent.
func (s *server) flush() error {
	if s.filled == 0 {
		return nil
	}
	s.shut()
	s.page.Publish(s.filled)
	if err := s.write(s.page.Buffer[:s.filled]); err != nil {
		return err
	}
	s.filled = 0
	s.state = s.page.Publish(0)
	return nil
}

func (s *server) write(b []byte) error {
	if _, err := s.conn.Write(b); err != nil {
		return fmt.Errorf("write to the parent: %w", err)
	}
	return nil
}

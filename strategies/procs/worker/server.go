package worker

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"time"
	"unsafe"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// A server runs the tasks of one channel. All of it is touched by one goroutine at a
// time; when a task ends that goroutine, the next goes on from what is here.
type server struct {
	kernels []strategies.Callable
	calls   []call          // of the kernels
	step    strategies.Step // where the call is
	conn    transport.Conn
	ctx     context.Context
	page    *wire.Page
	decoder wire.Decoder

	state  wire.PageState // of the page, as it was last seen
	filled int            // bytes of results in the page's buffer
	open   int            // where in it the frame of outputs begins that is added to; -1 if there is none

	// The Tasks frame at work.
	frame wire.Header
	rest  []byte // tasks of it that have not been looked at
	left  uint32 // how many

	number uint32 // of the task that runs
	clock  clock
	leave  leave
	broken error // the channel broke while a task's goroutine was ending
}

// A call applies a kernel, as strategies.Callable.Bind makes it.
type call func(ctx context.Context, dst, src []byte) ([]byte, error)

// run serves until the input ends, on a goroutine that is replaced when a task ends it.
func (s *server) run() error {
	for _, k := range s.kernels {
		s.calls = append(s.calls, k.Bind(&s.step))
	}
	s.open = -1
	for {
		end := make(chan error, 1)
		go func() {
			result := errEnded
			defer func() { end <- result }()
			result = s.serve()
		}()
		if err := <-end; err != errEnded {
			return err
		}
	}
}

var errEnded = fmt.Errorf("a task ended the goroutine: %w", strategies.ErrGoexit)

func (s *server) serve() error {
	s.clock.start()
	for s.broken == nil {
		if s.left > 0 {
			if err := s.drain(); err != nil {
				return err
			}
			continue
		}
		ok, err := s.decoder.Next()
		h := &s.decoder.Header
		switch {
		case err != nil:
			return err
		case !ok:
			if err := s.flush(); err != nil {
				return err
			}
			if !s.leave.rest() {
				return nil
			}
			more, err := s.read()
			s.leave.work()
			if err != nil || !more {
				return err
			}
			s.clock.start()
		case h.Kind != wire.KindTasks && h.Kind != wire.KindInit || int64(h.Kernel) >= int64(len(s.kernels)):
			return &wire.FrameError{Header: *h, Reason: "not tasks of a kernel that is here"}
		default:
			s.frame, s.rest, s.left = *h, s.decoder.Payload, h.Number
		}
	}
	return s.broken
}

// drain runs the tasks of the frame. It returns early after a task that panicked, to
// be called again: one recover for the panic, none for a task that behaves.
func (s *server) drain() (err error) {
	running := false
	defer func() {
		if !running {
			return
		}
		failure := strategies.ErrGoexit
		if p := recover(); p != nil {
			failure = &strategies.PanicError{Value: p, Stack: debug.Stack()}
			if s.step != strategies.Applying {
				failure = &strategies.CodecError{Kernel: s.name(), Step: s.step.String(), Err: failure}
			}
		}
		if err = s.fail(failure); err != nil {
			s.broken = err // if the goroutine is ending, nobody sees err
		}
	}()
	apply := s.calls[s.frame.Kernel]
	for s.left > 0 {
		if s.filled > wire.BufferSize/2 {
			if err := s.flush(); err != nil {
				return err
			}
			s.clock.flushed()
		}
		input, rest, ok := wire.NextTask(s.rest)
		if !ok {
			return &wire.FrameError{Header: s.frame, Reason: "tasks are cut short"}
		}
		s.rest, s.left = rest, s.left-1
		if s.frame.Flags&wire.FlagTimed != 0 {
			s.page.Begin()
		}
		if s.frame.Kind == wire.KindTasks && !s.claim() {
			s.left = 0 // recalled, with all that follow in this frame
			return nil
		}
		at := s.filled + wire.TaskHeaderLen
		if s.open < 0 {
			at += wire.HeaderLen
		}
		dst := s.page.Buffer[at:at]
		running = true
		out, failure := apply(s.ctx, dst, input)
		running = false
		switch {
		case failure != nil:
			err = s.fail(failure)
		case unsafe.SliceData(out) == unsafe.SliceData(dst) && len(out) <= cap(dst):
			s.put(at, len(out))
		default:
			err = s.send(out)
		}
		if err != nil {
			return err
		}
		if s.clock.late(s.frame.Flags&wire.FlagPrompt != 0) {
			if err := s.flush(); err != nil {
				return err
			}
			s.clock.flushed()
		}
	}
	return nil
}

// claim starts a task of the frame in the page, unless it was recalled.
func (s *server) claim() bool {
	for {
		if s.frame.Epoch != s.state.Epoch {
			s.state = s.page.State()
			if s.frame.Epoch != s.state.Epoch {
				return false
			}
		}
		state, ok := s.page.Claim(s.state, s.filled)
		s.state = state
		if ok {
			s.number = (state.Started + wire.Tasks - 1) % wire.Tasks
			return true
		}
	}
}

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

// name returns the name of the kernel at work.
func (s *server) name() string { return s.kernels[s.frame.Kernel].KernelName() }

// send adds an output that lies elsewhere: through the buffer if it fits, else behind it.
func (s *server) send(out []byte) error {
	if len(out) > wire.MaxPayload-wire.TaskHeaderLen {
		return s.fail(&strategies.CodecError{
			Kernel: s.name(), Step: strategies.EncodingOutput.String(), Err: wire.ErrTooLarge,
		})
	}
	const head = wire.HeaderLen + wire.TaskHeaderLen
	if s.filled+head+len(out) > wire.BufferSize {
		if err := s.flush(); err != nil {
			return err
		}
	}
	if head+len(out) > wire.BufferSize {
		var b [head]byte
		s.header(wire.KindOutputs, wire.TaskHeaderLen+len(out)).Put(b[:])
		binary.LittleEndian.PutUint32(b[wire.HeaderLen:], uint32(len(out)))
		if err := s.write(b[:]); err != nil {
			return err
		}
		return s.write(out)
	}
	at := s.filled + wire.TaskHeaderLen
	if s.open < 0 {
		at += wire.HeaderLen
	}
	copy(s.page.Buffer[at:], out)
	s.put(at, len(out))
	return nil
}

// fail adds the error of the task that runs.
func (s *server) fail(failure error) error {
	b := wire.AppendError(nil, failure)
	if s.filled+wire.HeaderLen+len(b) > wire.BufferSize {
		if err := s.flush(); err != nil {
			return err
		}
	}
	s.shut()
	if wire.HeaderLen+len(b) > wire.BufferSize {
		var head [wire.HeaderLen]byte
		s.header(wire.KindError, len(b)).Put(head[:])
		if err := s.write(head[:]); err != nil {
			return err
		}
		return s.write(b)
	}
	s.header(wire.KindError, len(b)).Put(s.page.Buffer[s.filled:])
	s.filled += wire.HeaderLen + copy(s.page.Buffer[s.filled+wire.HeaderLen:], b)
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

// read waits for input. There is no more when the parent has closed its end; a frame
// that is cut short by that is an error.
func (s *server) read() (more bool, err error) {
	n, err := s.conn.Read(s.decoder.Space())
	switch {
	case err == io.EOF && s.decoder.Buffered() > 0:
		return false, fmt.Errorf("read from the parent: %w", io.ErrUnexpectedEOF)
	case err == io.EOF:
		return false, nil
	case err != nil:
		return false, fmt.Errorf("read from the parent: %w", err)
	}
	s.decoder.Wrote(n)
	return true, nil
}

// A clock says when results have waited long enough, and reads the time only every
// so many tasks while tasks are fast. So a prompt result waits for 50 µs at most,
// unless a task in the middle of fast ones turns out slow.
type clock struct {
	base     time.Time
	checked  time.Duration // when the time was last read, since base
	sent     time.Duration // when the buffer was last empty, since base
	yielded  time.Duration // when the goroutine last yielded, since base
	every    int           // tasks between two readings
	untilNow int           // tasks until the next one
}

const (
	flushPrompt = 50 * time.Microsecond
	flushAfter  = 2 * time.Millisecond
	slowTask    = 2 * time.Microsecond // from here on the time is read after every task
	mostBlind   = 64                   // tasks between two readings at most
	blindTime   = 16 * time.Microsecond
	yieldAfter  = 2 * time.Millisecond // see late
)

func (c *clock) start() {
	if c.base.IsZero() {
		c.base = time.Now()
	}
	c.every = max(c.every, 1)
	c.checked = time.Since(c.base)
	c.sent = c.checked
	c.untilNow = c.every
}

func (c *clock) flushed() { c.sent = c.checked }

// late is called after every task.
func (c *clock) late(prompt bool) bool {
	if c.untilNow--; c.untilNow > 0 {
		return false
	}
	now := time.Since(c.base)
	took := (now - c.checked) / time.Duration(c.every)
	if took > slowTask {
		c.every = 1
	} else {
		c.every = max(1, min(2*c.every, mostBlind, int(blindTime/max(took, 1))))
	}
	c.checked, c.untilNow = now, c.every
	if now-c.yielded > yieldAfter {
		// Nobody waits for this thread. But a goroutine that runs for 10 ms makes Go's
		// monitor thread wake every 20 µs for a while, on a core that is busy.
		runtime.Gosched()
		c.yielded = now
	}
	// A slow task will probably be followed by another: do not wait behind it.
	after := flushAfter
	if prompt {
		after = flushPrompt
	}
	return now-c.sent > after || took > flushPrompt/4 && prompt
}

//go:build unix

package worker

import (
	"context"
	"fmt"
	"io"
	"unsafe"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/shared"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A server runs the tasks that arrive on one channel. Only one goroutine at a time uses it. If a
// task ends this goroutine by Goexit, a new goroutine continues with the same state.
type server struct {
	kernels []work.Callable
	calls   []work.Bound // functions of the kernels, by index
	step    work.Step    // step of the current call
	ctx     context.Context
	arena   *shared.Borrowed // nil if the pool has none
	decoder wire.Decoder
	results

	// The Tasks frame whose tasks are being run.
	frame wire.Header
	rest  []byte // tasks of the frame that are not decoded yet
	left  uint32 // number of tasks in rest

	clock  clock
	term   termination
	broken error // error of the channel that occurred while a task was ending the goroutine
}

// run handles the frames from the parent until the input ends. If a task ends the serving goroutine
// by Goexit, run starts a new one.
func (s *server) run() error {
	for _, k := range s.kernels {
		s.calls = append(s.calls, k.Bind(&s.step))
	}
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

var errEnded = fmt.Errorf("a task ended the goroutine: %w", work.ErrGoexit)

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
			if !s.term.rest() {
				return nil
			}
			more, err := s.read()
			s.term.work()
			if err != nil || !more {
				return err
			}
			s.clock.start()
		case h.Kind != wire.KindTasks && h.Kind != wire.KindInit || int64(h.Kernel) >= int64(len(s.kernels)):
			return &wire.FrameError{Header: *h, Reason: "the frame does not have tasks for a kernel of this worker"}
		default:
			s.frame, s.rest, s.left = *h, s.decoder.Payload, h.Number
			s.kernel = h.Kernel
		}
	}
	return s.broken
}

// drain runs the tasks of the current frame. If a task panics, drain returns early, and the caller
// must call it again. So a single deferred recover is enough for many tasks.
func (s *server) drain() (err error) {
	running := false
	defer func() {
		if !running {
			return
		}
		failure := work.Caught(recover())
		s.arena.NextTask()
		if s.step != work.Applying {
			failure = s.refused(failure)
		}
		if err = s.fail(failure); err != nil {
			s.broken = err // the result err is lost if the goroutine is ending
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
		input, behind, ok := wire.NextTask(s.rest)
		if !ok {
			return &wire.FrameError{Header: s.frame, Reason: "tasks are incomplete"}
		}
		s.rest, s.left = behind, s.left-1
		if s.frame.Flags&wire.FlagTimed != 0 {
			s.page.Begin()
		}
		if s.frame.Kind == wire.KindTasks && !s.claim() {
			s.left = 0 // this task and the rest of the frame were recalled
			return nil
		}
		at := s.filled + wire.TaskHeaderLen
		if s.open < 0 {
			at += wire.HeaderLen
		}
		dst := s.page.Buffer[at:at]
		if s.large != nil {
			dst = s.large[:0]
		}
		running = true
		out, rest, failure := apply(s.ctx, dst, input)
		running = false
		s.arena.NextTask()
		switch {
		case failure != nil:
			err = s.fail(failure)
		case rest == nil && s.large == nil && unsafe.SliceData(out) == unsafe.SliceData(dst) && len(out) <= cap(dst):
			s.put(at, len(out))
		case len(out)+len(rest) > wire.MaxPayload-wire.TaskHeaderLen:
			s.step = work.EncodingOutput
			err = s.fail(s.refused(wire.ErrTooLarge))
		case rest != nil:
			err = s.pass(out, rest)
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

// refused returns err, an error of a codec, as a CodecError of the current kernel.
func (s *server) refused(err error) error {
	return &work.CodecError{Kernel: s.kernels[s.kernel].KernelName(), Step: s.step.String(), Err: err}
}

// fail records the error failure as the outcome of the current task.
func (s *server) fail(failure error) error {
	return s.add(wire.AppendError(make([]byte, wire.HeaderLen), failure, s.kernels[s.kernel].Declared()))
}

// claim records in the page (memory shared with the parent) that the next task of the frame has
// started. It returns false if the parent has recalled this task, so that it must not run.
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

// read waits for bytes from the parent and passes them to the decoder. It returns false when the
// parent has closed its end. If the input ends within a frame, read returns an error.
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

package strategies

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"runtime/debug"
	"sync/atomic"
)

// A cursor is how far a drain has come in what it claimed. It outlives the call that
// a panic ended, so that the drain goes on behind the task that panicked.
type cursor struct {
	i, hi int // i is running or next; up to hi is claimed
	n     int // outcomes recorded, for the count at the end

	failed int // of n
}

// caught turns what recover returned in a task that did not end normally into the
// task's error; nil means that the task called runtime.Goexit.
func caught(p any) error {
	if p == nil {
		return ErrGoexit
	}
	return &PanicError{Value: p, Stack: debug.Stack()}
}

// taskError gives err the number of its task, taking the worker out of a WorkerError.
func taskError(task int, err error) *TaskError {
	if e, ok := err.(*WorkerError); ok {
		return &TaskError{Task: task, Worker: e.Worker, Attempt: e.Attempt, Err: e.Err}
	}
	return &TaskError{Task: task, Err: err}
}

// A stopper holds why a job was cancelled.
type stopper struct{ cause atomic.Pointer[error] }

// Cancel stores the first cause and reports whether this was it.
func (s *stopper) set(cause error) bool { return s.cause.CompareAndSwap(nil, &cause) }

// Cancelled implements [Job].
func (s *stopper) Cancelled() error {
	if p := s.cause.Load(); p != nil {
		return *p
	}
	return nil
}

// encodeAll is [Job.AppendInputs] over the slots of in.
func encodeAll[T any](kernel string, c Codec[T], dst *[]byte, s *Span, limit int, in []T) (rest []byte, err error) {
	refused := func(err error) ([]byte, error) {
		return nil, &CodecError{Kernel: kernel, Step: EncodingInput.String(), Err: err}
	}
	defer func() {
		if p := recover(); p != nil {
			rest, err = refused(caught(p))
		}
	}()
	if c.Append == nil {
		return refused(errNoCodec)
	}
	b := *dst
	for i := s.Lo; i < s.Hi && len(b) < limit && rest == nil; i++ {
		at := len(b)
		b = binary.LittleEndian.AppendUint32(b, noLength)
		if c.Lend != nil {
			b, rest = c.lend(b, in[i])
		} else if b, err = c.Append(b, in[i]); err != nil {
			return refused(err)
		}
		n := len(b) - at - 4
		if n < 0 || binary.LittleEndian.Uint32(b[at:]) != noLength {
			return refused(errNotAppended)
		}
		if n += len(rest); n > math.MaxUint32 {
			return refused(errTooLong)
		}
		binary.LittleEndian.PutUint32(b[at:], uint32(n))
		*dst, s.Lo = b, i+1
	}
	return rest, nil
}

// noLength stands where the length of an input comes, so that a codec which returns other bytes
// than those it was given, and its own behind them, fails its task and does not spoil others.
const noLength = 0xa55ac33c

// decodeAll is [Job.SetOutputs] over the slots of out.
func decodeAll[T any](kernel string, c Codec[T], src *[]byte, s *Span, give func() bool, out []T) (err error) {
	refused := func(err error) error {
		return &CodecError{Kernel: kernel, Step: DecodingOutput.String(), Err: err}
	}
	defer func() {
		if p := recover(); p != nil {
			err = refused(caught(p))
		}
	}()
	asked, given := c.Adopt == nil || give == nil, false
	for b := *src; len(b) > 0 && s.Lo < s.Hi; s.Lo++ {
		n := 4 + int(binary.LittleEndian.Uint32(b))
		one := b[4:n:n]
		b = b[n:]
		*src = b
		if c.Decode == nil {
			return refused(errNoCodec)
		}
		decode := c.Decode
		if len(one) >= LentFrom { // a smaller value would keep the frame of many for itself
			if !asked {
				asked, given = true, give()
			}
			if given {
				decode = c.Adopt
			}
		}
		v, err := decode(one)
		if err != nil {
			return refused(err)
		}
		out[s.Lo] = v
	}
	return nil
}

var (
	errNoCodec     = errors.New("the kernel has no codec, so its tasks cannot leave this process")
	errNotAppended = errors.New("the codec did not append to the bytes that it was given")
	errTooLong     = errors.New("longer than 4 GiB")
)

// watch cancels job when ctx ends; the returned func ends the watch.
func watch(ctx context.Context, job Job) (stop func() bool) {
	if ctx.Done() == nil {
		return func() bool { return true }
	}
	return context.AfterFunc(ctx, func() { job.Cancel(context.Cause(ctx)) })
}

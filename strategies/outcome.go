package strategies

import (
	"context"
	"fmt"
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

// encode appends v with the kernel's codec; an error or a panic there is a CodecError.
func encode[T any](kernel string, c Codec[T], dst []byte, v T) (b []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			b, err = dst, &CodecError{Kernel: kernel, Step: "encode input", Err: caught(p)}
		}
	}()
	if c.Append == nil {
		return dst, &CodecError{Kernel: kernel, Step: "encode input", Err: errNoCodec}
	}
	b, err = c.Append(dst, v)
	if err != nil {
		return dst, &CodecError{Kernel: kernel, Step: "encode input", Err: err}
	}
	return b, nil
}

// decode reads an output with the kernel's codec; an error or a panic there is a
// CodecError.
func decode[T any](kernel string, c Codec[T], src []byte) (v T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &CodecError{Kernel: kernel, Step: "decode output", Err: caught(p)}
		}
	}()
	if c.Decode == nil {
		return v, &CodecError{Kernel: kernel, Step: "decode output", Err: errNoCodec}
	}
	v, err = c.Decode(src)
	if err != nil {
		return v, &CodecError{Kernel: kernel, Step: "decode output", Err: err}
	}
	return v, nil
}

var errNoCodec = fmt.Errorf("the kernel has no codec, so its tasks cannot leave this process")

// watch cancels job when ctx ends; the returned func ends the watch.
func watch(ctx context.Context, job Job) (stop func() bool) {
	if ctx.Done() == nil {
		return func() bool { return true }
	}
	return context.AfterFunc(ctx, func() { job.Cancel(context.Cause(ctx)) })
}

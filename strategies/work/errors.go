package work

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// ErrClosed is the answer of an executor to new work after Close or Stop, and the outcome of
// tasks that Stop left unfinished.
var ErrClosed = errors.New("executor is closed")

// ErrNested is the answer of an executor to a job, or to a wait, of one of its own tasks that
// would deadlock: the task holds a worker, and the job would wait for that worker.
var ErrNested = errors.New("a task of this executor waits for this job, and this strategy cannot run it in the task's stead")

// ErrGoexit is the outcome of a task that called [runtime.Goexit].
var ErrGoexit = errors.New("task called runtime.Goexit")

// An OptionError is an option that makes no sense, or that a strategy or a call cannot
// honour.
type OptionError struct {
	Strategy string // empty if the option is refused whatever the strategy
	Option   string
	Value    any
	Reason   string
}

func (e *OptionError) Error() string {
	if e.Strategy != "" {
		return fmt.Sprintf("strategy %s: option %s = %v: %s", e.Strategy, e.Option, e.Value, e.Reason)
	}
	return fmt.Sprintf("option %s = %v: %s", e.Option, e.Value, e.Reason)
}

// A Worker identifies a worker process.
type Worker struct {
	Name       string // w0, w1, …: the slot, which outlives the process
	PID        int
	Generation int // number of processes that had the slot before
}

func (w *Worker) String() string {
	return fmt.Sprintf("worker %s (pid %d, generation %d)", w.Name, w.PID, w.Generation)
}

// A PanicError is the outcome of a task that panicked.
type PanicError struct {
	Value any // of a task in a worker process its text
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the panic's value when that is an error.
func (e *PanicError) Unwrap() error { err, _ := e.Value.(error); return err }

// Caught returns the error of a task that did not end normally, from the result of recover
// in it: ErrGoexit for nil, else a [PanicError] with the stack.
func Caught(recovered any) error {
	if recovered == nil {
		return ErrGoexit
	}
	return &PanicError{Value: recovered, Stack: debug.Stack()}
}

// A CodecError is an input or an output that could not be encoded or decoded.
type CodecError struct {
	Kernel string
	Step   string // "encode input", "decode input", "encode output", "decode output"
	Err    error
}

func (e *CodecError) Error() string { return fmt.Sprintf("kernel %s: %s: %v", e.Kernel, e.Step, e.Err) }
func (e *CodecError) Unwrap() error { return e.Err }

// A RemoteError is an error that a kernel returned in a worker process: its text, the name
// of its type and, for a panic or where it is known, the remote stack.
type RemoteError struct {
	Type    string
	Message string
	Stack   []byte
	// Declared is the position, from 1, of the error in the errors that the kernel declares;
	// 0 for none of them.
	Declared int
	// Err is the declared error; nil for none.
	Err error
}

func (e *RemoteError) Error() string { return e.Message }

// Unwrap returns the declared error, so that errors.Is finds it on this side of the border.
func (e *RemoteError) Unwrap() error { return e.Err }

// A LostError is the outcome of a task whose worker process was lost while the task ran, or
// may have run.
type LostError struct {
	Cause    string // "exit status 3", "signal: killed", …
	ExitCode int    // of the process; -1 if a signal ended it, or it is not known
	Signal   int    // that ended the process; 0 if none did, or it is not known
	Stderr   string // the last lines of the worker's standard error
}

func (e *LostError) Error() string {
	if e.Stderr != "" {
		return fmt.Sprintf("worker lost: %s; its last words: %s", e.Cause, e.Stderr)
	}
	return "worker lost: " + e.Cause
}

// A TimeoutError is the outcome of a task that was still running at the limit of its job. It
// is a [context.DeadlineExceeded], as the error of a task whose context ended often is;
// errors.As distinguishes the two.
type TimeoutError struct{ Limit time.Duration }

func (e *TimeoutError) Error() string { return fmt.Sprintf("task ran for longer than %v", e.Limit) }

// Is reports whether target is [context.DeadlineExceeded].
func (e *TimeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// Timeout reports that it is a timeout, as errors of package net do.
func (e *TimeoutError) Timeout() bool { return true }

// A StrayError reports tasks that ran past their limit and still run, so that Close or Stop
// could not free everything. The rest is freed when the tasks return.
type StrayError struct {
	Strategy string
	Tasks    int
	Cause    error // why Stop no longer waits for them; nil for Close, which does not wait
}

func (e *StrayError) Error() string {
	s := fmt.Sprintf("strategy %s: %s past the limit, still running", e.Strategy, CountTasks(e.Tasks))
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

func (e *StrayError) Unwrap() error { return e.Cause }

// CountTasks returns n with the word task in the right number.
func CountTasks(n int) string {
	if n == 1 {
		return "1 task"
	}
	return fmt.Sprintf("%d tasks", n)
}

package work

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// ErrClosed is the error for work submitted after Close or Stop. It is also the error of tasks that
// Stop left unfinished.
var ErrClosed = errors.New("executor is closed")

// ErrNested is the error of a task that starts a job on its own executor, or waits for one, when
// this would deadlock: the task holds the worker that the job needs.
var ErrNested = errors.New("nested job would deadlock: this strategy cannot run it within the calling task")

// ErrGoexit is the error of a task that called [runtime.Goexit].
var ErrGoexit = errors.New("task called runtime.Goexit")

// An OptionError reports an option that has an invalid value, or that a strategy or a function does
// not support.
type OptionError struct {
	Strategy string // empty if the error does not depend on the strategy
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

// CheckContext returns an OptionError if ctx is nil, else nil.
func CheckContext(ctx context.Context) error {
	if ctx == nil {
		return &OptionError{Option: "ctx", Value: nil, Reason: "must not be nil; pass context.TODO() if there is none yet"}
	}
	return nil
}

// A Worker identifies a worker process.
type Worker struct {
	Name       string // w0, w1, …; a process that replaces another process takes over its name
	PID        int
	Generation int // number of earlier processes with this name
}

func (w *Worker) String() string {
	return fmt.Sprintf("worker %s (pid %d, generation %d)", w.Name, w.PID, w.Generation)
}

// A PanicError is the error of a task that panicked.
type PanicError struct {
	Value any // the panic value; its text if the task ran in a worker process
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the value of the panic if it is an error, else nil.
func (e *PanicError) Unwrap() error { err, _ := e.Value.(error); return err }

// Caught returns the error of a task that panicked or called Goexit. recovered is the result of
// recover: for nil the error is ErrGoexit, else a [PanicError] with the current stack.
func Caught(recovered any) error {
	if recovered == nil {
		return ErrGoexit
	}
	return &PanicError{Value: recovered, Stack: debug.Stack()}
}

// A CallbackError reports that a function of the user, other than the Func of a kernel, panicked or
// called [runtime.Goexit].
type CallbackError struct {
	Callback string // "chunk policy", "key function" or "resumable form"
	Err      error  // a [*PanicError] or [ErrGoexit]
}

func (e *CallbackError) Error() string { return e.Callback + ": " + e.Err.Error() }
func (e *CallbackError) Unwrap() error { return e.Err }

// A CodecError reports an input or an output that could not be encoded or decoded.
type CodecError struct {
	Kernel string
	Step   string // "encode input", "decode input", "encode output", "decode output"
	Err    error
}

func (e *CodecError) Error() string { return fmt.Sprintf("kernel %s: %s: %v", e.Kernel, e.Step, e.Err) }
func (e *CodecError) Unwrap() error { return e.Err }

// A RemoteError reports an error that a kernel returned in a worker process. Only the text of that
// error and the name of its type reach the parent process. There, errors.As finds the RemoteError
// but not the original type. errors.Is finds the original error in two cases:
//
//   - The kernel declares the error in its field Errors.
//   - The task ended because Stop ended its context; the error is ErrClosed.
//
// A panic in a worker process is no RemoteError, but a PanicError with the value as text.
type RemoteError struct {
	Type    string // name of the type of the error
	Message string // text of the error
	Stack   []byte // stack in the worker process where the error arose; empty if unknown
	// Declared is the position of the error in the list of errors that the kernel declares, counted
	// from 1. It is 0 for an error that is not in the list.
	Declared int
	Err      error // the declared error at position Declared, or nil
}

func (e *RemoteError) Error() string { return e.Message }

// Unwrap returns the declared error of the kernel that the original error matches, or nil if there
// is none. errors.Is finds this error in the parent process.
func (e *RemoteError) Unwrap() error { return e.Err }

// A LostError is the error of a task whose worker process was lost while it ran the task, or was
// about to run it.
type LostError struct {
	Cause    string // "exit status 3", "signal: killed", …
	ExitCode int    // exit code of the process; -1 if it is unknown, or a signal ended the process
	Signal   int    // signal that ended the process; 0 if it is unknown, or the process exited
	Stderr   string // last lines of the worker's standard error
}

func (e *LostError) Error() string {
	if e.Stderr != "" {
		return fmt.Sprintf("worker lost: %s; standard error: %s", e.Cause, e.Stderr)
	}
	return "worker lost: " + e.Cause
}

// A TimeoutError is the error of a task that was still running at the time limit of its job.
// errors.Is reports that it matches [context.DeadlineExceeded]. A task whose own context ends may
// return context.DeadlineExceeded too, so use errors.As to distinguish the two cases.
type TimeoutError struct{ Limit time.Duration }

func (e *TimeoutError) Error() string { return fmt.Sprintf("task ran for longer than %v", e.Limit) }

// Is reports whether target is [context.DeadlineExceeded].
func (e *TimeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// Timeout returns true. The method marks a timeout, as it does in errors of package net.
func (e *TimeoutError) Timeout() bool { return true }

// A StrayError reports that tasks past their time limit still run, so Close or Stop could not free
// all resources. The executor frees the remaining resources when these tasks return.
type StrayError struct {
	Strategy string
	Tasks    int   // number of tasks past their limit
	Cause    error // why Stop stopped waiting; nil for Close, which does not wait
}

func (e *StrayError) Error() string {
	s := fmt.Sprintf("strategy %s: %s still running past the time limit", e.Strategy, CountTasks(e.Tasks))
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

func (e *StrayError) Unwrap() error { return e.Cause }

// CountTasks returns "1 task", or n followed by "tasks".
func CountTasks(n int) string {
	if n == 1 {
		return "1 task"
	}
	return fmt.Sprintf("%d tasks", n)
}

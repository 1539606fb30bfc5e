package strategies

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrClosed is what submitters get from an executor after Close or Stop, and the
// outcome of tasks that Stop left unfinished.
var ErrClosed = errors.New("executor is closed")

// An OptionError is an option that makes no sense, or that a strategy cannot keep.
type OptionError struct {
	Strategy string // empty when no strategy could keep it
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

// A TaskError is the failure of one task. It knows the task's number in its job and,
// where the worker was a process, which one.
type TaskError struct {
	Task   int     // number in the job, from 0
	Worker *Worker // nil for a worker in this process
	// Attempt is how often the task had been lost with its worker before, and was run
	// again as Options.Retries allowed.
	Attempt int
	Err     error // what the kernel returned, or a PanicError, ErrGoexit, CodecError, LostError, TimeoutError…

	skipped bool // it never started, because the job was cancelled
}

func (e *TaskError) Error() string {
	switch {
	case e.Worker != nil && e.Attempt > 0:
		return fmt.Sprintf("task %d, attempt %d, on %s: %v", e.Task, e.Attempt+1, e.Worker, e.Err)
	case e.Worker != nil:
		return fmt.Sprintf("task %d on %s: %v", e.Task, e.Worker, e.Err)
	}
	return fmt.Sprintf("task %d: %v", e.Task, e.Err)
}

func (e *TaskError) Unwrap() error { return e.Err }

// A Worker identifies a worker process.
type Worker struct {
	Name       string // w0, w1, …: the slot, which outlives the process
	PID        int
	Generation int // how many processes had the slot before
}

func (w *Worker) String() string {
	return fmt.Sprintf("worker %s (pid %d, generation %d)", w.Name, w.PID, w.Generation)
}

// A WorkerError is a failure together with the worker process that it happened on.
// An executor passes it to [Job.Fail], which turns it into the TaskError.
type WorkerError struct {
	Worker  *Worker
	Attempt int // as in a TaskError
	Err     error
}

func (e *WorkerError) Error() string { return fmt.Sprintf("%s: %v", e.Worker, e.Err) }
func (e *WorkerError) Unwrap() error { return e.Err }

// A PanicError is a task that panicked.
type PanicError struct {
	Value any // in a worker process: its text
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the panic's value when that is an error.
func (e *PanicError) Unwrap() error { err, _ := e.Value.(error); return err }

// ErrGoexit is a task that called [runtime.Goexit].
var ErrGoexit = errors.New("task called runtime.Goexit")

// A CodecError is an input or an output that could not be encoded or decoded.
type CodecError struct {
	Kernel string
	Step   string // "encode input", "decode input", "encode output", "decode output"
	Err    error
}

func (e *CodecError) Error() string { return fmt.Sprintf("kernel %s: %s: %v", e.Kernel, e.Step, e.Err) }
func (e *CodecError) Unwrap() error { return e.Err }

// A RemoteError is an error that a kernel returned in a worker process: its text,
// its type's name and, for a panic or where it is known, the stack over there.
type RemoteError struct {
	Type    string
	Message string
	Stack   []byte
}

func (e *RemoteError) Error() string { return e.Message }

// A LostError is a task whose worker process was lost while it ran, or may have.
type LostError struct {
	Cause  string // "exit status 3", "signal: killed", …
	Stderr string // the last lines of the worker's standard error
}

func (e *LostError) Error() string {
	if e.Stderr != "" {
		return fmt.Sprintf("worker lost: %s; its last words: %s", e.Cause, e.Stderr)
	}
	return "worker lost: " + e.Cause
}

// A TimeoutError is a task that was still running at its job's limit. It is a
// [context.DeadlineExceeded], as what a task makes of the end of its context often is;
// errors.As tells the two apart.
type TimeoutError struct{ Limit time.Duration }

func (e *TimeoutError) Error() string { return fmt.Sprintf("task ran for longer than %v", e.Limit) }

// Is reports whether target is [context.DeadlineExceeded].
func (e *TimeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// Timeout reports that it is a timeout, as errors of package net do.
func (e *TimeoutError) Timeout() bool { return true }

// An InputError is a stream whose input panicked or yielded an error: Task is the number
// of the task that could not be pulled. All tasks before it have been delivered.
type InputError struct {
	Task int
	Err  error
}

func (e *InputError) Error() string { return fmt.Sprintf("input of task %d: %v", e.Task, e.Err) }
func (e *InputError) Unwrap() error { return e.Err }

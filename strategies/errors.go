package strategies

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/payoff-bench/payoff/strategies/work"
)

// These types are the errors that executors return. Package work defines each of them and documents
// its fields.
type (
	OptionError   = work.OptionError   // an option is invalid or unsupported
	PanicError    = work.PanicError    // a task panicked
	CallbackError = work.CallbackError // a chunk policy, a key function or a resumable form panicked
	CodecError    = work.CodecError    // an input or output could not be encoded or decoded
	RemoteError   = work.RemoteError   // a kernel in a worker process returned an error
	LostError     = work.LostError     // the worker process that ran the task, or may have run it, was lost
	TimeoutError  = work.TimeoutError  // a task was still running at its limit
	StrayError    = work.StrayError    // after Close or Stop, some tasks still run beyond their limit
	PollError     = work.PollError     // a Loop cannot wait for a descriptor
)

var (
	ErrClosed    = work.ErrClosed   // the executor was closed or stopped
	ErrNested    = work.ErrNested   // a task would deadlock by waiting for its own executor
	ErrGoexit    = work.ErrGoexit   // a task called runtime.Goexit
	ErrNoPoller  = work.ErrNoPoller // a Loop can wait for descriptors only on Linux
	ErrCancelled = errors.New("the future was cancelled")
)

// A TaskError is the error of one task that has no output.
type TaskError struct {
	Task    int     // number in the job, from 0
	Worker  *Worker // nil for a worker in this process
	Attempt int     // number of times that the task started: 0 if never, more than 1 if it was rerun after a worker process was lost
	Err     error   // error of the kernel, or a PanicError, ErrGoexit, CodecError, LostError, TimeoutError…
}

func (e *TaskError) Error() string {
	switch {
	case e.Worker != nil && e.Attempt > 1:
		return fmt.Sprintf("task %d, attempt %d, on %s: %v", e.Task, e.Attempt, e.Worker, e.Err)
	case e.Worker != nil:
		return fmt.Sprintf("task %d on %s: %v", e.Task, e.Worker, e.Err)
	}
	return fmt.Sprintf("task %d: %v", e.Task, e.Err)
}

func (e *TaskError) Unwrap() error { return e.Err }

// taskError returns the error of a task that failed with err. The parameter by identifies the
// worker. If err comes from a worker process and matches an error declared in k.Errors, the
// TaskError also wraps the declared error.
func (k *Kernel[In, Out]) taskError(task int, by work.By, err error) *TaskError {
	if r, ok := err.(*RemoteError); ok && r.Declared > 0 && r.Declared <= len(k.Errors) {
		r.Err = k.Errors[r.Declared-1]
	}
	return &TaskError{Task: task, Worker: by.Process, Attempt: max(by.Attempt, 1), Err: err}
}

// unstarted returns the error of a task that never starts. cause says why.
func unstarted(task int, cause error) *TaskError { return &TaskError{Task: task, Err: cause} }

// A JobError reports that tasks of a job have no output, or that a job ended before its input did.
//
// [JobError.Failures] and [JobError.Task] also return errors of tasks that never started: each has
// Attempt 0 and wraps the field Cause. [JobError.Unwrap] leaves these errors out and returns Cause
// instead.
//
// An executor with worker processes cancels its jobs when it can no longer start a process. It also
// does so when a signal kills every process before its first task. Cause then wraps the StartError
// of package procs. Queued tasks never start, and a task on a lost worker fails with a [LostError].
type JobError struct {
	Succeeded int        // number of tasks with an output
	Failed    int        // number of tasks that failed after their start, or could not be sent to a worker
	Skipped   int        // number of tasks that never started because the job was cancelled
	Cause     error      // why the job ended early: cause of its context, an InputError, or the first failure with FailFast; else nil
	Hook      *HookError // error of the hooks that panicked, which does not make their tasks fail; else nil

	failed  []*TaskError // in the order of task numbers
	skipped []work.Span  // in the order of task numbers
}

func (e *JobError) Error() string {
	total := e.Succeeded + e.Failed + e.Skipped
	first := ""
	if len(e.failed) > 0 {
		first = "; first: " + e.failed[0].Error()
	}
	switch {
	case e.Cause != nil:
		s := "stopped after " + work.CountTasks(e.Succeeded+e.Failed)
		if e.Failed > 0 {
			s += fmt.Sprintf(" (%d failed)", e.Failed)
		}
		if e.Skipped > 0 {
			s += fmt.Sprintf(", %d not started", e.Skipped)
		}
		if e.Failed > 0 && error(e.failed[0]) == e.Cause {
			return s + first
		}
		return s + ": " + e.Cause.Error() + first
	case e.Failed == 0 && e.Hook != nil:
		return e.Hook.Error()
	case e.Failed == 1 && len(e.failed) == 1:
		return e.failed[0].Error()
	}
	return fmt.Sprintf("%d of %s failed%s", e.Failed, work.CountTasks(total), first)
}

// Unwrap returns the errors of the failed tasks and the errors in the fields Cause and Hook.
func (e *JobError) Unwrap() []error {
	var errs []error
	for _, t := range e.failed {
		errs = append(errs, t)
	}
	if e.Cause != nil {
		errs = append(errs, e.Cause)
	}
	if e.Hook != nil {
		errs = append(errs, e.Hook)
	}
	return errs
}

// Failures yields the error of each task without an output, in the order of task numbers. The error
// of a task that never started has Attempt 0 and wraps Cause. If the JobError comes from
// [Kernel.Drain], Failures yields only the first 16 failed tasks.
func (e *JobError) Failures() iter.Seq[*TaskError] {
	return func(yield func(*TaskError) bool) {
		failed, skipped := e.failed, e.skipped
		for len(failed)+len(skipped) > 0 {
			if len(skipped) == 0 || len(failed) > 0 && failed[0].Task < skipped[0].Lo {
				if !yield(failed[0]) {
					return
				}
				failed = failed[1:]
				continue
			}
			for i := skipped[0].Lo; i < skipped[0].Hi; i++ {
				if !yield(unstarted(i, e.Cause)) {
					return
				}
			}
			skipped = skipped[1:]
		}
	}
}

// Task returns the error of task i, or nil if it has an output.
func (e *JobError) Task(i int) error {
	if at, ok := slices.BinarySearchFunc(e.failed, i, func(t *TaskError, i int) int { return cmp.Compare(t.Task, i) }); ok {
		return e.failed[at]
	}
	for _, s := range e.skipped {
		if s.Lo <= i && i < s.Hi {
			return unstarted(i, e.Cause)
		}
	}
	return nil
}

// An InputError reports that the input of a stream panicked or yielded an error. The stream
// delivers the outcomes of all earlier tasks before this error.
type InputError struct {
	Task int // number of the task that could not be pulled
	Err  error
}

func (e *InputError) Error() string { return fmt.Sprintf("input of task %d: %v", e.Task, e.Err) }
func (e *InputError) Unwrap() error { return e.Err }

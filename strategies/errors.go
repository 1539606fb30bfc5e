package strategies

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/strategies/work"
)

// Errors of executors, with their fields in package work.
type (
	OptionError  = work.OptionError  // an option that makes no sense, or cannot be honoured
	PanicError   = work.PanicError   // a task panicked
	CodecError   = work.CodecError   // an input or output could not be encoded or decoded
	RemoteError  = work.RemoteError  // a kernel in a worker process returned an error
	LostError    = work.LostError    // the worker process was lost while the task ran, or may have
	TimeoutError = work.TimeoutError // a task was still running at its limit
	StrayError   = work.StrayError   // tasks past their limit still run after Close or Stop
	PollError    = work.PollError    // a descriptor cannot be waited for
)

var (
	ErrClosed    = work.ErrClosed   // the executor was closed or stopped
	ErrNested    = work.ErrNested   // the wait of a task for its own executor would deadlock
	ErrGoexit    = work.ErrGoexit   // a task called runtime.Goexit
	ErrNoPoller  = work.ErrNoPoller // descriptors can be waited for on Linux only
	ErrCancelled = errors.New("the future was cancelled")
)

// A TaskError is the failure of one task.
type TaskError struct {
	Task    int     // number in the job, from 0
	Worker  *Worker // nil for a worker in this process
	Attempt int     // times that the task was started: more than 1 if it was lost with its worker and run again, 0 if it never started
	Err     error   // from the kernel, or a PanicError, ErrGoexit, CodecError, LostError, TimeoutError…
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

// taskError returns the failure of a task that a worker started.
func (k *Kernel[In, Out]) taskError(task int, by work.By, err error) *TaskError {
	if r, ok := err.(*RemoteError); ok && r.Declared > 0 && r.Declared <= len(k.Errors) {
		r.Err = k.Errors[r.Declared-1]
	}
	return &TaskError{Task: task, Worker: by.Process, Attempt: max(by.Attempt, 1), Err: err}
}

// unstarted returns the failure of a task that never starts.
func unstarted(task int, cause error) *TaskError { return &TaskError{Task: task, Err: cause} }

// A JobError reports the tasks of a job that have no output, or the end of a job before its
// input.
type JobError struct {
	Succeeded int        // tasks
	Failed    int        // tasks that started, or could not be sent to a worker
	Skipped   int        // tasks that never started because the job was cancelled
	Cause     error      // of the job's early end: its context's, an InputError, the first failure with FailFast; else nil
	Hook      *HookError // the first hook that panicked; by itself no task's failure

	failed  []*TaskError // by number
	skipped []work.Span  // by number
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

// Unwrap returns the failures, the cause and the error of hooks.
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

// Failures yields the error of each task that has no output, by number: those that failed, and,
// with Attempt 0 and the cause, those that never started. That of [Kernel.Drain] yields the first 16
// that failed.
func (e *JobError) Failures() iter.Seq[*TaskError] {
	return func(yield func(*TaskError) bool) {
		failed := e.failed
		before := func(task int) bool { // yields the failures before task
			for ; len(failed) > 0 && failed[0].Task < task; failed = failed[1:] {
				if !yield(failed[0]) {
					return false
				}
			}
			return true
		}
		for _, s := range e.skipped {
			if !before(s.Lo) {
				return
			}
			for i := s.Lo; i < s.Hi; i++ {
				if !yield(unstarted(i, e.Cause)) {
					return
				}
			}
		}
		before(math.MaxInt) // a stream has no last number
	}
}

// Task returns the error of task i; nil if it has an output.
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

// An InputError reports a stream whose input panicked or yielded an error. All tasks before it
// have been delivered.
type InputError struct {
	Task int // number of the task that could not be pulled
	Err  error
}

func (e *InputError) Error() string { return fmt.Sprintf("input of task %d: %v", e.Task, e.Err) }
func (e *InputError) Unwrap() error { return e.Err }
